/* SPDX-License-Identifier: Apache-2.0
 *
 * lines: one buffer, read when no whole line is left in it. */
#include "client/lines.h"

#include "base/limits.h"
#include "base/log.h"
#include "client/args.h"
#include "client/framed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#define READ_BYTES (256u * KIB)

err_t lines_open(struct lines *l, const char *path, struct stop *stop)
{
    *l = (struct lines){.stop = stop};
    l->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(l->fd >= 0, ERR_IO);
    pthread_mutex_init(&l->lock, NULL);
    err_t err = buf_reserve(&l->in, READ_BYTES);
    if (err != ERR_OK) {
        lines_close(l);
    }
    return err;
}

void lines_close(struct lines *l)
{
    pthread_mutex_destroy(&l->lock);
    close(l->fd);
    buf_done(&l->in);
}

static void refuse(struct lines *l)
{
    l->refused++;
    LOG(LOG_WARN, "lines", "event=line_refused line=%" PRIu64 " allowed_bytes=%u action=skip_line",
        l->number, ARGS_RECORD_BYTES_MAX);
}

/* Takes one line, without its LF. `ret_framed` is 1 if it became a frame. */
static err_t take_line(struct lines *l, struct span line, struct buf *out, uint32_t *ret_framed)
{
    bool too_long = l->skipping || line.len > ARGS_RECORD_BYTES_MAX;

    l->number++;
    l->skipping = false;
    *ret_framed = 0;
    if (too_long) {
        refuse(l);
        return ERR_OK;
    }
    if (line.len == 0) {
        l->blank++;
        return ERR_OK;
    }
    TRY(framed_append(out, FRAMED_RAW, line));
    *ret_framed = 1;
    return ERR_OK;
}

/* Frames whole lines of the buffer, up to `count` in all. */
static err_t frame_lines(struct lines *l, uint32_t count, struct buf *out, uint32_t *framed)
{
    while (*framed < count) {
        struct span rest = span_skip(buf_span(&l->in), l->taken);
        size_t len = l->scanned - l->taken;
        len += span_find(span_skip(rest, len), '\n');
        if (len == rest.len && !(l->ended && (len > 0 || l->skipping))) {
            l->scanned = l->in.len;
            return ERR_OK;
        }
        uint32_t one = 0;
        TRY(take_line(l, span_head(rest, len), out, &one));
        l->taken += len < rest.len ? len + 1 : len;
        l->scanned = l->taken;
        *framed += one;
    }
    return ERR_OK;
}

/* Reads more. Sets `ended`. A line that is already too long is forgotten but for its end. */
static err_t read_more(struct lines *l)
{
    buf_consume(&l->in, l->taken);
    l->scanned -= l->taken;
    l->taken = 0;
    if (l->in.len > ARGS_RECORD_BYTES_MAX) {
        l->skipping = true;
        l->in.len = 0;
        l->scanned = 0;
    }
    TRY(buf_reserve(&l->in, READ_BYTES));
    ssize_t n = read(l->fd, l->in.at + l->in.len, READ_BYTES);
    if (n > 0) {
        l->in.len += (size_t)n;
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        l->read_errno = n == 0 ? 0 : errno;
        l->ended = true;
    }
    return ERR_OK;
}

static err_t next_locked(struct lines *l, uint32_t count, struct buf *out, uint32_t *ret_count)
{
    uint32_t framed = 0;

    for (;;) {
        TRY(frame_lines(l, count, out, &framed));
        if (framed > 0 || l->ended || stop_wait(l->stop, l->fd, POLLIN, UINT64_MAX) != ERR_OK) {
            *ret_count = framed;
            return ERR_OK;
        }
        TRY(read_more(l));
    }
}

err_t lines_next(struct lines *l, uint32_t count, struct buf *out, uint32_t *ret_count)
{
    pthread_mutex_lock(&l->lock);
    err_t err = next_locked(l, count, out, ret_count);
    pthread_mutex_unlock(&l->lock);
    return err;
}
