/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_enter: what the entry says is counted anew from the file. */
#include "archive/archive_enter.h"

#include "archive/archive_manifest.h"
#include "archive/archive_publish.h"
#include "archive/archive_recover.h"
#include "archive/archive_scan.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>

#define UNNAMED_NS        NS_PER_S
#define UNNAMED_COUNT_MAX 256u

static err_t enter_file(const struct archive_config *config, const struct archive_list_entry *e,
                        int fd)
{
    const struct archive_scan_source source = {.io = config->io, .fd = fd};
    struct archive_recover_scan good;
    struct archive_scan *scan = NULL;
    char path[ARCHIVE_PATH_BYTES];

    TRY(archive_scan_new(&source, &scan));
    err_t err = archive_recover_sum(scan, &good);
    int why = errno;
    archive_scan_free(scan);
    errno = why;
    if (err != ERR_EOF) {
        return err == ERR_SYNTAX ? ERR_OK : err;
    }
    memcpy(path, e->path, strlen(e->path) + 1);
    struct archive_publish p = {
        .path = path,
        .event = strcmp(e->name.family, "recovered") == 0 ? "recovered" : "published",
        .kind = e->name.family,
        .frames = good.frames,
        .records = good.records,
        .line_bytes = good.line_bytes,
        .first_ns = good.first_ns,
        .last_ns = good.last_ns,
        .step = ARCHIVE_PUBLISH_ANNOUNCE,
    };
    return archive_publish_run(config, &p);
}

static err_t enter_if_unnamed(const struct archive_config *config,
                              const struct archive_list_entry *e)
{
    const struct archive_io *io = config->io;
    bool named;

    TRY(archive_manifest_names(config, archive_name_relative(config, e->path), &named));
    if (named) {
        return ERR_OK;
    }
    int fd = io->open(io->arg, e->path, O_RDONLY, 0);
    ENSURE(fd >= 0, ERR_IO);
    err_t err = enter_file(config, e, fd);
    int why = errno;
    io->close(io->arg, fd);
    errno = why;
    return err;
}

err_t archive_enter_unnamed(const struct archive_config *config, const struct archive_list *list)
{
    uint64_t newest = 0;
    unsigned looked_at = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct archive_list_entry *e = &list->entries[i];
        if (e->name.state == ARCHIVE_NAME_FINAL && e->changed_ns > newest) {
            newest = e->changed_ns;
        }
    }
    for (size_t i = list->count; i > 0 && looked_at < UNNAMED_COUNT_MAX; i--) {
        const struct archive_list_entry *e = &list->entries[i - 1];
        if (e->name.state == ARCHIVE_NAME_FINAL && newest - e->changed_ns < UNNAMED_NS) {
            looked_at++;
            TRY(enter_if_unnamed(config, e));
        }
    }
    return ERR_OK;
}
