/* SPDX-License-Identifier: Apache-2.0
 *
 * log: a program's own log on standard error, one line of key=value a message:
 *   2026-11-21T04:11:45.123Z level=warn mod=conn event=refused peer=10.0.0.4:1234 …
 * Only programs log (and each failure once, where it stops); libraries return errors. Any thread; a
 * line is written with one write(), and never waits: what standard error does not take at once is
 * lost, and the next line that is written comes behind one that says how many were. Bytes of a peer
 * go through log_escape(). */
#pragma once

#include "base/span.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

#define LOG_LINE_BYTES_MAX 2048u

/* One place that logs, and when it last did: at most LOG_SITE_BURST lines per second from a place,
 * then one line that says how many were left out. */
struct log_site {
    _Atomic uint64_t window_start_ns;
    _Atomic uint32_t lines;
    _Atomic uint32_t suppressed;
};

/* The lowest importance that is written; LOG_INFO until set. */
void log_set_level(enum log_level level);

/* "error", "warn", "info", "debug" -> level; false if it is none of them. */
bool log_level_parse(struct span name, enum log_level *ret_level);

/* `site` NULL: not rate-limited. */
void log_write(struct log_site *site, enum log_level level, const char *mod, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* LOG(LOG_WARN, "conn", "event=refused peer=%s", text): rate-limited by its place in the code. */
#define LOG(level, mod, ...)                                \
    do {                                                    \
        static struct log_site log_site_;                   \
        log_write(&log_site_, (level), (mod), __VA_ARGS__); \
    } while (0)

/* LOG_EACH(LOG_INFO, "archive", …): every line of it, for what is rare by its nature and must not
 * be held back. */
#define LOG_EACH(level, mod, ...) log_write(NULL, (level), (mod), __VA_ARGS__)

/* Writes a whole line of at most LOG_LINE_BYTES_MAX to `fd` if that needs no waiting; whether it
 * did. All that goes to a full pipe without waiting goes through here, because threads that asked
 * one by one would take the same free page for theirs. */
bool log_put(int fd, const char *line, size_t bytes);

/* Writes `bytes` in double quotes, with quotes, backslashes and everything outside printable ASCII
 * as \xHH, cut with "…" to fit; always NUL-terminated. Returns `out`. `cap` is at least 16. */
const char *log_escape(struct span bytes, char *out, size_t cap);
