/* SPDX-License-Identifier: Apache-2.0
 *
 * The Prometheus text: memory that runs out, every series from the start, values, the two dialects.
 * That the text as a whole is well-formed is promtool's word (tests/integration). */
#include "ingestor/metrics_text.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct page {
    struct metrics_view view;
    struct buf text;
};

static struct page *page_of(struct server *s, enum metrics_text_dialect dialect)
{
    struct page *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    metrics_read(s, &p->view);
    assert_ok(metrics_text_render(&p->view, dialect, &p->text));
    assert_ok(buf_append(&p->text, span_of("", 1)));
    return p;
}

static void page_free(struct page *p)
{
    buf_done(&p->text);
    free(p);
}

/* The whole line must be there, once. */
static void assert_line(const struct page *p, const char *line)
{
    char want[256];

    snprintf(want, sizeof(want), "\n%s\n", line);
    const char *hit = strstr(p->text.at, want);
    if (hit == NULL) {
        print_message("missing: %s\n", line);
    }
    assert_non_null(hit);
    assert_null(strstr(hit + 1, want));
}

static err_t try_render(void *arg)
{
    struct buf out = {0};
    err_t err = metrics_text_render(arg, METRICS_TEXT_PROMETHEUS, &out);

    buf_done(&out);
    return err;
}

static void refuses_without_memory(void **state)
{
    struct server *s = fake_server_new(1);
    struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);

    (void)state;
    fail_alloc_walk(try_render, &p->view);
    page_free(p);
    fake_server_free(s);
}

static void shows_every_label_from_the_start(void **state)
{
    struct server *s = fake_server_new(2);
    struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);
    char line[256];

    (void)state;
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        static const char *const families[] = {"received_total", "archived_total", "in_flight"};
        for (size_t i = 0; i < TEST_COUNT(families); i++) {
            snprintf(line, sizeof(line), "cordwood_records_%s{format=\"%s\"} 0", families[i],
                     format_name((enum format)f));
            assert_line(p, line);
        }
        snprintf(line, sizeof(line),
                 "cordwood_records_dropped_total{format=\"%s\",reason=\"shutdown\"} 0",
                 format_name((enum format)f));
        assert_line(p, line);
    }
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        snprintf(line, sizeof(line), "cordwood_records_by_severity_total{severity=\"%s\"} 0",
                 severity_label((enum severity)i));
        assert_line(p, line);
    }
    for (unsigned i = 0; i < CONN_RESULT_COUNT; i++) {
        snprintf(line, sizeof(line), "cordwood_connections_ended_total{result=\"%s\"} 0",
                 shard_stats_result_label((enum shard_conn_result)i));
        assert_line(p, line);
    }
    for (unsigned i = 0; i < TLS_FAILURE_COUNT; i++) {
        snprintf(line, sizeof(line), "cordwood_tls_handshake_failures_total{reason=\"%s\"} 0",
                 shard_stats_tls_failure_label((enum shard_tls_failure)i));
        assert_line(p, line);
    }
#define COUNTER_LINE(field, metric, help) assert_line(p, "cordwood_" metric " 0");
    SHARD_COUNTER_LIST(COUNTER_LINE)
    assert_line(p, "cordwood_records_defaulted_total{field=\"service\"} 0");
    assert_line(p, "cordwood_records_rejected_total{format=\"json\",reason=\"bad_json\"} 0");
    assert_line(p, "cordwood_records_rejected_total{format=\"unknown\",reason=\"bad_frame\"} 0");
    assert_null(strstr(p->text.at, "format=\"raw\",reason=\"bad_json\""));
    page_free(p);
    fake_server_free(s);
}

static void shows_the_schemas_in_force(void **state)
{
    struct server *s = fake_server_new(2);

    (void)state;
    fake_server_type(s, "LogEntry", 2, 10, 1);
    fake_server_type(s, "odd\"\\name\n", 5, 0, 4);
    s->schemas.registry = true;
    s->schemas.reachable = true;
    s->schemas.age_ns = 1500 * NS_PER_MS;
    s->schemas.fetches = 8;
    s->schemas.errors = 2;
    s->schemas.ids = 7;
    s->schemas.ids_refused = 3;
    s->schemas.types[0].refused_version = 4;
    struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);

    assert_line(p, "cordwood_schema_validations_total{type=\"LogEntry\",format=\"avro\","
                   "version=\"3\"} 11");
    assert_line(p, "cordwood_schema_failures_total{type=\"LogEntry\",format=\"avro\","
                   "version=\"3\"} 1");
    assert_line(p, "cordwood_schema_failures_total{type=\"odd\\\"\\\\name\\n\",format=\"avro\","
                   "version=\"3\"} 4");
    assert_line(p, "cordwood_schema_refused_version{type=\"LogEntry\",format=\"avro\","
                   "version=\"3\"} 4");
    assert_line(p, "cordwood_schema_registry_up 1");
    assert_line(p, "cordwood_schema_age_seconds 1.500000000");
    assert_line(p, "cordwood_schema_fetches_total 8");
    assert_line(p, "cordwood_schema_fetch_errors_total 2");
    assert_line(p, "cordwood_schema_ids 7");
    assert_line(p, "cordwood_schema_ids_refused_total 3");
    page_free(p);
    fake_server_free(s);
}

static void shows_what_was_counted(void **state)
{
    struct server *s = fake_server_new(2);

    (void)state;
    fake_server_archive(s, 0, FORMAT_JSON, 1000, 12);
    fake_server_archive(s, 1, FORMAT_JSON, 500, 0);
    fake_server_reject(s, 1, FORMAT_RAW, REASON_BAD_JSON, "x");
    fake_server_drop(s, 0, FORMAT_AVRO, DROP_DISK_FULL, 7);
    s->shards[1].busy_ns = 1500000001;
    s->udp_drops = 3;
    s->accept.refused_peer_limit = 4;
    s->archive.stalled = true;
    s->archive.sync_lag_ns = 250 * NS_PER_MS;
    s->archive.files_published = 9;
    s->cert_is_development = true;
    s->state = SERVER_DRAINING;
    s->archive.disk_reserve_bytes = 77;
    struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);

    assert_line(p, "cordwood_archive_disk_reserve_bytes 77");
    assert_line(p, "cordwood_process_open_fds 0");
    assert_line(p, "cordwood_records_received_total{format=\"json\"} 1500");
    assert_line(p, "cordwood_records_archived_total{format=\"json\"} 1488");
    assert_line(p, "cordwood_records_in_flight{format=\"json\"} 12");
    assert_line(p, "cordwood_records_rejected_total{format=\"raw\",reason=\"bad_json\"} 1");
    assert_line(p, "cordwood_records_dropped_total{format=\"avro\",reason=\"disk_full\"} 7");
    assert_line(p, "cordwood_shard_busy_seconds_total{shard=\"0\"} 0.000000000");
    assert_line(p, "cordwood_shard_busy_seconds_total{shard=\"1\"} 1.500000001");
    assert_line(p, "cordwood_udp_datagrams_dropped_total 3");
    assert_line(p, "cordwood_connections_refused_total{reason=\"peer_limit\"} 4");
    assert_line(p, "cordwood_archive_stalled 1");
    assert_line(p, "cordwood_draining 1");
    assert_line(p, "cordwood_sync_lag_seconds 0.250000000");
    assert_line(p, "cordwood_archive_files_published_total 9");
    assert_line(p, "cordwood_certificate_development 1");
    assert_line(p, "cordwood_build_info{version=\"" CORDWOOD_VERSION "\"} 1");
    page_free(p);
    fake_server_free(s);
}

static void counts_histograms_cumulatively(void **state)
{
    struct server *s = fake_server_new(2);

    (void)state;
    hist_add(&s->shards[0].latency_ns, 1, 2);
    hist_add(&s->shards[0].latency_ns, 4096, 3);
    hist_add(&s->shards[1].latency_ns, 4097, 5);
    hist_add(&s->shards[1].latency_ns, 60 * NS_PER_S, 1);
    hist_add(&s->shards[0].clock_ahead_s, 0, 1);
    hist_add(&s->shards[0].clock_ahead_s, 3, 1);
    struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);

    assert_line(p, "cordwood_record_latency_seconds_bucket{le=\"0.000004096\"} 5");
    assert_line(p, "cordwood_record_latency_seconds_bucket{le=\"0.000008192\"} 10");
    assert_line(p, "cordwood_record_latency_seconds_bucket{le=\"17.179869184\"} 10");
    assert_line(p, "cordwood_record_latency_seconds_bucket{le=\"+Inf\"} 11");
    assert_line(p, "cordwood_record_latency_seconds_sum 60.000032775");
    assert_line(p, "cordwood_record_latency_seconds_count 11");
    assert_line(p, "cordwood_clock_skew_seconds_bucket{direction=\"ahead\",le=\"1.0\"} 1");
    assert_line(p, "cordwood_clock_skew_seconds_bucket{direction=\"ahead\",le=\"4.0\"} 2");
    assert_line(p, "cordwood_clock_skew_seconds_sum{direction=\"ahead\"} 3.000000000");
    assert_line(p, "cordwood_clock_skew_seconds_count{direction=\"behind\"} 0");
    page_free(p);
    fake_server_free(s);
}

static void differs_by_dialect(void **state)
{
    struct server *s = fake_server_new(1);
    struct page *prometheus = page_of(s, METRICS_TEXT_PROMETHEUS);
    struct page *openmetrics = page_of(s, METRICS_TEXT_OPENMETRICS);
    static const char end[] = "\n# EOF\n";

    (void)state;
    assert_line(prometheus, "# TYPE cordwood_records_archived_total counter");
    assert_null(strstr(prometheus->text.at, "# EOF"));
    assert_line(openmetrics, "# TYPE cordwood_records_archived counter");
    assert_line(openmetrics, "cordwood_records_archived_total{format=\"json\"} 0");
    assert_line(openmetrics, "# TYPE cordwood_records_in_flight gauge");
    assert_string_equal(openmetrics->text.at + strlen(openmetrics->text.at) - strlen(end), end);
    assert_non_null(strstr(metrics_text_type(METRICS_TEXT_PROMETHEUS), "version=0.0.4"));
    assert_non_null(strstr(metrics_text_type(METRICS_TEXT_OPENMETRICS), "openmetrics-text"));
    page_free(prometheus);
    page_free(openmetrics);
    fake_server_free(s);
}

/* Sums a metric over all its series. */
static uint64_t text_sum(const char *text, const char *name, const char *label)
{
    uint64_t sum = 0;

    for (const char *line = text; line != NULL; line = strchr(line + 1, '\n')) {
        const char *at = line + 1;
        const char *end = strchr(at, '\n');
        const char *value = end == NULL ? NULL : memrchr(at, ' ', (size_t)(end - at));
        if (value != NULL && strncmp(at, name, strlen(name)) == 0 && at[strlen(name)] == '{' &&
            memmem(at, (size_t)(end - at), label, strlen(label)) != NULL) {
            sum += strtoull(value, NULL, 10);
        }
    }
    return sum;
}

static void keeps_the_law_as_a_reader_sees_it(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        struct server *s = fake_server_new(FAKE_SERVER_SHARDS);
        fake_server_randomise(s, seed);
        struct page *p = page_of(s, METRICS_TEXT_PROMETHEUS);
        for (unsigned f = 0; f < FORMAT_COUNT; f++) {
            char label[32];
            snprintf(label, sizeof(label), "format=\"%s\"", format_name((enum format)f));
            uint64_t ends = text_sum(p->text.at, "cordwood_records_archived_total", label) +
                            text_sum(p->text.at, "cordwood_records_rejected_total", label) +
                            text_sum(p->text.at, "cordwood_records_dropped_total", label) +
                            text_sum(p->text.at, "cordwood_records_in_flight", label);
            assert_true(ends > 0);
            assert_int_equal(text_sum(p->text.at, "cordwood_records_received_total", label), ends);
        }
        page_free(p);
        fake_server_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(shows_every_label_from_the_start),
        cmocka_unit_test(shows_the_schemas_in_force),
        cmocka_unit_test(shows_what_was_counted),
        cmocka_unit_test(counts_histograms_cumulatively),
        cmocka_unit_test(differs_by_dialect),
        cmocka_unit_test(keeps_the_law_as_a_reader_sees_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
