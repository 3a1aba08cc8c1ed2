/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_json: one function a group of members, in the order in which they are written. */
#include "ingestor/metrics_json.h"

#include "ingestor/json_put.h"
#include "ingestor/metrics_schema.h"
#include "ingestor/senders_json.h"

static void put_seconds(struct json_put *j, const char *key, uint64_t ns)
{
    json_put_real(j, key, (double)ns / (double)NS_PER_S);
}

static void put_time(struct json_put *j, const char *key, uint64_t wall_ns)
{
    char text[RFC3339_BYTES_MAX];
    size_t len = rfc3339_format(wall_ns, 3, text);

    json_put_text(j, key, span_of(text, len));
}

static void put_process(struct json_put *j, const struct metrics_view *view)
{
    uint64_t up_ns =
        view->wall_ns > view->started_wall_ns ? view->wall_ns - view->started_wall_ns : 0;

    json_put_text(j, "version", SPAN_LIT(CORDWOOD_VERSION));
    json_put_text(j, "state", span_of_str(metrics_state_name(view->state)));
    json_put_text(j, "state_text", span_of_str(metrics_state_text(view->state)));
    put_time(j, "time", view->wall_ns);
    put_time(j, "started", view->started_wall_ns);
    json_put_count(j, "uptime_s", up_ns / NS_PER_S);
    json_put_object(j, "certificate");
    json_put_count(j, "expires_s", view->cert_expires_s);
    json_put_bool(j, "development", view->cert_is_development);
    json_put_object_end(j);
}

static void put_rates(struct json_put *j, const struct metrics_rates *rates)
{
    json_put_real(j, "logs_per_sec", rates->logs_per_s);
    json_put_real(j, "mb_per_sec", rates->mb_per_s);
    json_put_real(j, "latency_us", rates->latency_us);
    json_put_real(j, "latency_p50_us", rates->latency_p50_us);
    json_put_real(j, "latency_p99_us", rates->latency_p99_us);
    json_put_real(j, "rejected_per_sec", rates->rejected_per_s);
    json_put_object(j, "logs_per_sec_by_format");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        json_put_real(j, format_name((enum format)f), rates->format_logs_per_s[f]);
    }
    json_put_object_end(j);
}

static void put_law(struct json_put *j, const char *key, struct metrics_law law)
{
    json_put_object(j, key);
    json_put_count(j, "received", law.received);
    json_put_count(j, "archived", law.archived);
    json_put_count(j, "rejected", law.rejected);
    json_put_count(j, "dropped", law.dropped);
    json_put_count(j, "in_flight", law.in_flight);
    json_put_object_end(j);
}

static void put_records(struct json_put *j, const struct shard_stats *sum)
{
    struct metrics_law total = metrics_law_total(sum);

    json_put_count(j, "dropped", total.dropped);
    json_put_count(j, "rejected", total.rejected);
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        json_put_count(j, format_name((enum format)f), sum->archived[f]);
    }
    json_put_object(j, "records");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        put_law(j, format_name((enum format)f), metrics_law_of(sum, (enum format)f));
    }
    json_put_object_end(j);
    put_law(j, "totals", total);
}

static uint64_t rejected_for(const struct shard_stats *sum, enum reason reason)
{
    uint64_t count = 0;

    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        count += sum->rejected[f][reason];
    }
    return count;
}

static void put_rejected(struct json_put *j, const struct shard_stats *sum)
{
    json_put_object(j, "rejected_by_reason");
    for (unsigned r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        json_put_count(j, reason_name((enum reason)r), rejected_for(sum, (enum reason)r));
    }
    json_put_object_end(j);

    json_put_object(j, "reason_fixes");
    for (unsigned r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        if (rejected_for(sum, (enum reason)r) > 0) {
            json_put_text(j, reason_name((enum reason)r), span_of_str(reason_fix((enum reason)r)));
        }
    }
    json_put_object_end(j);

    json_put_object(j, "dropped_by_reason");
    for (unsigned d = 0; d < DROP_COUNT; d++) {
        uint64_t count = 0;
        for (unsigned f = 0; f < FORMAT_COUNT; f++) {
            count += sum->dropped[f][d];
        }
        json_put_count(j, shard_stats_drop_label((enum shard_drop)d), count);
    }
    json_put_object_end(j);
}

static void put_values(struct json_put *j, const struct shard_stats *sum)
{
    json_put_object(j, "severities");
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        json_put_count(j, severity_label((enum severity)i), sum->severity[i]);
    }
    json_put_object_end(j);

    json_put_object(j, "defaulted");
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        json_put_count(j, shard_stats_field_label((enum entry_field)i), sum->defaulted[i]);
    }
    json_put_object_end(j);
}

static void put_connections(struct json_put *j, const struct metrics_view *view)
{
    const struct shard_stats *sum = &view->sum;

    json_put_object(j, "connections");
    json_put_count(j, "open", sum->connections_open);
    json_put_count(j, "accepted", sum->connections_accepted);
    json_put_count(j, "refused", view->accept.refused_limit + view->accept.refused_peer_limit);
    json_put_count(j, "accept_errors", view->accept.errors);
    json_put_object(j, "ended");
    for (unsigned i = 0; i < CONN_RESULT_COUNT; i++) {
        json_put_count(j, shard_stats_result_label((enum shard_conn_result)i),
                       sum->connections_ended[i]);
    }
    json_put_object_end(j);
    json_put_object(j, "tls_failures");
    for (unsigned i = 0; i < TLS_FAILURE_COUNT; i++) {
        json_put_count(j, shard_stats_tls_failure_label((enum shard_tls_failure)i),
                       sum->tls_failures[i]);
    }
    json_put_object_end(j);
    json_put_object_end(j);

    json_put_object(j, "udp");
    json_put_count(j, "datagrams", sum->udp_datagrams);
    json_put_count(j, "dropped", view->udp_drops);
    json_put_object_end(j);
}

static void put_disk(struct json_put *j, const struct archive_stats *a,
                     const struct disk_forecast *disk)
{
    json_put_real(j, "bytes_out_per_s", disk->bytes_out_per_s);
    if (disk->is_filling) {
        json_put_real(j, "disk_full_in_s", disk->full_in_s);
    } else {
        json_put_null(j, "disk_full_in_s");
    }
    if (a->bytes_out > 0) {
        json_put_real(j, "ratio", (double)a->bytes_in / (double)a->bytes_out);
    } else {
        json_put_null(j, "ratio");
    }
}

static void put_archive(struct json_put *j, const struct archive_stats *a,
                        const struct disk_forecast *disk)
{
    json_put_object(j, "archive");
    json_put_count(j, "records_synced", a->records_synced);
    json_put_count(j, "files_published", a->files_published);
    json_put_count(j, "files_recovered", a->files_recovered);
    json_put_count(j, "files_removed_empty", a->files_removed_empty);
    json_put_count(j, "files_deleted", a->files_retained);
    json_put_count(j, "files_open", a->files_open);
    json_put_count(j, "open_bytes", a->open_file_bytes);
    json_put_count(j, "bytes_in", a->bytes_in);
    json_put_count(j, "bytes_out", a->bytes_out);
    json_put_count(j, "rejected_bytes", a->rejected_disk_bytes);
    json_put_count(j, "disk_free_bytes", a->disk_free_bytes);
    json_put_count(j, "disk_size_bytes", a->disk_total_bytes);
    json_put_count(j, "syncs", a->syncs);
    json_put_count(j, "io_errors", a->io_errors);
    put_seconds(j, "sync_lag_s", a->sync_lag_ns);
    json_put_bool(j, "stalled", a->stalled);
    put_disk(j, a, disk);
    json_put_object_end(j);
}

struct shown_file {
    const char *name;
    bool is_open;
    uint64_t records;
    uint64_t rejected;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t closed_ns;
};

static void put_file(struct json_put *j, const struct shown_file *f)
{
    json_put_object(j, NULL);
    json_put_bytes(j, "name", span_of_str(f->name));
    json_put_text(j, "state", f->is_open ? SPAN_LIT("open") : SPAN_LIT("published"));
    json_put_count(j, "records", f->records);
    json_put_count(j, "rejected", f->rejected);
    json_put_count(j, "bytes_in", f->bytes_in);
    json_put_count(j, "bytes_out", f->bytes_out);
    json_put_time(j, "closed", f->closed_ns);
    json_put_object_end(j);
}

static void put_files(struct json_put *j, const struct metrics_view *view)
{
    json_put_array(j, "files");
    for (uint32_t i = 0; i < view->open_file_count; i++) {
        const struct archive_open_file *f = &view->open_files[i];
        bool rejected = f->kind == ARCHIVE_REJECTED;
        put_file(j, &(struct shown_file){f->name, true, rejected ? 0 : f->records,
                                         rejected ? f->records : 0, f->bytes_in, f->bytes_out, 0});
    }
    for (uint32_t i = 0; i < view->published_file_count; i++) {
        const struct file_board_entry *f = &view->published_files[i];
        if (view->open_file_count + i < FILE_BOARD_PLACES) {
            put_file(j, &(struct shown_file){f->name, false, f->records, f->rejected, f->bytes_in,
                                             f->bytes_out, f->closed_ns});
        }
    }
    json_put_array_end(j);
}

static void put_shards(struct json_put *j, const struct metrics_view *view)
{
    json_put_array(j, "shards");
    for (unsigned i = 0; i < view->shard_count; i++) {
        json_put_object(j, NULL);
        json_put_count(j, "received", view->shards[i].records_received);
        json_put_count(j, "archived", view->shards[i].records_archived);
        json_put_count(j, "connections", view->shards[i].connections_open);
        json_put_count(j, "queue_length", view->shards[i].queue_length);
        put_seconds(j, "busy_s", view->shards[i].busy_ns);
        json_put_object_end(j);
    }
    json_put_array_end(j);
}

static void put_lines(struct json_put *j, const char *key, const struct shard_sample *samples,
                      uint32_t count)
{
    json_put_array(j, key);
    for (uint32_t i = 0; i < count; i++) {
        json_put_text(j, NULL, span_of(samples[i].line, samples[i].len));
    }
    json_put_array_end(j);
}

/* The senders of the same lines, in the same order. */
static void put_peers(struct json_put *j, const char *key, const struct shard_sample *samples,
                      uint32_t count)
{
    json_put_array(j, key);
    for (uint32_t i = 0; i < count; i++) {
        json_put_text(j, NULL, span_of_str(samples[i].peer));
    }
    json_put_array_end(j);
}

static void put_samples(struct json_put *j, const struct shard_stats *sum)
{
    json_put_object(j, "samples");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        put_lines(j, format_name((enum format)f), sum->samples[f], sum->sample_next[f]);
    }
    json_put_object_end(j);
    json_put_object(j, "sample_peers");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        put_peers(j, format_name((enum format)f), sum->samples[f], sum->sample_next[f]);
    }
    json_put_object_end(j);
    put_lines(j, "rejects", sum->reject_samples, sum->reject_sample_next);
}

err_t metrics_json_render(const struct metrics_view *view, const struct metrics_rates *rates,
                          const struct history *history, struct buf *out)
{
    struct json_put j = {.out = out, .err = ERR_OK};
    size_t before = out->len;

    json_put_object(&j, NULL);
    put_process(&j, view);
    put_rates(&j, rates);
    if (history != NULL) {
        history_put_now(history, &j);
    }
    json_put_count(&j, "queue_length", view->sum.queue_length);
    json_put_count(&j, "queue_max", view->sum.queue_max);
    json_put_count(&j, "file_rotations", view->archive.files_published);
    put_records(&j, &view->sum);
    put_rejected(&j, &view->sum);
    put_values(&j, &view->sum);
    put_connections(&j, view);
    put_archive(&j, &view->archive, &rates->disk);
    put_files(&j, view);
    put_shards(&j, view);
    metrics_schema_put(&j, view);
    put_samples(&j, &view->sum);
    senders_json_put(&j, &view->sum);
    json_put_object_end(&j);
    if (j.err != ERR_OK) {
        out->len = before;
    }
    return j.err;
}
