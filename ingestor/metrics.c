/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics: adding up. */
#include "ingestor/metrics.h"

#include "base/clock.h"

#include <assert.h>

#define BYTES_PER_MB   1e6
#define QUANTILE_WORST 0.99

static void add_all(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        into[i] += from[i];
    }
}

struct metrics_law metrics_law_of(const struct shard_stats *stats, enum format format)
{
    struct metrics_law law = {
        .received = stats->received[format],
        .archived = stats->archived[format],
        .in_flight = stats->in_flight[format],
    };

    for (unsigned i = 0; i < REASON_COUNT; i++) {
        law.rejected += stats->rejected[format][i];
    }
    for (unsigned i = 0; i < DROP_COUNT; i++) {
        law.dropped += stats->dropped[format][i];
    }
    return law;
}

struct metrics_law metrics_law_total(const struct shard_stats *stats)
{
    struct metrics_law total = {0};

    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        struct metrics_law law = metrics_law_of(stats, (enum format)f);
        total.received += law.received;
        total.archived += law.archived;
        total.rejected += law.rejected;
        total.dropped += law.dropped;
        total.in_flight += law.in_flight;
    }
    return total;
}

static void law_check(const struct shard_stats *stats)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        struct metrics_law law = metrics_law_of(stats, (enum format)f);
        assert(law.received == law.archived + law.rejected + law.dropped + law.in_flight);
    }
}

/* Puts a sample into its place among the newest; of two as old, the first one stays in front. */
static void sample_keep(struct shard_sample *kept, uint32_t *count, uint32_t max,
                        const struct shard_sample *sample)
{
    uint32_t at = *count;

    if (sample->len == 0) {
        return;
    }
    while (at > 0 && kept[at - 1].at_ns < sample->at_ns) {
        at--;
    }
    if (at == max) {
        return;
    }
    if (*count < max) {
        (*count)++;
    }
    memmove(&kept[at + 1], &kept[at], (*count - at - 1) * sizeof(*kept));
    kept[at] = *sample;
}

/* From the newest to the oldest, for those of one read bear the same time. */
static void samples_add(struct shard_stats *into, const struct shard_stats *from)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        for (uint32_t i = SHARD_SAMPLES_PER_FORMAT; i > 0; i--) {
            uint32_t slot = (from->sample_next[f] + i - 1) % SHARD_SAMPLES_PER_FORMAT;
            sample_keep(into->samples[f], &into->sample_next[f], METRICS_SAMPLES,
                        &from->samples[f][slot]);
        }
    }
    for (uint32_t i = SHARD_REJECT_SAMPLES; i > 0; i--) {
        uint32_t slot = (from->reject_sample_next + i - 1) % SHARD_REJECT_SAMPLES;
        sample_keep(into->reject_samples, &into->reject_sample_next, METRICS_REJECT_SAMPLES,
                    &from->reject_samples[slot]);
    }
}

static void shard_add(struct shard_stats *into, const struct shard_stats *from)
{
    add_all(into->received, from->received, FORMAT_COUNT);
    add_all(into->archived, from->archived, FORMAT_COUNT);
    add_all(into->in_flight, from->in_flight, FORMAT_COUNT);
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        add_all(into->rejected[f], from->rejected[f], REASON_COUNT);
        add_all(into->dropped[f], from->dropped[f], DROP_COUNT);
    }
    add_all(into->severity, from->severity, SEVERITY_COUNT);
    add_all(into->defaulted, from->defaulted, FIELD_COUNT);
    add_all(into->schema_passed, from->schema_passed, SCHEMA_TYPE_SLOTS);
    add_all(into->schema_failed, from->schema_failed, SCHEMA_TYPE_SLOTS);

#define ADD(field, metric, help) into->field += from->field;
    SHARD_COUNTER_LIST(ADD)
#undef ADD
    into->connections_accepted += from->connections_accepted;
    add_all(into->connections_ended, from->connections_ended, CONN_RESULT_COUNT);
    add_all(into->tls_failures, from->tls_failures, TLS_FAILURE_COUNT);
    into->busy_ns += from->busy_ns;
    into->connections_open += from->connections_open;
    into->held_bytes += from->held_bytes;
    into->queue_length += from->queue_length;
    into->queue_max += from->queue_max;

    hist_merge(&into->latency_ns, &from->latency_ns);
    hist_merge(&into->clock_ahead_s, &from->clock_ahead_s);
    hist_merge(&into->clock_behind_s, &from->clock_behind_s);
    samples_add(into, from);
    peer_board_merge(&into->peers, &from->peers);
    service_board_merge(&into->services, &from->services);
    foreign_board_merge(&into->foreign, &from->foreign);
}

static void shards_read(struct server *server, struct metrics_view *view)
{
    struct shard_stats shard;

    view->shard_count = server_shard_count(server);
    assert(view->shard_count <= SHARDS_MAX);
    for (unsigned i = 0; i < view->shard_count; i++) {
        server_read_shard(server, i, &shard);
        law_check(&shard);
        shard_add(&view->sum, &shard);

        struct metrics_law law = metrics_law_total(&shard);
        view->shards[i] = (struct metrics_shard){
            .records_received = law.received,
            .records_archived = law.archived,
            .busy_ns = shard.busy_ns,
            .connections_open = shard.connections_open,
            .queue_length = shard.queue_length,
        };
    }
}

/* The numbers of shards and archive are of slightly different moments; what is durable has been
 * archived or rejected all the same, and shows so. */
static void order_synced(struct metrics_view *view)
{
    struct metrics_law total = metrics_law_total(&view->sum);
    uint64_t written = total.archived + total.rejected - view->sum.rejected_not_kept;

    if (view->archive.records_synced > written) {
        view->archive.records_synced = written;
    }
}

static enum metrics_state state_of(const struct server *server, const struct archive_stats *archive)
{
    if (server_state_now(server) == SERVER_DRAINING) {
        return METRICS_DRAINING;
    }
    return archive->stalled ? METRICS_STALLED : METRICS_ARCHIVING;
}

void metrics_read(struct server *server, struct metrics_view *ret)
{
    *ret = (struct metrics_view){
        .mono_ns = clock_mono_ns(),
        .wall_ns = clock_wall_ns(),
        .started_wall_ns = server_started_wall_ns(server),
        .cert_expires_s = server_cert_expires_s(server),
        .cert_is_development = server_cert_is_development(server),
        .udp_drops = server_udp_drops(server),
    };
    server_read_accept(server, &ret->accept);
    server_read_archive(server, &ret->archive);
    server_read_schemas(server, &ret->schemas);
    ret->open_file_count = server_list_open_files(server, ret->open_files, FILE_BOARD_PLACES);
    ret->published_file_count = server_list_published_files(server, ret->published_files);
    shards_read(server, ret);
    order_synced(ret);
    ret->state = state_of(server, &ret->archive);
}

enum metrics_state metrics_state_now(const struct server *server)
{
    struct archive_stats archive;

    server_read_archive(server, &archive);
    return state_of(server, &archive);
}

void metrics_mark_set(struct metrics_mark *mark, const struct metrics_view *view)
{
    mark->mono_ns = view->mono_ns;
    memcpy(mark->received, view->sum.received, sizeof(mark->received));
    mark->rejected = metrics_law_total(&view->sum).rejected;
    mark->bytes_received = view->sum.bytes_received;
    mark->latency_ns = view->sum.latency_ns;
}

static struct hist hist_since(const struct hist *before, const struct hist *now)
{
    struct hist since = {.count = now->count - before->count, .sum = now->sum - before->sum};

    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        since.bucket[i] = now->bucket[i] - before->bucket[i];
    }
    return since;
}

void metrics_rates_between(const struct metrics_mark *mark, const struct metrics_view *view,
                           struct metrics_rates *ret)
{
    struct hist latency = hist_since(&mark->latency_ns, &view->sum.latency_ns);
    double seconds = (double)(view->mono_ns - mark->mono_ns) / (double)NS_PER_S;

    *ret = (struct metrics_rates){0};
    if (view->mono_ns <= mark->mono_ns) {
        return;
    }
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        ret->format_logs_per_s[f] = (double)(view->sum.received[f] - mark->received[f]) / seconds;
        ret->logs_per_s += ret->format_logs_per_s[f];
    }
    ret->rejected_per_s =
        (double)(metrics_law_total(&view->sum).rejected - mark->rejected) / seconds;
    ret->mb_per_s =
        (double)(view->sum.bytes_received - mark->bytes_received) / BYTES_PER_MB / seconds;
    if (latency.count > 0) {
        ret->latency_us = (double)latency.sum / (double)latency.count / (double)NS_PER_US;
        ret->latency_p50_us = (double)hist_quantile(&latency, 0.5) / (double)NS_PER_US;
        ret->latency_p99_us = (double)hist_quantile(&latency, QUANTILE_WORST) / (double)NS_PER_US;
    }
}

const char *metrics_state_name(enum metrics_state state)
{
    static const char *const names[] = {
        [METRICS_ARCHIVING] = "archiving",
        [METRICS_STALLED] = "stalled",
        [METRICS_DRAINING] = "draining",
    };

    return names[state];
}

const char *metrics_state_text(enum metrics_state state)
{
    static const char *const texts[] = {
        [METRICS_ARCHIVING] = "records are received and archived",
        [METRICS_STALLED] = "nothing can be written: the disk is full or below --min-free, or it "
                            "fails; this ends by itself once writing works again",
        [METRICS_DRAINING] = "the ingestor is shutting down: it takes no new connections and "
                             "archives what has arrived",
    };

    return texts[state];
}
