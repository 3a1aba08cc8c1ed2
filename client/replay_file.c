/* SPDX-License-Identifier: Apache-2.0
 *
 * replay_file: two buffers, one for what was read and one for what came out of it. */
#include "client/replay_file.h"

#include "base/limits.h"
#include "client/replay_line.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_BYTES   (128u * KIB)
#define UNPACK_BYTES (256u * KIB)

err_t replay_file_open(struct replay_file *f, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *f = (struct replay_file){.fd = fd};
    ENSURE(fd >= 0, ERR_IO);
    f->zstd = ZSTD_createDCtx();
    if (f->zstd == NULL || buf_reserve(&f->packed, READ_BYTES) != ERR_OK) {
        replay_file_close(f);
        return ERR_NOMEM;
    }
    return ERR_OK;
}

void replay_file_close(struct replay_file *f)
{
    if (f->fd >= 0) {
        close(f->fd);
    }
    ZSTD_freeDCtx(f->zstd);
    buf_done(&f->packed);
    buf_done(&f->lines);
    *f = (struct replay_file){.fd = -1};
}

static err_t read_more(struct replay_file *f)
{
    ssize_t n = 0;

    do {
        n = read(f->fd, f->packed.at, READ_BYTES);
    } while (n < 0 && errno == EINTR);
    ENSURE(n >= 0, ERR_IO);
    f->packed.len = (size_t)n;
    f->unpacked = 0;
    f->ended = n == 0;
    return ERR_OK;
}

/* Makes room in front, and forgets a line that is already too long but for its end. */
static void tidy(struct replay_file *f)
{
    buf_consume(&f->lines, f->taken);
    f->scanned -= f->taken;
    f->taken = 0;
    if (f->lines.len > REPLAY_LINE_BYTES_MAX) {
        f->skipping = true;
        f->lines.len = 0;
        f->scanned = 0;
    }
}

/* Brings more into `lines`, or sets `ended`. */
static err_t unpack_more(struct replay_file *f)
{
    tidy(f);
    if (f->unpacked == f->packed.len) {
        TRY(read_more(f));
        ENSURE(!f->ended || !f->inside, ERR_SYNTAX);
        if (f->ended) {
            return ERR_OK;
        }
    }
    TRY(buf_reserve(&f->lines, UNPACK_BYTES));
    ZSTD_inBuffer in = {f->packed.at, f->packed.len, f->unpacked};
    ZSTD_outBuffer out = {f->lines.at, f->lines.len + UNPACK_BYTES, f->lines.len};
    size_t left = ZSTD_decompressStream(f->zstd, &out, &in);
    ENSURE(!ZSTD_isError(left), ERR_SYNTAX);
    f->inside = left != 0;
    f->unpacked = in.pos;
    f->lines.len = out.pos;
    return ERR_OK;
}

/* After the line of `len` bytes at `taken`, and its LF if there is one. */
static err_t take(struct replay_file *f, size_t len, struct span *ret_line)
{
    struct span line = span_of(f->lines.at + f->taken, len);
    bool too_long = f->skipping || len > REPLAY_LINE_BYTES_MAX;

    f->taken += len + (f->taken + len < f->lines.len ? 1 : 0);
    f->scanned = f->taken;
    f->skipping = false;
    ENSURE(!too_long, ERR_LIMIT);
    *ret_line = line;
    return ERR_OK;
}

err_t replay_file_next(struct replay_file *f, struct span *ret_line)
{
    for (;;) {
        struct span unseen = span_of(f->lines.at + f->scanned, f->lines.len - f->scanned);
        size_t at = span_find(unseen, '\n');
        if (at < unseen.len) {
            return take(f, f->scanned + at - f->taken, ret_line);
        }
        f->scanned = f->lines.len;
        if (f->ended) {
            ENSURE(f->taken < f->lines.len || f->skipping, ERR_EOF);
            return take(f, f->lines.len - f->taken, ret_line);
        }
        TRY(unpack_more(f));
    }
}
