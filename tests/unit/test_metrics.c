/* SPDX-License-Identifier: Apache-2.0
 *
 * One look at the running ingestor: the law is asserted and kept, sums, samples, rates, states. */
#include "ingestor/metrics.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A shard whose numbers break the law is our own bug and must stop the program. */
static void stops_when_the_law_is_broken(void **state)
{
    struct server *s = fake_server_new(2);
    int status = 0;

    (void)state;
    fake_server_archive(s, 1, FORMAT_RAW, 10, 0);
    s->shards[1].archived[FORMAT_RAW]--;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct metrics_view view;
        signal(SIGABRT, SIG_DFL);
        IGNORE(freopen("/dev/null", "w", stderr) == NULL, "the message is not wanted");
        metrics_read(s, &view);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    fake_server_free(s);
}

static void keeps_the_law_in_sums(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));

    (void)state;
    assert_non_null(view);
    for (unsigned seed = 0; seed < 50; seed++) {
        struct server *s = fake_server_new(1 + seed % FAKE_SERVER_SHARDS);
        struct metrics_law sum = {0};
        fake_server_randomise(s, seed);
        metrics_read(s, view);
        for (unsigned f = 0; f < FORMAT_COUNT; f++) {
            struct metrics_law law = metrics_law_of(&view->sum, (enum format)f);
            assert_int_equal(law.received,
                             law.archived + law.rejected + law.dropped + law.in_flight);
            sum.received += law.received;
            sum.in_flight += law.in_flight;
        }
        struct metrics_law total = metrics_law_total(&view->sum);
        assert_int_equal(total.received,
                         total.archived + total.rejected + total.dropped + total.in_flight);
        assert_int_equal(total.received, sum.received);
        assert_int_equal(total.in_flight, sum.in_flight);
        fake_server_free(s);
    }
    free(view);
}

static void adds_every_counter_of_all_shards(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));
    struct server *s = fake_server_new(3);
    const struct shard_stats *a = &s->shards[0];
    const struct shard_stats *b = &s->shards[1];
    const struct shard_stats *c = &s->shards[2];

    (void)state;
    assert_non_null(view);
    fake_server_randomise(s, 7);
    metrics_read(s, view);
    assert_int_equal(view->shard_count, 3);
#define SUM(m)                           assert_int_equal(view->sum.m, a->m + b->m + c->m)
#define SUM_COUNTER(field, metric, help) SUM(field);
    SHARD_COUNTER_LIST(SUM_COUNTER)
    SUM(severity[SEVERITY_OTHER]);
    SUM(defaulted[FIELD_SERVICE]);
    SUM(connections_accepted);
    SUM(connections_ended[CONN_SHUTDOWN]);
    SUM(tls_failures[TLS_FAILURE_OTHER]);
    SUM(busy_ns);
    SUM(connections_open);
    SUM(held_bytes);
    SUM(queue_length);
    SUM(queue_max);
    SUM(latency_ns.sum);
    SUM(clock_ahead_s.count);
    SUM(clock_behind_s.bucket[39]);
    SUM(rejected[FORMAT_UNKNOWN][REASON_EMPTY]);
    SUM(dropped[FORMAT_AVRO][DROP_SHUTDOWN]);
    assert_int_equal(view->shards[2].busy_ns, c->busy_ns);
    assert_int_equal(view->shards[1].records_received, metrics_law_total(b).received);
    assert_int_equal(view->shards[1].records_archived, metrics_law_total(b).archived);
    fake_server_free(s);
    free(view);
}

static void keeps_the_latest_samples_of_all_shards(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));
    struct server *s = fake_server_new(3);

    (void)state;
    assert_non_null(view);
    fake_server_sample(s, 0, FORMAT_JSON, 10, "ten");
    fake_server_sample(s, 0, FORMAT_JSON, 30, "thirty");
    fake_server_sample(s, 1, FORMAT_JSON, 5, "five");
    fake_server_sample(s, 1, FORMAT_JSON, 40, "forty");
    fake_server_sample(s, 1, FORMAT_JSON, 40, "forty, later in the same read");
    fake_server_sample(s, 2, FORMAT_RAW, 1, "one");
    metrics_read(s, view);

    assert_int_equal(view->sum.sample_next[FORMAT_JSON], 3);
    const struct shard_sample *kept = view->sum.samples[FORMAT_JSON];
    test_assert_span(span_of(kept[0].line, kept[0].len), "forty, later in the same read");
    test_assert_span(span_of(kept[1].line, kept[1].len), "forty");
    test_assert_span(span_of(kept[2].line, kept[2].len), "thirty");
    assert_int_equal(view->sum.sample_next[FORMAT_RAW], 1);
    assert_int_equal(view->sum.sample_next[FORMAT_SYSLOG], 0);
    fake_server_free(s);
    free(view);
}

static void keeps_the_latest_rejects(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));
    struct server *s = fake_server_new(2);
    char line[16];

    (void)state;
    assert_non_null(view);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(line, sizeof(line), "reject %u", i);
        fake_server_reject(s, i % 2, FORMAT_JSON, REASON_BAD_JSON, line);
        s->shards[i % 2].reject_samples[(i / 2) % SHARD_REJECT_SAMPLES].at_ns = i;
    }
    metrics_read(s, view);
    assert_int_equal(view->sum.reject_sample_next, METRICS_REJECT_SAMPLES);
    for (unsigned i = 0; i < METRICS_REJECT_SAMPLES; i++) {
        snprintf(line, sizeof(line), "reject %u", 19 - i);
        const struct shard_sample *kept = &view->sum.reject_samples[i];
        test_assert_span(span_of(kept->line, kept->len), line);
    }
    fake_server_free(s);
    free(view);
}

static void computes_rates_between_looks(void **state)
{
    struct metrics_view *view = calloc(1, sizeof(*view));
    struct metrics_mark mark;
    struct metrics_rates rates;

    (void)state;
    assert_non_null(view);
    view->mono_ns = 5 * NS_PER_S;
    view->sum.received[FORMAT_JSON] = 1000;
    hist_add(&view->sum.latency_ns, 900 * NS_PER_MS, 1000);
    metrics_mark_set(&mark, view);
    metrics_rates_between(&mark, view, &rates);
    assert_true(rates.logs_per_s == 0 && rates.latency_us == 0 && rates.mb_per_s == 0);

    view->mono_ns += 2 * NS_PER_S;
    metrics_rates_between(&mark, view, &rates);
    assert_true(rates.logs_per_s == 0 && rates.latency_us == 0 && rates.latency_p99_us == 0);

    view->sum.received[FORMAT_JSON] += 300;
    view->sum.received[FORMAT_RAW] += 100;
    view->sum.rejected[FORMAT_RAW][REASON_TOO_LARGE] += 10;
    view->sum.bytes_received += 5000000;
    hist_add(&view->sum.latency_ns, 1024, 390);
    hist_add(&view->sum.latency_ns, 65536, 10);
    metrics_rates_between(&mark, view, &rates);
    assert_true(rates.format_logs_per_s[FORMAT_JSON] == 150);
    assert_true(rates.logs_per_s == 200);
    assert_true(rates.rejected_per_s == 5);
    assert_true(rates.mb_per_s == 2.5);
    assert_true(rates.latency_us > 2.636 && rates.latency_us < 2.637);
    assert_true(rates.latency_p50_us == 1.024);
    assert_true(rates.latency_p99_us == 65.536);
    free(view);
}

/* The archive's number may be newer than the shards'. */
static void shows_nothing_as_durable_that_is_not_archived(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));
    struct server *s = fake_server_new(2);

    (void)state;
    assert_non_null(view);
    fake_server_archive(s, 0, FORMAT_JSON, 10, 0);
    fake_server_reject(s, 1, FORMAT_JSON, REASON_EMPTY, "");
    s->archive.records_synced = 11;
    metrics_read(s, view);
    assert_int_equal(view->archive.records_synced, 11);
    s->archive.records_synced = 12;
    metrics_read(s, view);
    assert_int_equal(view->archive.records_synced, 11);
    fake_server_free(s);
    free(view);
}

static void names_its_states(void **state)
{
    struct metrics_view *view = malloc(sizeof(*view));
    struct server *s = fake_server_new(1);

    (void)state;
    assert_non_null(view);
    metrics_read(s, view);
    assert_int_equal(view->state, METRICS_ARCHIVING);
    assert_int_equal(metrics_state_now(s), METRICS_ARCHIVING);
    s->archive.stalled = true;
    metrics_read(s, view);
    assert_int_equal(view->state, METRICS_STALLED);
    assert_string_equal(metrics_state_name(view->state), "stalled");
    s->state = SERVER_DRAINING;
    metrics_read(s, view);
    assert_int_equal(view->state, METRICS_DRAINING);
    assert_int_equal(metrics_state_now(s), METRICS_DRAINING);
    assert_string_equal(metrics_state_name(view->state), "draining");
    assert_string_equal(metrics_state_name(METRICS_ARCHIVING), "archiving");
    assert_non_null(strstr(metrics_state_text(METRICS_STALLED), "disk"));
    fake_server_free(s);
    free(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_when_the_law_is_broken),
        cmocka_unit_test(keeps_the_law_in_sums),
        cmocka_unit_test(adds_every_counter_of_all_shards),
        cmocka_unit_test(keeps_the_latest_samples_of_all_shards),
        cmocka_unit_test(keeps_the_latest_rejects),
        cmocka_unit_test(computes_rates_between_looks),
        cmocka_unit_test(shows_nothing_as_durable_that_is_not_archived),
        cmocka_unit_test(names_its_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
