/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_salvage: the file is made at the first line and published at once, so that what a crash
 * leaves of it is either nothing, recovered_….open (which the next recovery replaces) or the whole
 * file (by which it sees that this was done). */
#include "archive/archive_salvage.h"

#include "archive/archive_emit.h"
#include "archive/archive_json.h"
#include "archive/archive_name.h"
#include "archive/archive_publish.h"
#include "base/buf.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>

#define LEVEL_OTHER      (ARCHIVE_LEVELS - 1)
#define RESYNC_MAX       100u /* beginnings of frames that turn out to be none */
#define LINE_BYTES_LEAST (1u * MIB)

struct job {
    const struct archive_config *config;
    const struct archive_salvage *salvage;
    char path[ARCHIVE_PATH_BYTES]; /* of the recovered file */
    struct archive_emit emit;      /* its descriptor is -1 until the first frame */
    struct buf lines;
    uint64_t line_bytes; /* of the frames written */
    uint64_t line_count; /* with those in hand */
    uint32_t in_hand;
};

static err_t open_file(struct job *j)
{
    const struct archive_io *io = j->config->io;
    char open_path[ARCHIVE_PATH_BYTES];

    archive_name_form(j->path, ARCHIVE_NAME_OPEN, open_path);
    j->emit.fd = io->open(io->arg, open_path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    return j->emit.fd >= 0 ? ERR_OK : ERR_IO;
}

/* Writes the lines in hand as one frame. */
static err_t flush(struct job *j)
{
    struct archive_index index = {
        .kind = j->salvage->kind,
        .shard = j->salvage->shard,
        .records = j->in_hand,
        .first_ns = j->salvage->first_ns,
        .last_ns = j->salvage->last_ns,
        .levels = {[LEVEL_OTHER] = j->in_hand},
    };

    if (j->in_hand == 0) {
        return ERR_OK;
    }
    if (j->emit.fd < 0) {
        TRY(open_file(j));
    }
    TRY(archive_emit_frame(&j->emit, buf_span(&j->lines), &index));
    j->line_bytes += j->lines.len;
    j->lines.len = 0;
    j->in_hand = 0;
    return ERR_OK;
}

/* Appends `text` as a JSON string. */
static err_t put_string(struct buf *out, struct span text)
{
    TRY(buf_reserve(out, ARCHIVE_JSON_STRING_MAX(text.len)));
    out->len += archive_json_string(text, out->at + out->len);
    return ERR_OK;
}

static err_t put_line(struct job *j, struct span line)
{
    const char *source = archive_name_relative(j->config, j->salvage->path);

    TRY(buf_append(&j->lines, SPAN_LIT("{\"unchecked\":true,\"source\":")));
    TRY(put_string(&j->lines, span_of_str(source)));
    TRY(buf_append(&j->lines, SPAN_LIT(",\"line\":")));
    TRY(put_string(&j->lines, line));
    TRY(buf_append(&j->lines, SPAN_LIT("}\n")));
    j->in_hand++;
    j->line_count++;
    return j->lines.len >= ARCHIVE_FRAME_BYTES ? flush(j) : ERR_OK;
}

static err_t put_lines(struct job *j, struct span lines)
{
    size_t most =
        j->config->line_bytes_max > LINE_BYTES_LEAST ? j->config->line_bytes_max : LINE_BYTES_LEAST;

    while (lines.len > 0) {
        size_t len = span_find(lines, '\n');
        if (len < most) {
            TRY(put_line(j, span_head(lines, len)));
        }
        lines = span_skip(lines, len + 1);
    }
    return ERR_OK;
}

/* From one broken place to the next, to the end of the file. */
static err_t collect(struct job *j)
{
    struct archive_scan *scan = j->salvage->scan;
    struct archive_scan_frame frame;
    err_t err = ERR_SYNTAX;

    for (unsigned broken = 0; err == ERR_SYNTAX && broken < RESYNC_MAX; broken++) {
        TRY(put_lines(j, archive_scan_partial(scan)));
        err = archive_scan_resync(scan);
        while (err == ERR_OK) {
            err = archive_scan_next(scan, &frame);
            if (err == ERR_OK) {
                TRY(put_lines(j, frame.lines));
            }
        }
    }
    return err == ERR_EOF || err == ERR_SYNTAX ? ERR_OK : err;
}

static err_t publish(struct job *j)
{
    const struct archive_io *io = j->config->io;
    struct archive_publish p = {
        .path = j->path,
        .event = "recovered",
        .kind = "recovered",
        .records = j->line_count,
        .line_bytes = j->line_bytes,
        .first_ns = j->salvage->first_ns,
        .last_ns = j->salvage->last_ns,
    };

    if (j->config->fsync != ARCHIVE_FSYNC_NONE) {
        ENSURE(io->fdatasync(io->arg, j->emit.fd) == 0, ERR_IO);
    }
    return archive_publish_run(j->config, &p);
}

static err_t run(struct job *j)
{
    TRY(collect(j));
    TRY(flush(j));
    return j->emit.fd < 0 ? ERR_OK : publish(j);
}

err_t archive_salvage_run(const struct archive_config *config,
                          const struct archive_salvage *salvage, uint64_t *ret_lines)
{
    const struct archive_io *io = config->io;
    struct job j = {.config = config, .salvage = salvage, .emit = {.config = config, .fd = -1}};
    bool done;

    TRY(archive_name_recovered(config, salvage->path, j.path));
    TRY(archive_name_exists(config, j.path, &done));
    if (done) {
        *ret_lines = 0;
        return ERR_OK;
    }
    err_t err = run(&j);
    int why = errno;
    if (j.emit.fd >= 0) {
        io->close(io->arg, j.emit.fd);
    }
    archive_emit_done(&j.emit);
    buf_done(&j.lines);
    errno = why;
    if (err == ERR_OK) {
        *ret_lines = j.line_count;
    }
    return err;
}
