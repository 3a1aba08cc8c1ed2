/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_corpus: a whole stream of log records, encoded before any clock starts. The time in the
 * records advances one second every 100 records, as with the go-client's defaults (100 a batch, one
 * batch a second). The numbers of a stream count its records from 0. */
#pragma once

#include "base/err.h"
#include "tests/bench/bench_text.h"

#include <stdbool.h>

enum bench_format {
    BENCH_FORMAT_JSON,    /* go-client frames of format 1 */
    BENCH_FORMAT_PROTO,   /* of format 2 */
    BENCH_FORMAT_AVRO,    /* of format 3 */
    BENCH_FORMAT_NDJSON,  /* the same objects, ended by LF */
    BENCH_FORMAT_RAW,     /* TIMESTAMP [LEVEL] [SERVICE] MESSAGE LF */
    BENCH_FORMAT_RFC3164, /* ended by LF */
    BENCH_FORMAT_RFC5424, /* octet-counted */
    BENCH_FORMAT_JOURNALD /* an entry of `journalctl -o json`, ended by LF */
};

enum bench_texts { BENCH_TEXTS_GO, BENCH_TEXTS_VARIED };

struct bench_corpus_config {
    enum bench_format format;
    enum bench_texts texts;
    bool marks; /* each message ends " s=SENDER n=NUMBER", by which it can be found again */
    uint32_t sender;
    uint64_t records;
};

struct bench_corpus {
    char *at; /* all records, one behind the other */
    size_t len;
    uint32_t *record_bytes; /* of each, with its framing */
    uint64_t records;
};

/* ERR_NOMEM. */
MUST_CHECK err_t bench_corpus_build(const struct bench_corpus_config *config,
                                    struct bench_corpus *ret);
void bench_corpus_done(struct bench_corpus *c);

/* One record with all its parts chosen by the caller. */
struct bench_entry {
    uint64_t time_ms; /* since 1970 */
    const struct bench_text_level *level;
    struct span message;
    struct span service;
    bool millis;     /* the time is given with milliseconds */
    uint64_t number; /* of its stream; goes into journald's cursor and time only */
};

/* A record is never longer. */
#define BENCH_CORPUS_RECORD_BYTES_MAX (2u * BENCH_TEXT_BYTES_MAX + 1536u)

/* Writes the record with its framing; returns its length. */
size_t bench_corpus_put(enum bench_format format, const struct bench_entry *e, char *out);
