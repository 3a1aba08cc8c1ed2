/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_retain: one look at the directory decides a whole pass; what arrives meanwhile is the
 * next pass's. */
#include "archive/archive_retain.h"

#include "archive/archive_list.h"
#include "archive/archive_manifest.h"
#include "archive/archive_report.h"
#include "base/clock.h"

#include <errno.h>
#include <string.h>

#define SHARD_COUNT 65536u

struct pass {
    const struct archive_config *config;
    const struct archive_policy *policy;
    uint64_t wall_ns;
    uint64_t total_bytes; /* of what could be deleted */
    unsigned char newest_seen[SHARD_COUNT / 8];
    struct archive_retain_result result;
};

static bool is_rejected(const struct archive_list_entry *e)
{
    return strcmp(e->name.family, "rejected") == 0;
}

/* Whether the file is subject to retention at all; `newest` are spared by the caller. */
static bool is_candidate(const struct archive_list_entry *e)
{
    return e->name.state == ARCHIVE_NAME_FINAL || e->name.state == ARCHIVE_NAME_TAIL;
}

/* Called from the newest to the oldest: whether this is a shard's newest published file. */
static bool is_newest(struct pass *p, const struct archive_list_entry *e)
{
    unsigned char *byte = &p->newest_seen[e->name.shard / 8];
    unsigned char bit = (unsigned char)(1u << e->name.shard % 8);

    if (e->name.state != ARCHIVE_NAME_FINAL || (*byte & bit) != 0) {
        return false;
    }
    *byte |= bit;
    return true;
}

static bool is_unwanted(const struct pass *p, const struct archive_list_entry *e)
{
    uint64_t age_ns = p->wall_ns > e->written_ns ? p->wall_ns - e->written_ns : 0;

    return (p->policy->retain_bytes != 0 && p->total_bytes > p->policy->retain_bytes) ||
           (p->policy->retain_age_ns != 0 && age_ns > p->policy->retain_age_ns);
}

static void report_failure(struct pass *p, const char *path, const char *what, const char *action)
{
    p->result.errors++;
    archive_report(p->config, ARCHIVE_EVENT_IO_ERROR, path, "failed=%s error=\"%s\" action=%s",
                   what, archive_report_error(errno), action);
}

/* The last file of a day takes the day's folder with it. */
static void remove_empty_folder(const struct archive_config *config, const char *path)
{
    char folder[ARCHIVE_PATH_BYTES];

    if (strchr(archive_name_relative(config, path), '/') != NULL) {
        archive_name_folder(path, folder);
        IGNORE(config->io->rmdir(config->io->arg, folder), "it is not empty");
    }
}

static void record_deletion(struct pass *p, const struct archive_list_entry *e)
{
    struct archive_manifest_entry entry = {
        .event = "retained",
        .file = archive_name_relative(p->config, e->path),
        .kind = e->name.family,
        .bytes_out = e->bytes,
        .at_ns = clock_wall_ns(),
    };

    if (archive_manifest_append(p->config, &entry) != ERR_OK) {
        report_failure(p, e->path, "manifest", "deleted_without_entry");
    }
    archive_report(p->config, ARCHIVE_EVENT_RETAINED, e->path, "bytes=%llu action=deleted",
                   (unsigned long long)e->bytes);
}

static void delete_entry(struct pass *p, struct archive_list_entry *e)
{
    const struct archive_io *io = p->config->io;

    if (io->unlink(io->arg, e->path) != 0 && errno != ENOENT) {
        report_failure(p, e->path, "unlink", "try_again_later");
        return;
    }
    p->total_bytes -= e->bytes;
    p->result.rejected_bytes -= is_rejected(e) ? e->bytes : 0;
    p->result.files_deleted++;
    record_deletion(p, e);
    remove_empty_folder(p->config, e->path);
}

err_t archive_retain_run(const struct archive_config *config, const struct archive_policy *policy,
                         uint64_t wall_ns, struct archive_retain_result *ret)
{
    struct pass p = {.config = config, .policy = policy, .wall_ns = wall_ns};
    struct archive_list list;

    TRY(archive_list_read(config, &list));
    for (size_t i = list.count; i > 0; i--) {
        struct archive_list_entry *e = &list.entries[i - 1];
        p.result.rejected_bytes += is_rejected(e) ? e->bytes : 0;
        p.total_bytes += is_candidate(e) ? e->bytes : 0;
        e->spared = !is_candidate(e) || is_newest(&p, e);
    }
    for (size_t i = 0; i < list.count; i++) {
        if (!list.entries[i].spared && is_unwanted(&p, &list.entries[i])) {
            delete_entry(&p, &list.entries[i]);
        }
    }
    archive_list_done(&list);
    *ret = p.result;
    return ERR_OK;
}
