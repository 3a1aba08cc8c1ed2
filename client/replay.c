/* SPDX-License-Identifier: Apache-2.0
 *
 * replay: one file after the other. A file that is broken ends early, with what stood before the
 * break sent; the next one follows. */
#include "client/replay.h"

#include "base/limits.h"
#include "base/log.h"
#include "client/framed.h"

#include <errno.h>
#include <inttypes.h>

#define BATCH_BYTES (1u * MIB)

static err_t look_at_files(const struct option_strings *paths, const char **ret_path)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        struct replay_file file;
        err_t err = replay_file_open(&file, paths->at[i]);
        if (err != ERR_OK) {
            *ret_path = paths->at[i];
            return err;
        }
        replay_file_close(&file);
    }
    return ERR_OK;
}

err_t replay_open(struct replay *r, const struct option_strings *paths, struct stop *stop,
                  const char **ret_path)
{
    *r = (struct replay){.paths = paths, .stop = stop, .file = {.fd = -1}};
    TRY(look_at_files(paths, ret_path));
    pthread_mutex_init(&r->lock, NULL);
    return ERR_OK;
}

void replay_close(struct replay *r)
{
    pthread_mutex_destroy(&r->lock);
    replay_file_close(&r->file);
    buf_done(&r->payload);
}

static const char *path_in_hand(const struct replay *r)
{
    return r->paths->at[r->next - 1];
}

static void break_off(struct replay *r, err_t err, int error)
{
    r->broken++;
    LOG(LOG_WARN, "replay",
        "event=file_broken file=\"%.200s\" line=%" PRIu64 " reason=\"%s\" action=next_file",
        path_in_hand(r), r->line, err == ERR_SYNTAX ? "no whole zstd frames" : strerror(error));
}

/* Opens the next file. ERR_EOF: there is none. */
static err_t open_next(struct replay *r)
{
    while (r->file.fd < 0) {
        ENSURE(r->next < r->paths->count, ERR_EOF);
        r->next++;
        r->line = 0;
        r->told_line = false;
        err_t err = replay_file_open(&r->file, path_in_hand(r));
        ENSURE(err != ERR_NOMEM, err);
        if (err != ERR_OK) {
            break_off(r, err, errno);
        }
    }
    return ERR_OK;
}

/* Counts a line; of those that are not sent the first of each file is told. */
static void count_line(struct replay *r, enum replay_line_verdict verdict)
{
    r->counts[verdict]++;
    if (verdict != REPLAY_LINE_SEND && !r->told_line) {
        r->told_line = true;
        LOG(LOG_WARN, "replay",
            "event=record_not_sent file=\"%.200s\" line=%" PRIu64 " reason=%s action=count",
            path_in_hand(r), r->line, replay_line_name(verdict));
    }
}

/* Parses the line and frames its payload. */
static err_t frame_line(struct replay *r, struct span line, struct buf *out, uint32_t *framed)
{
    enum replay_line_verdict verdict = REPLAY_LINE_BAD;
    uint8_t format = 0;

    TRY(replay_line_parse(line, &r->payload, &format, &verdict));
    if (verdict == REPLAY_LINE_SEND) {
        TRY(framed_append(out, format, buf_span(&r->payload)));
        ++*framed;
    }
    count_line(r, verdict);
    return ERR_OK;
}

/* One line of the files, or one file's end. ERR_EOF: all of them. */
static err_t step(struct replay *r, struct buf *out, uint32_t *framed)
{
    struct span line;

    TRY(open_next(r));
    r->line++;
    err_t err = replay_file_next(&r->file, &line);
    if (err == ERR_OK) {
        return frame_line(r, line, out, framed);
    }
    if (err == ERR_LIMIT) {
        count_line(r, REPLAY_LINE_BAD);
        return ERR_OK;
    }
    ENSURE(err != ERR_NOMEM, err);
    if (err != ERR_EOF) {
        break_off(r, err, errno);
    }
    replay_file_close(&r->file);
    return ERR_OK;
}

static err_t next_locked(struct replay *r, uint32_t count, struct buf *out, uint32_t *framed)
{
    size_t begin = out->len;

    while (*framed < count && out->len - begin < BATCH_BYTES && !stop_requested(r->stop)) {
        TRY(step(r, out, framed));
    }
    return ERR_OK;
}

err_t replay_next(struct replay *r, uint32_t count, struct buf *out, uint32_t *ret_count)
{
    uint32_t framed = 0;

    pthread_mutex_lock(&r->lock);
    err_t err = next_locked(r, count, out, &framed);
    pthread_mutex_unlock(&r->lock);
    ENSURE(err == ERR_OK || err == ERR_EOF, err);
    *ret_count = framed;
    return ERR_OK;
}

uint32_t replay_unread(const struct replay *r)
{
    return r->paths->count - r->next + (r->file.fd >= 0 ? 1 : 0);
}

bool replay_complete(const struct replay *r)
{
    /* An empty record holds nothing that could be missed. */
    return r->broken == 0 && replay_unread(r) == 0 && r->counts[REPLAY_LINE_CUT] == 0 &&
           r->counts[REPLAY_LINE_UNKNOWN] == 0 && r->counts[REPLAY_LINE_BAD] == 0;
}
