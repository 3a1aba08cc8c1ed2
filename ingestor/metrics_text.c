/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_text: one function a group of metrics, in the order in which they are printed. The first
 * failure to append stays in struct exposition and makes the rest a no-op. */
#include "ingestor/metrics_text.h"

#include "ingestor/metrics_schema.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_LINE_BYTES 1024u

/* Buckets printed of a power-of-two histogram: upper edges 2^first … 2^last, every step-th. */
#define LATENCY_FIRST 12u /* 4 us */
#define LATENCY_LAST  34u /* 17 s */
#define SKEW_LAST     20u /* 12 days */

enum text_unit { UNIT_NS, UNIT_S };

struct exposition {
    struct buf *out;
    bool openmetrics;
    err_t err;
};

static void text_line(struct exposition *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void text_line(struct exposition *t, const char *format, ...)
{
    char line[TEXT_LINE_BYTES];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    assert(len > 0 && (size_t)len < sizeof(line));
    if (t->err == ERR_OK) {
        t->err = buf_append(t->out, span_of(line, (size_t)len));
    }
}

/* OpenMetrics names a counter's family without the _total of its samples. */
static void text_head(struct exposition *t, const char *name, const char *type, const char *help)
{
    size_t len = strlen(name);

    if (t->openmetrics && strcmp(type, "counter") == 0) {
        len -= strlen("_total");
    }
    text_line(t, "# HELP cordwood_%.*s %s.\n", (int)len, name, help);
    text_line(t, "# TYPE cordwood_%.*s %s\n", (int)len, name, type);
}

static void text_value(struct exposition *t, const char *name, const char *label, const char *value,
                       uint64_t number)
{
    text_line(t, "cordwood_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, number);
}

static void text_seconds(struct exposition *t, const char *name, uint64_t ns)
{
    text_line(t, "cordwood_%s %" PRIu64 ".%09" PRIu64 "\n", name, (uint64_t)(ns / NS_PER_S),
              (uint64_t)(ns % NS_PER_S));
}

static void text_counter(struct exposition *t, const char *name, const char *help, uint64_t number)
{
    text_head(t, name, "counter", help);
    text_line(t, "cordwood_%s %" PRIu64 "\n", name, number);
}

static void text_gauge(struct exposition *t, const char *name, const char *help, uint64_t number)
{
    text_head(t, name, "gauge", help);
    text_line(t, "cordwood_%s %" PRIu64 "\n", name, number);
}

/* ---- the law ---- */

/* What a contract sender meets first, and what is counted before a format is known. */
static const struct {
    enum format format;
    enum reason reason;
} rejected_from_start[] = {
    {FORMAT_JSON, REASON_MISSING_TIMESTAMP},
    {FORMAT_JSON, REASON_BAD_TIMESTAMP},
    {FORMAT_JSON, REASON_MISSING_LEVEL},
    {FORMAT_JSON, REASON_BAD_LEVEL},
    {FORMAT_JSON, REASON_MISSING_MESSAGE},
    {FORMAT_JSON, REASON_MESSAGE_TOO_LONG},
    {FORMAT_JSON, REASON_MISSING_SERVICE},
    {FORMAT_JSON, REASON_SERVICE_TOO_LONG},
    {FORMAT_JSON, REASON_BAD_JSON},
    {FORMAT_JSON, REASON_BAD_UTF8},
    {FORMAT_JSON, REASON_SCHEMA},
    {FORMAT_JSON, REASON_TOO_LARGE},
    {FORMAT_PROTO, REASON_BAD_PROTOBUF},
    {FORMAT_PROTO, REASON_SCHEMA},
    {FORMAT_PROTO, REASON_TOO_LARGE},
    {FORMAT_AVRO, REASON_BAD_AVRO},
    {FORMAT_AVRO, REASON_SCHEMA},
    {FORMAT_AVRO, REASON_TOO_LARGE},
    {FORMAT_RAW, REASON_TOO_LARGE},
    {FORMAT_SYSLOG, REASON_TOO_LARGE},
    {FORMAT_JOURNALD, REASON_TOO_LARGE},
    {FORMAT_UNKNOWN, REASON_UNKNOWN_FORMAT},
    {FORMAT_UNKNOWN, REASON_BAD_FRAME},
    {FORMAT_UNKNOWN, REASON_TRUNCATED},
    {FORMAT_UNKNOWN, REASON_EMPTY},
};

static bool rejected_is_shown(const struct shard_stats *sum, enum format format, enum reason reason)
{
    if (sum->rejected[format][reason] > 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(rejected_from_start) / sizeof(rejected_from_start[0]); i++) {
        if (rejected_from_start[i].format == format && rejected_from_start[i].reason == reason) {
            return true;
        }
    }
    return false;
}

static void text_formats(struct exposition *t, const char *name,
                         const uint64_t values[FORMAT_COUNT])
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        text_value(t, name, "format", format_name((enum format)f), values[f]);
    }
}

static void text_rejected(struct exposition *t, const struct shard_stats *sum)
{
    static const char name[] = "records_rejected_total";

    text_head(t, name, "counter", "Records that were refused and kept with the reason");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        for (unsigned r = REASON_NONE + 1; r < REASON_COUNT; r++) {
            if (rejected_is_shown(sum, (enum format)f, (enum reason)r)) {
                text_line(t, "cordwood_%s{format=\"%s\",reason=\"%s\"} %" PRIu64 "\n", name,
                          format_name((enum format)f), reason_name((enum reason)r),
                          sum->rejected[f][r]);
            }
        }
    }
}

static void text_dropped(struct exposition *t, const struct shard_stats *sum)
{
    static const char name[] = "records_dropped_total";

    text_head(t, name, "counter", "Records that were lost");
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        for (unsigned d = 0; d < DROP_COUNT; d++) {
            text_line(t, "cordwood_%s{format=\"%s\",reason=\"%s\"} %" PRIu64 "\n", name,
                      format_name((enum format)f), shard_stats_drop_label((enum shard_drop)d),
                      sum->dropped[f][d]);
        }
    }
}

static void text_law(struct exposition *t, const struct shard_stats *sum)
{
    text_head(t, "records_received_total", "counter",
              "Records whose last byte was read; archived + rejected + dropped + in flight");
    text_formats(t, "records_received_total", sum->received);
    text_head(t, "records_archived_total", "counter", "Records written to a file");
    text_formats(t, "records_archived_total", sum->archived);
    text_rejected(t, sum);
    text_dropped(t, sum);
    text_head(t, "records_in_flight", "gauge", "Records received whose end is still open");
    text_formats(t, "records_in_flight", sum->in_flight);
}

/* ---- records ---- */

static void text_records(struct exposition *t, const struct metrics_view *view)
{
    const struct shard_stats *sum = &view->sum;

    text_counter(t, "records_synced_total",
                 "Records, archived and rejected, that fdatasync made durable",
                 view->archive.records_synced);
    text_head(t, "records_by_severity_total", "counter",
              "Archived records by severity; synonyms are folded");
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        text_value(t, "records_by_severity_total", "severity", severity_label((enum severity)i),
                   sum->severity[i]);
    }
    text_head(t, "records_defaulted_total", "counter",
              "Values filled in because a normalised record lacked them");
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        text_value(t, "records_defaulted_total", "field",
                   shard_stats_field_label((enum entry_field)i), sum->defaulted[i]);
    }
#define COUNTER(field, metric, help) text_counter(t, metric, help, sum->field);
    SHARD_COUNTER_LIST(COUNTER)
#undef COUNTER
    text_counter(t, "udp_datagrams_dropped_total",
                 "Datagrams the kernel dropped because a socket buffer was full", view->udp_drops);
    text_gauge(t, "queue_records", "Records decoded but not yet in a written frame",
               sum->queue_length);
    text_gauge(t, "queue_records_max", "Sum of each shard's largest queue since the start",
               sum->queue_max);
    text_gauge(t, "held_bytes", "Bytes of partial records waiting in connections", sum->held_bytes);
}

/* ---- histograms ---- */

static void text_edge(char *out, size_t cap, unsigned power, enum text_unit unit)
{
    uint64_t edge = 1ull << power;
    uint64_t per_s = unit == UNIT_NS ? (uint64_t)NS_PER_S : 1;
    int len = snprintf(out, cap, "%" PRIu64 ".%09" PRIu64, edge / per_s, edge % per_s);

    /* Down to one digit behind the point: OpenMetrics wants 1.0, and the name of a bucket must not
     * depend on who asks. */
    while (out[len - 1] == '0' && out[len - 2] != '.') {
        out[--len] = '\0';
    }
}

struct text_buckets {
    unsigned first;
    unsigned last;
    unsigned step;
    enum text_unit unit;
};

static void text_histogram(struct exposition *t, const char *name, const char *labels,
                           const struct hist *h, struct text_buckets buckets)
{
    const char *comma = labels[0] == '\0' ? "" : ",";
    const char *open = labels[0] == '\0' ? "" : "{";
    const char *close = labels[0] == '\0' ? "" : "}";
    uint64_t per_s = buckets.unit == UNIT_NS ? (uint64_t)NS_PER_S : 1;
    uint64_t below = 0;

    for (unsigned i = 0; i <= buckets.last; i++) {
        below += h->bucket[i];
        if (i >= buckets.first && (i - buckets.first) % buckets.step == 0) {
            char edge[32];
            text_edge(edge, sizeof(edge), i, buckets.unit);
            text_line(t, "cordwood_%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", name, labels, comma,
                      edge, below);
        }
    }
    text_line(t, "cordwood_%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, comma,
              h->count);
    text_line(t, "cordwood_%s_sum%s%s%s %" PRIu64 ".%09" PRIu64 "\n", name, open, labels, close,
              h->sum / per_s, h->sum % per_s);
    text_line(t, "cordwood_%s_count%s%s%s %" PRIu64 "\n", name, open, labels, close, h->count);
}

static void text_histograms(struct exposition *t, const struct shard_stats *sum)
{
    const struct text_buckets latency = {LATENCY_FIRST, LATENCY_LAST, 1, UNIT_NS};
    const struct text_buckets skew = {0, SKEW_LAST, 2, UNIT_S};

    text_head(t, "record_latency_seconds", "histogram",
              "From a readable socket to the line in the compressor's hands");
    text_histogram(t, "record_latency_seconds", "", &sum->latency_ns, latency);
    text_head(t, "clock_skew_seconds", "histogram",
              "How far senders' time stamps are ahead of or behind our clock, sampled");
    text_histogram(t, "clock_skew_seconds", "direction=\"ahead\"", &sum->clock_ahead_s, skew);
    text_histogram(t, "clock_skew_seconds", "direction=\"behind\"", &sum->clock_behind_s, skew);
}

/* ---- connections ---- */

static void text_connections(struct exposition *t, const struct metrics_view *view)
{
    const struct shard_stats *sum = &view->sum;

    text_counter(t, "connections_accepted_total", "TCP connections handed to a shard",
                 sum->connections_accepted);
    text_gauge(t, "connections_open", "TCP connections open", sum->connections_open);
    text_head(t, "connections_ended_total", "counter", "TCP connections ended, by how they did");
    for (unsigned i = 0; i < CONN_RESULT_COUNT; i++) {
        text_value(t, "connections_ended_total", "result",
                   shard_stats_result_label((enum shard_conn_result)i), sum->connections_ended[i]);
    }
    text_head(t, "connections_refused_total", "counter",
              "TCP connections closed before they had a shard");
    text_value(t, "connections_refused_total", "reason", "limit", view->accept.refused_limit);
    text_value(t, "connections_refused_total", "reason", "peer_limit",
               view->accept.refused_peer_limit);
    text_counter(t, "accept_errors_total", "Failures of accept()", view->accept.errors);
    text_head(t, "tls_handshake_failures_total", "counter", "TLS handshakes that failed");
    for (unsigned i = 0; i < TLS_FAILURE_COUNT; i++) {
        text_value(t, "tls_handshake_failures_total", "reason",
                   shard_stats_tls_failure_label((enum shard_tls_failure)i), sum->tls_failures[i]);
    }
}

/* ---- schemas ---- */

static void text_of_type(struct exposition *t, const char *name, const struct metrics_view *view,
                         uint32_t type, uint64_t number)
{
    const struct schema_cache_type_stats *of = &view->schemas.types[type];
    char label[METRICS_SCHEMA_LABEL_BYTES];

    metrics_schema_label(of->name, label);
    text_line(t, "cordwood_%s{type=\"%s\",format=\"%s\",version=\"%" PRIu32 "\"} %" PRIu64 "\n",
              name, label, schema_kind_name(of->kind), of->version, number);
}

static void text_types(struct exposition *t, const struct metrics_view *view)
{
    uint32_t count = view->schemas.type_count;

    text_head(t, "schema_validations_total", "counter", "Records that a schema was asked about");
    for (uint32_t i = 0; i < count; i++) {
        text_of_type(t, "schema_validations_total", view, i,
                     metrics_schema_passed(view, i) + metrics_schema_failed(view, i));
    }
    text_head(t, "schema_failures_total", "counter", "Records that a schema does not allow");
    for (uint32_t i = 0; i < count; i++) {
        text_of_type(t, "schema_failures_total", view, i, metrics_schema_failed(view, i));
    }
    text_head(t, "schema_id", "gauge", "Global id of each schema in use; 0 is built in");
    for (uint32_t i = 0; i < count; i++) {
        text_of_type(t, "schema_id", view, i, view->schemas.types[i].id);
    }
    text_head(t, "schema_refused_version", "gauge",
              "Newer version that is not adopted because it would reject what arrives; 0 is none");
    for (uint32_t i = 0; i < count; i++) {
        text_of_type(t, "schema_refused_version", view, i, view->schemas.types[i].refused_version);
    }
}

static void text_schemas(struct exposition *t, const struct metrics_view *view)
{
    const struct schema_cache_stats *s = &view->schemas;

    text_types(t, view);
    text_gauge(t, "schema_registry_up", "1 if the registry's last answer was one",
               s->registry && s->reachable ? 1 : 0);
    text_head(t, "schema_age_seconds", "gauge",
              "Time since the registry last answered for all schemas in force; 0 without registry");
    text_seconds(t, "schema_age_seconds", s->age_ns);
    text_counter(t, "schema_fetches_total", "Requests for a schema", s->fetches);
    text_counter(t, "schema_fetch_errors_total", "Of these, those without a usable answer",
                 s->errors);
    text_counter(t, "schema_adopted_total", "Versions that replaced another", s->adopted);
    text_counter(t, "schema_refused_total", "Versions that were not adopted", s->refused);
    text_gauge(t, "schema_ids", "Global ids whose schema is known", s->ids);
    text_counter(t, "schema_ids_refused_total", "Global ids for whose schema there was no room",
                 s->ids_refused);
}

/* ---- archive ---- */

static void text_archive(struct exposition *t, const struct archive_stats *a)
{
    text_counter(t, "archive_files_published_total", "Files finished under their final name",
                 a->files_published);
    text_counter(t, "archive_files_recovered_total", "Files of an earlier run repaired at start",
                 a->files_recovered);
    text_counter(t, "archive_files_removed_empty_total",
                 "Unfinished files without a whole frame removed at start", a->files_removed_empty);
    text_counter(t, "archive_files_deleted_total", "Files deleted by the retention policy",
                 a->files_retained);
    text_counter(t, "archive_input_bytes_total", "Uncompressed bytes of lines written",
                 a->bytes_in);
    text_counter(t, "archive_output_bytes_total", "Compressed bytes written", a->bytes_out);
    text_counter(t, "archive_syncs_total", "Calls of fdatasync", a->syncs);
    text_counter(t, "archive_io_errors_total", "Failed file operations, all survived",
                 a->io_errors);
    text_gauge(t, "archive_open_files", "Files being written", a->files_open);
    text_gauge(t, "archive_open_bytes", "Size of the log files being written", a->open_file_bytes);
    text_gauge(t, "archive_rejected_bytes", "Size of the files of rejected records on disk",
               a->rejected_disk_bytes);
    text_gauge(t, "archive_disk_free_bytes", "Free space where the data directory is",
               a->disk_free_bytes);
    text_gauge(t, "archive_disk_size_bytes", "Size of the file system of the data directory",
               a->disk_total_bytes);
    text_gauge(t, "archive_disk_reserve_bytes", "Of the free space, what --min-free keeps free",
               a->disk_reserve_bytes);
    text_gauge(t, "archive_stalled", "1 while nothing can be written", a->stalled ? 1 : 0);
    text_head(t, "sync_lag_seconds", "gauge",
              "Age of the oldest frame that is written but not durable");
    text_seconds(t, "sync_lag_seconds", a->sync_lag_ns);
}

/* ---- the process ---- */

static void text_process(struct exposition *t, const struct metrics_view *view)
{
    text_head(t, "shard_busy_seconds_total", "counter", "CPU time of each shard's thread");
    for (unsigned i = 0; i < view->shard_count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "shard_busy_seconds_total{shard=\"%u\"}", i);
        text_seconds(t, name, view->shards[i].busy_ns);
    }
    text_gauge(t, "draining", "1 while the ingestor shuts down",
               view->state == METRICS_DRAINING ? 1 : 0);
    text_gauge(t, "certificate_expiry_timestamp_seconds", "When the server certificate ends",
               view->cert_expires_s);
    text_gauge(t, "certificate_development", "1 if the development certificate is in use",
               view->cert_is_development ? 1 : 0);
    text_head(t, "build_info", "gauge", "Always 1; the version is the label");
    text_value(t, "build_info", "version", CORDWOOD_VERSION, 1);
}

static void text_resources(struct exposition *t, const struct metrics_view *view)
{
    const struct process_stats *p = &view->process;

    text_head(t, "process_start_time_seconds", "gauge", "When the process started");
    text_seconds(t, "process_start_time_seconds", view->started_wall_ns);
    text_head(t, "process_cpu_seconds_total", "counter", "CPU time of all threads");
    text_seconds(t, "process_cpu_seconds_total", p->cpu_ns);
    text_gauge(t, "process_resident_memory_bytes", "Memory in use", p->resident_bytes);
    text_gauge(t, "process_virtual_memory_bytes", "Addresses in use", p->virtual_bytes);
    text_gauge(t, "process_open_fds", "Descriptors in use", p->open_fds);
    text_gauge(t, "process_max_fds", "Descriptors that the process may use", p->max_fds);
    text_gauge(t, "process_threads", "Threads", p->threads);
}

const char *metrics_text_type(enum metrics_text_dialect dialect)
{
    return dialect == METRICS_TEXT_OPENMETRICS
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

err_t metrics_text_render(const struct metrics_view *view, enum metrics_text_dialect dialect,
                          struct buf *out)
{
    struct exposition t = {
        .out = out, .openmetrics = dialect == METRICS_TEXT_OPENMETRICS, .err = ERR_OK};

    text_law(&t, &view->sum);
    text_records(&t, view);
    text_histograms(&t, &view->sum);
    text_connections(&t, view);
    text_schemas(&t, view);
    text_archive(&t, &view->archive);
    text_process(&t, view);
    text_resources(&t, view);
    if (t.openmetrics) {
        text_line(&t, "# EOF\n");
    }
    return t.err;
}
