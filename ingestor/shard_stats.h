/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_stats: everything one shard counts. The shard owns and changes it; others see copies, each
 * of which obeys the law for every format, because one thread counts both sides of it: received =
 * archived + sum(rejected) + sum(dropped) + in_flight One list per family gives the field, the
 * metric's name and its help text. */
#pragma once

#include "base/hist.h"
#include "ingestor/foreign_board.h"
#include "ingestor/peer_board.h"
#include "ingestor/service_board.h"
#include "schema/schema_type.h"
#include "wire/batch.h"
#include "wire/format.h"
#include "wire/reason.h"
#include "wire/severity.h"

#include <stdint.h>

/* X(field, metric name without cordwood_, help): plain counters of a shard. */
#define SHARD_COUNTER_LIST(X)                                                                    \
    X(bytes_received, "received_bytes_total", "Application bytes read from TLS and UDP senders") \
    X(blank_lines, "blank_lines_total", "Blank lines, which are framing and no records")         \
    X(rejected_not_kept, "rejected_not_kept_total",                                              \
      "Rejected records that were counted but not stored, because --rejected-bytes was reached") \
    X(udp_datagrams, "udp_datagrams_received_total", "Datagrams read")                           \
    X(backpressure, "backpressure_pauses_total",                                                 \
      "Times a shard stopped reading because its output had no room")                            \
    X(handed_over_bytes, "archive_lines_bytes_total",                                            \
      "Bytes of output lines handed to the compressor")

/* X(enumerator, label): how a TCP connection ended. Every accepted connection ends in one of them.
 */
#define SHARD_CONN_RESULT_LIST(X)           \
    X(ENDED, "ended")                       \
    X(RESET, "reset")                       \
    X(PROBE, "probe")                       \
    X(HANDSHAKE_FAILED, "handshake_failed") \
    X(PLAIN_TEXT, "plain_text")             \
    X(PROXY_REFUSED, "proxy_refused")       \
    X(PEER_LIMIT, "peer_limit")             \
    X(UNKNOWN_FORMAT, "unknown_format")     \
    X(BAD_FRAME, "bad_frame")               \
    X(IDLE_TIMEOUT, "idle_timeout")         \
    X(MEMORY_LIMIT, "memory_limit")         \
    X(TLS_ERROR, "tls_error")               \
    X(SHUTDOWN, "shutdown")

enum shard_conn_result {
#define SHARD_CONN_RESULT_ENUM(name, label) CONN_##name,
    SHARD_CONN_RESULT_LIST(SHARD_CONN_RESULT_ENUM)
#undef SHARD_CONN_RESULT_ENUM
        CONN_RESULT_COUNT
};

/* X(enumerator, label): why a TLS handshake failed. */
#define SHARD_TLS_FAILURE_LIST(X)                \
    X(TIMEOUT, "timeout")                        \
    X(PLAIN_TEXT, "plain_text")                  \
    X(PEER_CLOSED, "peer_closed")                \
    X(NO_CERTIFICATE, "no_client_certificate")   \
    X(BAD_CERTIFICATE, "bad_client_certificate") \
    X(WRONG_NAME, "wrong_client_name")           \
    X(VERSION, "protocol_version")               \
    X(CIPHER, "no_shared_cipher")                \
    X(PEER_ALERT, "peer_alert")                  \
    X(OTHER, "other")

enum shard_tls_failure {
#define SHARD_TLS_FAILURE_ENUM(name, label) TLS_FAILURE_##name,
    SHARD_TLS_FAILURE_LIST(SHARD_TLS_FAILURE_ENUM)
#undef SHARD_TLS_FAILURE_ENUM
        TLS_FAILURE_COUNT
};

enum shard_drop { DROP_DISK_FULL, DROP_SHUTDOWN, DROP_COUNT };

#define SHARD_SAMPLES_PER_FORMAT 3u
#define SHARD_SAMPLE_BYTES       1024u /* longer lines are no samples */
#define SHARD_REJECT_SAMPLES     8u
#define SHARD_PEER_BYTES         56u /* as net/addr.h */

/* One of the latest output lines (or rejected lines), without LF. */
struct shard_sample {
    uint64_t at_ns; /* wall time it was taken; puts the samples of several shards in order */
    uint32_t len;   /* 0: none yet */
    char peer[SHARD_PEER_BYTES]; /* who sent it: "127.0.0.1:4242" */
    uint8_t reason;              /* enum reason, of a rejected line … */
    bool cut;                    /* … which holds only the start of the payload */
    char line[SHARD_SAMPLE_BYTES];
};

struct shard_stats {
    /* The law, per format. A record counts as received when it is cut from its stream. That is in
     * the turn in which its last byte is read, but for the rest of a read (64 KiB and a tail, at
     * most) for which the archive had no room: such a backlog is in bytes_received and held_bytes,
     * and its records count when there is room. None of it is lost: at the end they are decoded
     * before the connection goes. */
    uint64_t received[FORMAT_COUNT];
    uint64_t archived[FORMAT_COUNT];
    uint64_t rejected[FORMAT_COUNT][REASON_COUNT];
    uint64_t dropped[FORMAT_COUNT][DROP_COUNT];
    uint64_t in_flight[FORMAT_COUNT];

    uint64_t severity[SEVERITY_COUNT]; /* of archived records */
    uint64_t defaulted[FIELD_COUNT];   /* values filled in, by field */

    /* Records that a schema was asked about, by its slot (schema_type.h). */
    uint64_t schema_passed[SCHEMA_TYPE_SLOTS];
    uint64_t schema_failed[SCHEMA_TYPE_SLOTS];

#define SHARD_COUNTER_FIELD(field, metric, help) uint64_t field;
    SHARD_COUNTER_LIST(SHARD_COUNTER_FIELD)
#undef SHARD_COUNTER_FIELD

    uint64_t connections_accepted;
    uint64_t connections_ended[CONN_RESULT_COUNT];
    uint64_t tls_failures[TLS_FAILURE_COUNT];
    uint64_t busy_ns; /* CPU time of the shard's thread */

    /* Gauges. */
    uint64_t connections_open;
    uint64_t held_bytes;   /* memory of partial records waiting in connections */
    uint64_t queue_length; /* records decoded but not yet in a written frame */
    uint64_t queue_max;    /* its largest value so far */

    struct hist latency_ns;    /* socket readable -> line handed to the compressor; per record */
    struct hist clock_ahead_s; /* sender's clock ahead of ours, sampled once a read */
    struct hist clock_behind_s;

    struct shard_sample samples[FORMAT_COUNT][SHARD_SAMPLES_PER_FORMAT];
    uint32_t sample_next[FORMAT_COUNT]; /* the slot the next sample goes to: the oldest */
    struct shard_sample reject_samples[SHARD_REJECT_SAMPLES];
    uint32_t reject_sample_next;

    /* Who sends what. */
    struct peer_board peers;
    struct service_board services;
    struct foreign_board foreign;
};

/* Labels; never NULL. */
const char *shard_stats_result_label(enum shard_conn_result result);
const char *shard_stats_tls_failure_label(enum shard_tls_failure failure);
const char *shard_stats_drop_label(enum shard_drop drop);    /* "disk_full", "shutdown" */
const char *shard_stats_field_label(enum entry_field field); /* "timestamp" … */
