/* SPDX-License-Identifier: Apache-2.0
 *
 * intake: the second half of a record's way. Records count as received here, as archived or
 * rejected when the frame that holds their line comes back written. */
#include "ingestor/intake.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "render/render_reject.h"
#include "wire/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* What judges, and where it counts. */
static err_t init_schemas(struct intake *in, const struct intake_config *config)
{
    struct check_entry_limits limits = {.message_bytes_max = config->message_bytes_max};

    in->judge = (struct judge){
        .limits = limits, .passed = in->stats->schema_passed, .failed = in->stats->schema_failed};
    in->env.payload = (struct payload_env){.schemas = schema_cache_use(in->schemas, in->shard),
                                           .limits = limits,
                                           .passed = in->stats->schema_passed,
                                           .failed = in->stats->schema_failed};
    return check_json_init(&in->judge.json);
}

err_t intake_init(struct intake *in, const struct intake_config *config)
{
    *in = (struct intake){
        .archive = config->archive,
        .shard = config->shard,
        .render = config->render,
        .watch = config->watch,
        .schemas = config->schemas,
        .zones = config->zones,
        .tail = config->tail,
        .env = {.codec = {.ndjson_strict = config->ndjson_strict},
                .record_bytes_max = config->record_bytes_max},
        .batch = calloc(1, sizeof(*in->batch)),
        .recent = calloc(1, sizeof(*in->recent)),
        .stats = calloc(1, sizeof(*in->stats)),
    };
    ENSURE(in->batch != NULL && in->recent != NULL && in->stats != NULL, ERR_NOMEM);
    TRY(batch_init(in->batch, config->record_bytes_max));
    TRY(recent_init(in->recent));
    TRY(init_schemas(in, config));
    stamp_init(&in->stamp, &config->stamp);
    for (unsigned kind = 0; config->archive != NULL && kind < ARCHIVE_KIND_COUNT; kind++) {
        in->packs[kind] = archive_pack_of(config->archive, config->shard, (enum archive_kind)kind);
    }
    return ERR_OK;
}

void intake_done(struct intake *in)
{
    if (in->batch != NULL) {
        batch_done(in->batch);
    }
    if (in->recent != NULL) {
        recent_done(in->recent);
    }
    check_json_done(&in->judge.json);
    free(in->batch);
    free(in->recent);
    free(in->stats);
    *in = (struct intake){0};
}

void intake_begin_turn(struct intake *in)
{
    in->turn_mono_ns = clock_mono_ns();
    in->turn_wall_ns = clock_wall_ns();
    in->env.payload.schemas = schema_cache_use(in->schemas, in->shard);
    in->env.payload.mono_ns = in->turn_mono_ns;
    recent_answer(in->recent);
    batch_reset(in->batch, in->turn_wall_ns);
}

bool intake_is_ready(const struct intake *in)
{
    return in->discarding || in->watch != NULL || archive_ready(in->archive, in->shard);
}

static void count_received(struct intake *in, enum format format)
{
    in->stats->received[format]++;
    in->stats->in_flight[format]++;
    in->stats->queue_length++;
}

/* NULL: the line is too long for one. */
static struct shard_sample *keep_sample(const struct intake *in, struct shard_sample *samples,
                                        uint32_t count, uint32_t *next, struct span line)
{
    if (line.len > SHARD_SAMPLE_BYTES) {
        return NULL;
    }
    struct shard_sample *sample = &samples[*next % count];
    memcpy(sample->line, line.at, line.len);
    sample->len = (uint32_t)line.len;
    sample->at_ns = in->turn_wall_ns;
    snprintf(sample->peer, sizeof(sample->peer), "%s", in->peer);
    *next = (*next + 1) % count;
    return sample;
}

static void offer_to_tail(const struct intake *in, const struct record *rec, struct span line)
{
    struct tail_line offered = {.wall_ns = in->turn_wall_ns,
                                .peer = in->peer,
                                .format = (enum format)rec->format,
                                .severity = (enum severity)rec->severity,
                                .line = line};

    tail_offer(in->tail, in->shard, &offered);
}

/* Lines of a batch that are kept as samples: its last ones. */
#define SAMPLED_PER_BATCH 8u

/* The lines of all good records go into the log pack. The peer is noted once per run of records
 * that end up in the same frame. */
static void take_records(struct intake *in)
{
    struct archive_pack *pack = in->packs[ARCHIVE_LOG];
    const struct batch *b = in->batch;
    bool tailed = tail_is_read(in->tail);
    uint32_t run = 0;

    for (uint32_t i = 0; i < b->record_count; i++) {
        const struct record *rec = &b->records[i];
        char *at = archive_pack_line(pack, in->render->bound(rec));
        size_t bytes = (size_t)(in->render->line(rec, at) - at);
        struct tally *tally = archive_pack_tag(pack);

        count_received(in, (enum format)rec->format);
        tally->archived[rec->format]++;
        tally->severity[rec->severity]++;
        in->stats->handed_over_bytes += bytes;
        run++;
        if (tailed) {
            offer_to_tail(in, rec, span_of(at, bytes - 1));
        }
        if (i + SAMPLED_PER_BATCH >= b->record_count) {
            IGNORE(keep_sample(in, in->stats->samples[rec->format], SHARD_SAMPLES_PER_FORMAT,
                               &in->stats->sample_next[rec->format],
                               span_of(at, bytes - 1)) == NULL,
                   "longer lines are no samples");
        }
        if (i + 1 == b->record_count || pack->len + bytes >= ARCHIVE_FRAME_BYTES) {
            tally_add_peer(tally, in->peer, run);
            run = 0;
        }
        archive_pack_commit(pack, bytes, rec->severity, in->turn_wall_ns, in->turn_mono_ns);
    }
}

/* The payload of a sample is cut to the first, or, if its line is then still too long, to the
 * second, so that every reject has a sample. */
#define SAMPLED_PAYLOAD_BYTES 512u
#define SAMPLED_PAYLOAD_LEAST 64u
#define SAMPLED_LINE_BYTES    (8u * KIB)

#define UTF8_SEQUENCE_MAX     4u

/* The beginning of a payload, not ending within a character. */
static struct span payload_head(struct span payload, size_t at_most)
{
    struct span head = span_head(payload, at_most);
    size_t valid = utf8_valid_prefix(head);

    return head.len < payload.len && valid > 0 && head.len - valid < UTF8_SEQUENCE_MAX
               ? span_head(head, valid)
               : head;
}

static bool keep_reject_head(struct intake *in, const struct reject *reject,
                             const struct render_reject_facts *facts, size_t payload_max)
{
    char line[SAMPLED_LINE_BYTES];
    struct reject head = *reject;

    head.payload = payload_head(reject->payload, payload_max);
    if (render_reject_bound(&head, facts) > sizeof(line)) {
        return false;
    }
    size_t bytes = (size_t)(render_reject_line(&head, facts, line) - line);
    struct shard_sample *sample =
        keep_sample(in, in->stats->reject_samples, SHARD_REJECT_SAMPLES,
                    &in->stats->reject_sample_next, span_of(line, bytes - 1));
    if (sample != NULL) {
        sample->reason = reject->reason;
        sample->cut = head.payload.len < reject->length;
    }
    return sample != NULL;
}

static void keep_reject_sample(struct intake *in, const struct reject *reject,
                               const struct render_reject_facts *facts)
{
    if (!keep_reject_head(in, reject, facts, SAMPLED_PAYLOAD_BYTES)) {
        IGNORE(keep_reject_head(in, reject, facts, SAMPLED_PAYLOAD_LEAST),
               "a very long name in a certificate leaves no room");
    }
}

/* The reject's line, in the pack of rejected records if the quota allows one more. */
static void take_reject(struct intake *in, const struct reject *reject)
{
    struct render_reject_facts facts = {.received_at = in->batch->received_text,
                                        .peer = span_of_str(in->peer),
                                        .cert = span_of_str(in->cert)};
    struct archive_pack *pack = in->packs[ARCHIVE_REJECTED];
    char *at = archive_pack_line(pack, render_reject_bound(reject, &facts));
    size_t bytes = (size_t)(render_reject_line(reject, &facts, at) - at);

    keep_reject_sample(in, reject, &facts);
    if (!archive_keeps_rejected(in->archive)) {
        in->stats->received[reject->format]++;
        in->stats->rejected[reject->format][reject->reason]++;
        in->stats->rejected_not_kept++;
        return;
    }
    struct tally *tally = archive_pack_tag(pack);
    count_received(in, (enum format)reject->format);
    tally->rejected[reject->format][reject->reason]++;
    tally_add_peer(tally, in->peer, 1);
    archive_pack_commit(pack, bytes, SEVERITY_OTHER, in->turn_wall_ns, in->turn_mono_ns);
}

static void note_skew(struct peer_board_entry *sender, int64_t skew_s)
{
    sender->skew_known = true;
    sender->skew_s = skew_s;
}

/* How far the sender's clock is from ours, by the last record of a read that came with a time. */
static void sample_clock(struct intake *in, struct peer_board_entry *sender)
{
    const struct batch *b = in->batch;
    uint64_t sent_ns = 0;

    if (b->record_count == 0) {
        return;
    }
    const struct record *rec = &b->records[b->record_count - 1];
    if (rec->time_source != TIME_AS_SENT ||
        rfc3339_parse(text_span(rec->timestamp), &sent_ns) != ERR_OK) {
        return;
    }
    if (sent_ns > b->received_ns) {
        uint64_t ahead_s = (sent_ns - b->received_ns) / NS_PER_S;
        hist_add(&in->stats->clock_ahead_s, ahead_s, 1);
        note_skew(sender, (int64_t)ahead_s);
        return;
    }
    uint64_t behind_s = (b->received_ns - sent_ns) / NS_PER_S;
    hist_add(&in->stats->clock_behind_s, behind_s, 1);
    note_skew(sender, -(int64_t)behind_s);
}

static void count_sender(struct intake *in)
{
    struct peer_board_key key = {in->peer, in->cert};
    struct peer_board_entry *sender = peer_board_find(&in->stats->peers, key, in->turn_wall_ns);

    sender->records += in->batch->record_count + in->batch->reject_count;
    sender->rejected += in->batch->reject_count;
    sample_clock(in, sender);
}

/* At the end every sender is named, however many there are; while a disk is full, as many as a log
 * can bear. */
static void log_drop(enum shard_drop why, const char *peer, uint32_t records)
{
    const char *reason = shard_stats_drop_label(why);

    if (why == DROP_SHUTDOWN) {
        LOG_EACH(LOG_ERROR, "intake", "event=dropped reason=%s peer=%s records=%u", reason, peer,
                 records);
        return;
    }
    LOG(LOG_ERROR, "intake", "event=dropped reason=%s peer=%s records=%u", reason, peer, records);
}

/* Too late to be written: counted, and logged for the sender. */
static void drop_batch(struct intake *in)
{
    const struct batch *b = in->batch;

    for (uint32_t i = 0; i < b->record_count; i++) {
        in->stats->received[b->records[i].format]++;
        in->stats->dropped[b->records[i].format][DROP_SHUTDOWN]++;
    }
    for (uint32_t i = 0; i < b->reject_count; i++) {
        in->stats->received[b->rejects[i].format]++;
        in->stats->dropped[b->rejects[i].format][DROP_SHUTDOWN]++;
    }
    log_drop(DROP_SHUTDOWN, in->peer, b->record_count + b->reject_count);
}

/* The order of rules, schemas and stamp is that of every record, archived or only shown. */
static void judge(struct intake *in)
{
    struct batch *b = in->batch;

    judge_batch(&in->judge, in->env.payload.schemas, b);
    batch_sort_rejects(b);
    if (stamp_is_on(&in->stamp)) {
        stamp_put(&in->stamp, in->peer, in->cert, b);
    }
}

static void show_batch(struct intake *in)
{
    in->watch->decoded(in->watch->arg, in->batch);
    judge(in);
    in->watch->judged(in->watch->arg, in->batch);
}

static void keep_batch(struct intake *in)
{
    struct batch *b = in->batch;

    judge(in);
    take_records(in);
    recent_keep(in->recent, in->env.payload.schemas, b);
    for (uint32_t i = 0; i < b->reject_count; i++) {
        take_reject(in, &b->rejects[i]);
    }
    count_sender(in);
    service_board_add_batch(&in->stats->services, b);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        in->stats->defaulted[field] += b->defaulted[field];
    }
    if (in->stats->queue_length > in->stats->queue_max) {
        in->stats->queue_max = in->stats->queue_length;
    }
    hist_add(&in->stats->latency_ns, clock_mono_ns() - in->turn_mono_ns, b->record_count);
}

void intake_take_batch(struct intake *in, const char *peer, const char *cert)
{
    struct batch *b = in->batch;

    in->peer = peer;
    in->cert = cert;
    in->stats->blank_lines += b->blank_count;
    if (in->watch != NULL) {
        show_batch(in);
    } else if (b->record_count + b->reject_count > 0) {
        if (in->discarding) {
            drop_batch(in);
        } else {
            keep_batch(in);
        }
    }
    batch_reset(b, b->received_ns);
}

/* Both sides of the law, for everything a frame held. */
static void settle_records(struct shard_stats *stats, enum format f, uint64_t records)
{
    assert(stats->in_flight[f] >= records && stats->queue_length >= records);
    stats->in_flight[f] -= records;
    stats->queue_length -= records;
}

static void count_written(struct shard_stats *stats, const struct tally *t)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        stats->archived[f] += t->archived[f];
        settle_records(stats, (enum format)f, t->archived[f]);
        for (unsigned r = 0; r < REASON_COUNT; r++) {
            stats->rejected[f][r] += t->rejected[f][r];
            settle_records(stats, (enum format)f, t->rejected[f][r]);
        }
    }
    for (unsigned s = 0; s < SEVERITY_COUNT; s++) {
        stats->severity[s] += t->severity[s];
    }
}

static void count_dropped(struct shard_stats *stats, const struct tally *t, enum shard_drop why)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        uint64_t records = t->archived[f];
        for (unsigned r = 0; r < REASON_COUNT; r++) {
            records += t->rejected[f][r];
        }
        stats->dropped[f][why] += records;
        settle_records(stats, (enum format)f, records);
    }
}

static void log_dropped(const struct tally *t, enum shard_drop why)
{
    for (uint32_t i = 0; i < t->peer_count; i++) {
        log_drop(why, t->peers[i].name, t->peers[i].records);
    }
    if (t->other > 0) {
        log_drop(why, "others", t->other);
    }
}

unsigned intake_reap(struct intake *in)
{
    struct archive_outcome o;
    unsigned count = 0;

    while (archive_reap(in->archive, in->shard, &o)) {
        const struct tally *t = o.tag;
        count++;
        if (o.fate == ARCHIVE_WRITTEN) {
            count_written(in->stats, t);
            continue;
        }
        enum shard_drop why = o.fate == ARCHIVE_DROPPED_DISK_FULL ? DROP_DISK_FULL : DROP_SHUTDOWN;
        count_dropped(in->stats, t, why);
        log_dropped(t, why);
    }
    return count;
}

void intake_flush(struct intake *in, uint64_t mono_ns, uint64_t flush_ns)
{
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        struct archive_pack *pack = in->packs[kind];
        if (pack->records > 0 && mono_ns - pack->begun_mono_ns >= flush_ns &&
            archive_ready(in->archive, in->shard)) {
            archive_pack_flush(pack);
        }
    }
}

uint64_t intake_flush_due(const struct intake *in, uint64_t flush_ns)
{
    uint64_t due = UINT64_MAX;

    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        const struct archive_pack *pack = in->packs[kind];
        if (pack->records > 0 && pack->begun_mono_ns + flush_ns < due) {
            due = pack->begun_mono_ns + flush_ns;
        }
    }
    return due;
}

void intake_discard(struct intake *in)
{
    in->discarding = true;
    for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
        struct archive_pack *pack = in->packs[kind];
        if (pack->records > 0) {
            count_dropped(in->stats, archive_pack_tag(pack), DROP_SHUTDOWN);
            log_dropped(archive_pack_tag(pack), DROP_SHUTDOWN);
            archive_pack_discard(pack);
        }
    }
}
