/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_publish: every state that a crash can leave between two lines of this file is one that
 * archive_recover knows. */
#include "archive/archive_publish.h"

#include "archive/archive_manifest.h"
#include "archive/archive_name.h"
#include "archive/archive_repack.h"
#include "archive/archive_report.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

/* NAME is taken by a file that is none of ours: the .open file moves on to a name that is free. */
static err_t move_on(const struct archive_config *config, struct archive_publish *p)
{
    const struct archive_io *io = config->io;
    char next[ARCHIVE_PATH_BYTES];
    char from[ARCHIVE_PATH_BYTES];
    char to[ARCHIVE_PATH_BYTES];

    TRY(archive_name_next(config, p->path, next));
    archive_name_form(p->path, ARCHIVE_NAME_OPEN, from);
    archive_name_form(next, ARCHIVE_NAME_OPEN, to);
    ENSURE(io->rename(io->arg, from, to) == 0, ERR_IO);
    memcpy(p->path, next, strlen(next) + 1);
    return ERR_OK;
}

/* Makes NAME.repack if that is wanted and possible. A file that stays as it is is good too, unless
 * repacking has found it damaged. */
static err_t try_repack(const struct archive_config *config, const struct archive_publish *p,
                        const char *open_path, const char *repack_path, bool *ret)
{
    if (!archive_repack_wanted(p->frames, p->line_bytes)) {
        *ret = false;
        return ERR_OK;
    }
    err_t err = archive_repack(config, open_path, repack_path, p->repack_until_ns);
    ENSURE(err != ERR_SYNTAX, err);
    if (err != ERR_OK && err != ERR_AGAIN) {
        archive_report(config, ARCHIVE_EVENT_IO_ERROR, p->path,
                       "failed=repack error=\"%s\" action=publish_as_is",
                       err == ERR_IO ? archive_report_error(errno) : err_name(err));
    }
    *ret = err == ERR_OK;
    return ERR_OK;
}

static err_t rename_to_final(const struct archive_config *config, struct archive_publish *p)
{
    const struct archive_io *io = config->io;
    char open_path[ARCHIVE_PATH_BYTES];
    char repack_path[ARCHIVE_PATH_BYTES];
    bool repacked;
    bool taken;

    TRY(archive_name_exists(config, p->path, &taken));
    if (taken) {
        TRY(move_on(config, p));
    }
    archive_name_form(p->path, ARCHIVE_NAME_OPEN, open_path);
    archive_name_form(p->path, ARCHIVE_NAME_REPACK, repack_path);
    TRY(try_repack(config, p, open_path, repack_path, &repacked));
    if (io->rename(io->arg, repacked ? repack_path : open_path, p->path) == 0) {
        p->step = repacked ? ARCHIVE_PUBLISH_DROP_OPEN : ARCHIVE_PUBLISH_SYNC;
        return ERR_OK;
    }
    int why = errno;
    if (repacked) {
        IGNORE(io->unlink(io->arg, repack_path), "the next attempt replaces it");
    }
    errno = why;
    return ERR_IO;
}

static err_t drop_open(const struct archive_config *config, const struct archive_publish *p)
{
    const struct archive_io *io = config->io;
    char open_path[ARCHIVE_PATH_BYTES];

    TRY(archive_name_sync_folder(config, p->path));
    archive_name_form(p->path, ARCHIVE_NAME_OPEN, open_path);
    return io->unlink(io->arg, open_path) == 0 || errno == ENOENT ? ERR_OK : ERR_IO;
}

static err_t announce(const struct archive_config *config, struct archive_publish *p)
{
    char line[ARCHIVE_MANIFEST_LINE_BYTES];
    struct archive_manifest_entry entry = {
        .event = p->event,
        .file = archive_name_relative(config, p->path),
        .kind = p->kind,
        .records = p->records,
        .bytes_in = p->line_bytes,
        .first_ns = p->first_ns,
        .last_ns = p->last_ns,
        .at_ns = clock_wall_ns(),
    };

    err_t err = archive_manifest_digest(config, p->path, entry.sha256, &entry.bytes_out);
    /* Somebody may have taken the file away already; it was published all the same. */
    ENSURE(err == ERR_OK || (err == ERR_IO && errno == ENOENT), err);
    TRY(archive_manifest_append(config, &entry));
    p->bytes = entry.bytes_out;
    archive_manifest_format(&entry, line, sizeof(line));
    if (config->report != NULL) {
        config->report(config->report_arg, &(struct archive_event){.kind = ARCHIVE_EVENT_PUBLISHED,
                                                                   .file = &entry,
                                                                   .path = p->path,
                                                                   .text = line});
    }
    return ERR_OK;
}

err_t archive_publish_run(const struct archive_config *config, struct archive_publish *p)
{
    for (unsigned taken = 0; p->step == ARCHIVE_PUBLISH_RENAME; taken++) {
        err_t err = rename_to_final(config, p);
        ENSURE(err == ERR_OK || (err == ERR_IO && errno == EEXIST && taken == 0), err);
    }
    if (p->step == ARCHIVE_PUBLISH_SYNC) {
        TRY(archive_name_sync_folder(config, p->path));
    }
    if (p->step == ARCHIVE_PUBLISH_DROP_OPEN) {
        TRY(drop_open(config, p));
    }
    if (p->step != ARCHIVE_PUBLISH_DONE) {
        p->step = ARCHIVE_PUBLISH_ANNOUNCE;
        TRY(announce(config, p));
        p->step = ARCHIVE_PUBLISH_DONE;
    }
    return ERR_OK;
}
