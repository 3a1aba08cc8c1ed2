/* SPDX-License-Identifier: Apache-2.0
 *
 * args: the client's settings: arguments only; the client reads no file and no variables. */
#pragma once

#include "base/option.h"
#include "wire/severity.h"

#define ARGS_LEVELS_MAX 14u /* the level names there are */
#define ARGS_WEIGHT_MAX 1000u

/* A line of --file that is longer is not sent: it is the ingestor's default limit. */
#define ARGS_RECORD_BYTES_MAX (256u * 1024u)

/* The type that is known without a registry. */
#define ARGS_TYPE_DEFAULT   "LogEntry"
#define ARGS_TYPE_BYTES_MAX 200u

enum args_format { ARGS_FORMAT_JSON, ARGS_FORMAT_PROTO, ARGS_FORMAT_AVRO, ARGS_FORMAT_RAW };

struct args_level {
    struct span name; /* upper case, static */
    enum severity severity;
    uint32_t weight;
};

/* For `length_ns` of every `period_ns` the rate is `factor` times as high. */
struct args_burst {
    uint64_t factor; /* 0: no bursts */
    uint64_t length_ns;
    uint64_t period_ns;
};

struct args {
    char *address;
    uint64_t tcp_port;
    uint64_t udp_port;
    bool udp;
    char *ca;
    bool insecure;
    char *cert;
    char *key;

    enum args_format format;
    char *type;
    char *registry; /* "": the schemas that are built in */
    char *file;     /* "": generated records; "-": standard input */
    struct option_strings replay;
    uint64_t batch;
    uint64_t interval_ns;
    uint64_t rate;
    bool paced_by_rate; /* --rate was given: it counts, not the interval */
    bool paced;         /* false: as fast as possible */
    char *burst_text;
    struct args_burst burst;
    uint64_t connections;
    uint64_t count;       /* 0: no limit */
    uint64_t duration_ns; /* 0: no limit */
    uint64_t retries;

    uint64_t seed; /* 0: from the clock */
    struct option_strings level_texts;
    struct args_level levels[ARGS_LEVELS_MAX];
    uint32_t level_count;
    struct option_strings fields;

    bool version;
    bool print_options;
    char *help; /* the topic */

    struct option_origins origins;
};

extern const struct option_table args_table;

/* Reads and checks the command line. With --help or --version nothing is checked as a whole. On
 * failure `ret` needs no release. Errors: ERR_UNKNOWN, ERR_SYNTAX, ERR_LIMIT, with a text in the
 * report; ERR_NOMEM, without. */
MUST_CHECK err_t args_load(int argc, char *const *argv, struct args *ret,
                           struct option_report *report);

void args_done(struct args *args);
