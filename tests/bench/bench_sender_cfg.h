/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_sender_cfg: the sender's command line. */
#pragma once

#include "base/option.h"
#include "tests/bench/bench_corpus.h"
#include "tests/bench/bench_flow.h"

struct bench_sender_cfg {
    char *host;
    int32_t tls_port; /* OPTION_PORT_DISABLED: UDP */
    int32_t udp_port;
    enum bench_format format;
    enum bench_texts texts;
    bool marks;
    uint64_t records; /* of all connections together */
    uint64_t connections;
    uint64_t tls_record_bytes; /* 0: one TLS record for each log record */
    enum bench_flow_writes writes;
    uint64_t datagram_bytes; /* 0: one datagram for each log record */
    uint64_t rate;           /* records a second of all connections together; 0: no limit */
    uint64_t duration_ns;    /* the records are sent again and again for so long; 0: once */
    uint64_t quiet;
    uint64_t idle;
    bool controlled;
    bool help;
};

/* Reads the command line (argv[0] is skipped). Writes the error, or the help asked for, to the
 * right stream; `ret_exit` is the status to exit with where ERR_OK is not returned. */
MUST_CHECK err_t bench_sender_cfg_load(int argc, char *const *argv, struct bench_sender_cfg *ret,
                                       int *ret_exit);
void bench_sender_cfg_done(struct bench_sender_cfg *cfg);
