/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_repack: whole source frames are collected until the next would not fit any more, because
 * the index frames know nothing finer than a frame. */
#include "archive/archive_repack.h"

#include "archive/archive_emit.h"
#include "archive/archive_scan.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>

struct repack {
    const struct archive_config *config;
    struct archive_scan *scan;
    struct archive_emit emit;
    struct buf lines;           /* collected */
    struct archive_index index; /* describes them */
};

bool archive_repack_wanted(uint64_t frames, uint64_t line_bytes)
{
    return frames > 1 && line_bytes / frames < ARCHIVE_FRAME_BYTES / 2;
}

/* Writes what is collected as one frame. */
static err_t flush(struct repack *r)
{
    if (r->lines.len == 0) {
        return ERR_OK;
    }
    TRY(archive_emit_frame(&r->emit, buf_span(&r->lines), &r->index));
    r->lines.len = 0;
    return ERR_OK;
}

/* A frame that lost its index frame is described by what can be seen: its lines. */
static struct archive_index index_of(const struct archive_scan_frame *frame)
{
    struct archive_index index = frame->index;

    if (!frame->indexed) {
        index.records = (uint32_t)frame->records;
    }
    return index;
}

static void merge_index(struct archive_index *into, const struct archive_index *from)
{
    if (from->first_ns != 0 && (into->first_ns == 0 || from->first_ns < into->first_ns)) {
        into->first_ns = from->first_ns;
    }
    if (from->last_ns > into->last_ns) {
        into->last_ns = from->last_ns;
    }
    into->records += from->records;
    for (size_t i = 0; i < ARCHIVE_LEVELS; i++) {
        into->levels[i] += from->levels[i];
    }
}

static err_t collect(struct repack *r, const struct archive_scan_frame *frame)
{
    struct archive_index index = index_of(frame);
    bool fits = r->lines.len + frame->lines.len <= ARCHIVE_FRAME_BYTES;

    if (!fits || frame->records == 0) {
        TRY(flush(r));
    }
    if (r->lines.len == 0) {
        r->index = index;
    } else {
        merge_index(&r->index, &index);
    }
    TRY(buf_append(&r->lines, frame->lines));
    return frame->records == 0 ? flush(r) : ERR_OK;
}

static err_t copy_frames(struct repack *r, const _Atomic uint64_t *until_mono_ns)
{
    const struct archive_io *io = r->config->io;
    struct archive_scan_frame frame;
    err_t err;

    while ((err = archive_scan_next(r->scan, &frame)) == ERR_OK) {
        ENSURE(until_mono_ns == NULL || clock_mono_ns() < atomic_load(until_mono_ns), ERR_AGAIN);
        TRY(collect(r, &frame));
    }
    ENSURE(err == ERR_EOF, err);
    TRY(flush(r));
    if (r->config->fsync != ARCHIVE_FSYNC_NONE) {
        ENSURE(io->fdatasync(io->arg, r->emit.fd) == 0, ERR_IO);
    }
    return ERR_OK;
}

static err_t repack_into(struct repack *r, const char *to_path, int from_fd,
                         const _Atomic uint64_t *until_mono_ns)
{
    const struct archive_io *io = r->config->io;
    const struct archive_scan_source source = {.io = io, .fd = from_fd};

    TRY(archive_scan_new(&source, &r->scan));
    r->emit.fd = io->open(io->arg, to_path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    ENSURE(r->emit.fd >= 0, ERR_IO);
    err_t err = copy_frames(r, until_mono_ns);
    int why = errno;
    io->close(io->arg, r->emit.fd);
    if (err != ERR_OK) {
        IGNORE(io->unlink(io->arg, to_path),
               "the next attempt replaces it, or recovery removes it");
    }
    errno = why;
    return err;
}

err_t archive_repack(const struct archive_config *config, const char *from_path,
                     const char *to_path, const _Atomic uint64_t *until_mono_ns)
{
    const struct archive_io *io = config->io;
    struct repack r = {.config = config, .emit = {.config = config}};
    int from_fd = io->open(io->arg, from_path, O_RDONLY, 0);

    ENSURE(from_fd >= 0, ERR_IO);
    err_t err = repack_into(&r, to_path, from_fd, until_mono_ns);
    int why = errno;
    archive_scan_free(r.scan);
    archive_emit_done(&r.emit);
    buf_done(&r.lines);
    io->close(io->arg, from_fd);
    errno = why;
    return err;
}
