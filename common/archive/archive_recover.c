/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_recover: the order within repair_scanned() is what makes a crash harmless: the tail is
 * safe and salvaged under names that depend on NAME only, before NAME.open is cut; NAME.open is cut
 * before it is published. */
#include "archive/archive_recover.h"

#include "archive/archive_enter.h"
#include "archive/archive_list.h"
#include "archive/archive_publish.h"
#include "archive/archive_report.h"
#include "archive/archive_salvage.h"
#include "archive/archive_scan.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LEVEL_OTHER (ARCHIVE_LEVELS - 1)
#define COPY_BYTES  (64u * KIB)

/* One NAME.open under repair. */
struct repair {
    const struct archive_config *config;
    struct archive_recover_stats *stats;
    const struct archive_list_entry *entry;
    char open_path[ARCHIVE_PATH_BYTES];
    char path[ARCHIVE_PATH_BYTES]; /* NAME */
    int fd;
    uint64_t size;
    struct archive_scan *scan;
    struct archive_recover_scan good;
    uint64_t lines_salvaged;
};

static void add_times(struct archive_recover_scan *sum, const struct archive_index *index)
{
    if (index->first_ns != 0 && (sum->first_ns == 0 || index->first_ns < sum->first_ns)) {
        sum->first_ns = index->first_ns;
    }
    sum->last_ns = index->last_ns > sum->last_ns ? index->last_ns : sum->last_ns;
}

static void add_frame(struct archive_recover_scan *sum, const struct archive_scan_frame *frame,
                      uint64_t begin, uint64_t end)
{
    uint64_t sequence = sum->frames == 0 ? 0 : sum->index.sequence + 1;

    sum->good_bytes = (size_t)end;
    sum->frames++;
    sum->small_frames += frame->lines.len < ARCHIVE_FRAME_BYTES / 2;
    sum->records += frame->records;
    sum->line_bytes += frame->lines.len;
    sum->index_missing = !frame->indexed;
    if (frame->indexed) {
        add_times(sum, &frame->index);
        sum->index = frame->index;
        return;
    }
    sum->index = (struct archive_index){
        .records = (uint32_t)frame->records,
        .sequence = sequence,
        .line_bytes = (uint32_t)frame->lines.len,
        .frame_bytes = (uint32_t)(end - begin),
        .levels = {[LEVEL_OTHER] = (uint32_t)frame->records},
    };
}

err_t archive_recover_sum(struct archive_scan *scan, struct archive_recover_scan *ret)
{
    struct archive_scan_frame frame;
    uint64_t begin = archive_scan_at(scan);
    err_t err;

    *ret = (struct archive_recover_scan){0};
    while ((err = archive_scan_next(scan, &frame)) == ERR_OK) {
        add_frame(ret, &frame, begin, archive_scan_at(scan));
        begin = archive_scan_at(scan);
    }
    return err;
}

void archive_recover_scan(struct span file, struct archive_recover_scan *ret)
{
    const struct archive_scan_source source = {.bytes = file};
    struct archive_scan *scan = NULL;

    *ret = (struct archive_recover_scan){0};
    if (archive_scan_new(&source, &scan) == ERR_OK) {
        IGNORE(archive_recover_sum(scan, ret) != ERR_EOF,
               "the good part ends here, whatever the reason");
        archive_scan_free(scan);
    }
}

static err_t sync_file(const struct archive_config *config, int fd)
{
    const struct archive_io *io = config->io;

    if (config->fsync == ARCHIVE_FSYNC_NONE) {
        return ERR_OK;
    }
    return io->fdatasync(io->arg, fd) == 0 ? ERR_OK : ERR_IO;
}

/* Copies NAME.open from the end of its good part on. */
static err_t copy_tail(struct repair *r, int to_fd)
{
    const struct archive_io *io = r->config->io;
    char block[COPY_BYTES];
    uint64_t begin = r->good.good_bytes;

    for (uint64_t at = begin; at < r->size;) {
        ssize_t n = io->pread(io->arg, r->fd, block, sizeof(block), (off_t)at);
        ENSURE(n >= 0, ERR_IO);
        if (n == 0) {
            break;
        }
        TRY(archive_io_write_all(io, to_fd, span_of(block, (size_t)n), at - begin));
        at += (uint64_t)n;
    }
    return sync_file(r->config, to_fd);
}

/* Made anew each time: a crash while it was written leaves a part of it. */
static err_t keep_tail(struct repair *r)
{
    const struct archive_io *io = r->config->io;
    char tail_path[ARCHIVE_PATH_BYTES];

    archive_name_form(r->path, ARCHIVE_NAME_TAIL, tail_path);
    int fd = io->open(io->arg, tail_path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    ENSURE(fd >= 0, ERR_IO);
    err_t err = copy_tail(r, fd);
    int why = errno;
    io->close(io->arg, fd);
    errno = why;
    return err == ERR_OK ? archive_name_sync_folder(r->config, r->path) : err;
}

static uint8_t kind_of(const struct archive_name *name)
{
    return strcmp(name->family, "rejected") == 0 ? ARCHIVE_REJECTED : ARCHIVE_LOG;
}

/* What is known of times when no index frame tells: between the name and the last write. */
static uint64_t begun_ns(const struct repair *r)
{
    uint64_t ns = r->entry->name.time_s * NS_PER_S;

    return ns == 0 ? 1 : ns;
}

static uint64_t ended_ns(const struct repair *r)
{
    return r->entry->written_ns > begun_ns(r) ? r->entry->written_ns : begun_ns(r);
}

static err_t salvage_tail(struct repair *r)
{
    const struct archive_salvage salvage = {
        .scan = r->scan,
        .path = r->path,
        .kind = kind_of(&r->entry->name),
        .shard = (uint16_t)r->entry->name.shard,
        .first_ns = begun_ns(r),
        .last_ns = ended_ns(r),
    };

    return archive_salvage_run(r->config, &salvage, &r->lines_salvaged);
}

/* Appends the index frame that the last good frame lacks. */
static err_t append_index(struct repair *r)
{
    struct archive_index *index = &r->good.index;
    char bytes[ARCHIVE_INDEX_BYTES];

    index->kind = kind_of(&r->entry->name);
    index->shard = (uint16_t)r->entry->name.shard;
    index->first_ns = r->good.last_ns != 0 ? r->good.last_ns : begun_ns(r);
    index->last_ns = ended_ns(r) > index->first_ns ? ended_ns(r) : index->first_ns;
    archive_frame_put_index(index, bytes);
    TRY(archive_io_write_all(r->config->io, r->fd, span_of(bytes, sizeof(bytes)),
                             r->good.good_bytes));
    add_times(&r->good, index);
    return ERR_OK;
}

static err_t cut(struct repair *r, bool torn)
{
    const struct archive_io *io = r->config->io;

    if (torn) {
        ENSURE(io->ftruncate(io->arg, r->fd, (off_t)r->good.good_bytes) == 0, ERR_IO);
    }
    if (r->good.index_missing) {
        TRY(append_index(r));
    }
    return sync_file(r->config, r->fd);
}

static err_t remove_open(struct repair *r)
{
    const struct archive_io *io = r->config->io;

    ENSURE(io->unlink(io->arg, r->open_path) == 0, ERR_IO);
    r->stats->files_removed_empty++;
    archive_report(r->config, ARCHIVE_EVENT_RECOVERED, r->open_path,
                   "records=0 tail_bytes=%llu salvaged=%llu action=removed",
                   (unsigned long long)(r->size - r->good.good_bytes),
                   (unsigned long long)r->lines_salvaged);
    return ERR_OK;
}

static err_t publish(struct repair *r)
{
    struct archive_publish p = {
        .path = r->path,
        .event = "recovered",
        .kind = r->entry->name.family,
        .frames = r->good.frames,
        .records = r->good.records,
        .line_bytes = r->good.line_bytes,
        .first_ns = r->good.first_ns,
        .last_ns = r->good.last_ns,
    };

    TRY(archive_publish_run(r->config, &p));
    r->stats->files_recovered++;
    archive_report(r->config, ARCHIVE_EVENT_RECOVERED, r->path,
                   "records=%llu tail_bytes=%llu salvaged=%llu action=published",
                   (unsigned long long)r->good.records,
                   (unsigned long long)(r->size - r->good.good_bytes),
                   (unsigned long long)r->lines_salvaged);
    return ERR_OK;
}

/* A header line alone is not worth a file. */
static err_t repair_scanned(struct repair *r)
{
    const struct archive_scan_source source = {.io = r->config->io, .fd = r->fd};
    struct stat st;

    ENSURE(fstat(r->fd, &st) == 0, ERR_IO);
    r->size = (uint64_t)st.st_size;
    TRY(archive_scan_new(&source, &r->scan));
    err_t err = archive_recover_sum(r->scan, &r->good);
    bool torn = err == ERR_SYNTAX;
    ENSURE(torn || err == ERR_EOF, err);
    if (torn) {
        TRY(keep_tail(r));
        TRY(salvage_tail(r));
        r->stats->lines_salvaged += r->lines_salvaged;
    }
    if (r->good.records == 0) {
        return remove_open(r);
    }
    TRY(cut(r, torn));
    return publish(r);
}

static err_t repair_open(struct repair *r)
{
    const struct archive_io *io = r->config->io;

    r->fd = io->open(io->arg, r->open_path, O_RDWR, 0);
    ENSURE(r->fd >= 0, ERR_IO);
    err_t err = repair_scanned(r);
    int why = errno;
    archive_scan_free(r->scan);
    io->close(io->arg, r->fd);
    errno = why;
    return err;
}

/* Removes a file that another one has replaced, once that one's name is durable. */
static err_t remove_replaced(const struct archive_config *config, const char *path)
{
    const struct archive_io *io = config->io;

    TRY(archive_name_sync_folder(config, path));
    return io->unlink(io->arg, path) == 0 || errno == ENOENT ? ERR_OK : ERR_IO;
}

/* A .repack file is a copy of the .open file, unless that one is missing. */
static err_t settle_repack(struct repair *r, bool published)
{
    const struct archive_io *io = r->config->io;
    bool has_open;

    TRY(archive_name_exists(r->config, r->open_path, &has_open));
    if (published || has_open) {
        return remove_replaced(r->config, r->entry->path);
    }
    ENSURE(io->rename(io->arg, r->entry->path, r->open_path) == 0, ERR_IO);
    return repair_open(r);
}

static err_t repair_entry(struct repair *r)
{
    const struct archive_name *name = &r->entry->name;
    bool published;

    archive_name_final(r->entry->path, name->state, r->path);
    archive_name_form(r->path, ARCHIVE_NAME_OPEN, r->open_path);
    TRY(archive_name_exists(r->config, r->path, &published));
    if (name->state == ARCHIVE_NAME_REPACK) {
        return settle_repack(r, published);
    }
    /* An unfinished salvage is made anew from its source. */
    if (published || strcmp(name->family, "recovered") == 0) {
        TRY(remove_replaced(r->config, r->open_path));
        archive_report(r->config, ARCHIVE_EVENT_RECOVERED, r->open_path, "action=removed_copy");
        return ERR_OK;
    }
    return repair_open(r);
}

static err_t repair_all(const struct archive_config *config, const struct archive_list *list,
                        struct archive_recover_stats *stats)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct archive_list_entry *e = &list->entries[i];
        struct repair r = {.config = config, .stats = stats, .entry = e};
        if (e->name.state != ARCHIVE_NAME_OPEN && e->name.state != ARCHIVE_NAME_REPACK) {
            continue;
        }
        err_t err = repair_entry(&r);
        ENSURE(err != ERR_NOMEM, err);
        if (err != ERR_OK) {
            stats->files_left++;
            archive_report(config, ARCHIVE_EVENT_IO_ERROR, e->path,
                           "failed=recovery error=\"%s\" action=leave_for_next_start",
                           err == ERR_IO ? archive_report_error(errno) : err_name(err));
        }
    }
    return ERR_OK;
}

err_t archive_recover(const struct archive_config *config, struct archive_recover_stats *ret)
{
    struct archive_recover_stats stats = {0};
    struct archive_list list;

    TRY(archive_list_read(config, &list));
    err_t err = archive_enter_unnamed(config, &list);
    if (err == ERR_IO) {
        archive_report(config, ARCHIVE_EVENT_IO_ERROR, config->data_dir,
                       "failed=manifest error=\"%s\" action=go_on", archive_report_error(errno));
        err = ERR_OK;
    }
    if (err == ERR_OK) {
        err = repair_all(config, &list, &stats);
    }
    archive_list_done(&list);
    if (err == ERR_OK) {
        *ret = stats;
    }
    return err;
}
