/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_text: what the messages of the load say. Two corpora, both from a fixed seed, so that every
 * run sends the same bytes:
 *   go      one of ten short sentences, with level and service drawn independently of it
 *   varied  200 to 400 bytes of log-like text: sentences drawn from a list and filled with words,
 *           numbers, addresses, paths and identifiers; some hold quotes or are not ASCII */
#pragma once

#include "base/span.h"

#include <stdint.h>

#define BENCH_TEXT_BYTES_MAX 512u

struct bench_text {
    uint64_t state;
};

/* Senders with different ids say different things. */
void bench_text_init(struct bench_text *t, uint64_t sender);

/* A number below `below` (at least 1), nearly evenly spread. */
uint64_t bench_text_draw(struct bench_text *t, uint64_t below);

/* A sentence of the go corpus. Static. */
struct span bench_text_short(struct bench_text *t);

/* Writes a text of the varied corpus, at most BENCH_TEXT_BYTES_MAX bytes; returns its length. */
size_t bench_text_varied(struct bench_text *t, char *out);

struct bench_text_level {
    const char *name;
    unsigned severity; /* of syslog */
};

/* ERROR 5 %, WARN 10 %, INFO 60 %, DEBUG 25 %. Static. */
const struct bench_text_level *bench_text_draw_level(struct bench_text *t);
struct span bench_text_draw_service(struct bench_text *t);
