/* SPDX-License-Identifier: Apache-2.0
 *
 * log: formats into a buffer on the stack and writes once. A full or closed standard error loses
 * the line: logging never stops the program. O_NONBLOCK would change the open file that the shell
 * and other programs share, so the descriptor is asked first: when poll() says a pipe takes more,
 * it has a whole page free, and no line is longer than that. One lock makes asking and writing one
 * step, so that two threads never share the answer; nobody waits while holding it. */
#include "base/log.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/rfc3339.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LOG_SITE_BURST 20u

_Static_assert(LOG_LINE_BYTES_MAX <= PIPE_BUF, "a line is written whole or not at all");

static _Atomic int log_threshold = LOG_INFO;
static pthread_mutex_t put_lock = PTHREAD_MUTEX_INITIALIZER; /* what follows; and each put() */
static uint64_t lost_lines;
static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
    atomic_store(&log_threshold, (int)level);
}

bool log_level_parse(struct span name, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (span_equal(name, span_of_str(level_names[i]))) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Whether this place may write now; tells how many lines it held back in the window before. */
static bool site_admit(struct log_site *site, uint32_t *ret_suppressed)
{
    uint64_t now = clock_mono_ns();
    uint64_t start = atomic_load(&site->window_start_ns);

    *ret_suppressed = 0;
    if (now - start >= NS_PER_S &&
        atomic_compare_exchange_strong(&site->window_start_ns, &start, now)) {
        atomic_store(&site->lines, 0);
        *ret_suppressed = atomic_exchange(&site->suppressed, 0);
    }
    if (atomic_fetch_add(&site->lines, 1) < LOG_SITE_BURST) {
        return true;
    }
    atomic_fetch_add(&site->suppressed, 1);
    return false;
}

/* Length of what snprintf put into `room` bytes. */
static size_t fitted(int wanted, size_t room)
{
    size_t n = wanted < 0 ? 0 : (size_t)wanted;

    return n < room ? n : room - 1;
}

/* Under the lock. Anything but a plain "yes" (an error, a reader that has gone) is a no. */
static bool put(int fd, const char *line, size_t bytes)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    return poll(&ready, 1, 0) == 1 && ready.revents == POLLOUT &&
           write(fd, line, bytes) == (ssize_t)bytes;
}

bool log_put(int fd, const char *line, size_t bytes)
{
    assert(bytes <= LOG_LINE_BYTES_MAX);
    pthread_mutex_lock(&put_lock);
    bool written = put(fd, line, bytes);
    pthread_mutex_unlock(&put_lock);
    return written;
}

/* Under the lock: says how many lines are missing in front of the one that is to be written now. */
static bool put_lost_lines(const char *stamp, int stamp_len)
{
    char line[256];
    int len =
        snprintf(line, sizeof(line),
                 "%.*s level=warn mod=log event=lines_lost lines=%llu reason=\"standard error "
                 "took no more\"\n",
                 stamp_len, stamp, (unsigned long long)lost_lines);

    return lost_lines == 0 || put(STDERR_FILENO, line, fitted(len, sizeof(line)));
}

static void put_log_line(const char *line, size_t bytes, const char *stamp, int stamp_len)
{
    pthread_mutex_lock(&put_lock);
    if (put_lost_lines(stamp, stamp_len)) {
        lost_lines = 0;
    }
    if (lost_lines > 0 || !put(STDERR_FILENO, line, bytes)) {
        lost_lines++;
    }
    pthread_mutex_unlock(&put_lock);
}

void log_write(struct log_site *site, enum log_level level, const char *mod, const char *format,
               ...)
{
    char line[LOG_LINE_BYTES_MAX];
    char stamp[RFC3339_BYTES_MAX];
    uint32_t suppressed = 0;
    va_list args;

    if ((int)level > atomic_load_explicit(&log_threshold, memory_order_relaxed) ||
        (site != NULL && !site_admit(site, &suppressed))) {
        return;
    }
    size_t room = sizeof(line) - 64; /* for the suffix and LF */
    size_t stamp_len = rfc3339_format(clock_wall_ns(), 3, stamp);
    size_t len = fitted(snprintf(line, room, "%.*s level=%s mod=%s ", (int)stamp_len, stamp,
                                 level_names[level], mod),
                        room);
    va_start(args, format);
    len += fitted(vsnprintf(line + len, room - len, format, args), room - len);
    va_end(args);
    if (suppressed > 0) {
        len += fitted(snprintf(line + len, 60, " suppressed_before=%u", suppressed), 60);
    }
    line[len++] = '\n';
    put_log_line(line, len, stamp, (int)stamp_len);
}

const char *log_escape(struct span bytes, char *out, size_t cap)
{
    static const char hex[] = "0123456789abcdef";
    static const char ellipsis[] = "\xe2\x80\xa6\"";
    size_t n = 0;

    assert(cap >= 16);
    out[n++] = '"';
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        if (n + 4 + sizeof(ellipsis) > cap) {
            memcpy(out + n, ellipsis, sizeof(ellipsis));
            return out;
        }
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '\\';
        out[n++] = 'x';
        out[n++] = hex[c >> 4];
        out[n++] = hex[c & 15];
    }
    out[n++] = '"';
    out[n] = '\0';
    return out;
}
