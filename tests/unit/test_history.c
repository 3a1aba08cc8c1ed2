/* SPDX-License-Identifier: Apache-2.0
 *
 * The last 15 minutes: no memory, nothing yet, rates, seconds without numbers, what is too old, a
 * clock that is set back. */
#include "ingestor/history.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <jansson.h>
#include <stdlib.h>

#define BEGIN_S 1700000000u

static struct metrics_view view; /* large */

static struct history *start(void)
{
    struct history *h = NULL;

    assert_ok(history_new(&h));
    view = (struct metrics_view){.started_wall_ns = BEGIN_S * NS_PER_S, .shard_count = 2};
    return h;
}

/* The next second, at this time of day. */
static void add(struct history *h, uint64_t wall_s, const struct metrics_rates *rates)
{
    view.mono_ns += NS_PER_S;
    view.wall_ns = wall_s * NS_PER_S + 5;
    history_add(h, &view, rates);
}

static json_t *parse(struct buf *text)
{
    json_error_t error;

    assert_int_equal(span_find(buf_span(text), '\n'), text->len);
    json_t *json = json_loadb(text->at, text->len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    buf_done(text);
    return json;
}

static json_t *render(const struct history *h)
{
    struct buf out = {0};

    assert_ok(history_render(h, &out));
    return parse(&out);
}

static json_t *now_of(const struct history *h)
{
    struct buf out = {0};
    struct json_put j = {.out = &out, .err = ERR_OK};

    json_put_object(&j, NULL);
    history_put_now(h, &j);
    json_put_object_end(&j);
    assert_ok(j.err);
    return parse(&out);
}

static json_t *at(json_t *json, const char *group, const char *name)
{
    return name == NULL ? json_object_get(json, group)
                        : json_object_get(json_object_get(json, group), name);
}

static double number(json_t *json, const char *group, const char *name, size_t i)
{
    json_t *value = at(json, group, name);

    if (json_is_array(value)) {
        value = json_array_get(value, i);
    }
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static err_t try_new(void *arg)
{
    struct history *h = NULL;
    err_t err = history_new(&h);

    (void)arg;
    history_free(h);
    return err;
}

static err_t try_render(void *arg)
{
    struct buf out = {0};
    err_t err = history_render(arg, &out);

    assert_true(err == ERR_OK || out.len == 0);
    buf_done(&out);
    return err;
}

static void refuses_without_memory(void **state)
{
    struct metrics_rates rates = {.mb_per_s = 1};

    (void)state;
    fail_alloc_walk(try_new, NULL);
    history_free(NULL);
    struct history *h = start();
    add(h, BEGIN_S, &rates);
    fail_alloc_walk(try_render, h);
    history_free(h);
}

static void says_so_when_there_is_nothing(void **state)
{
    struct history *h = start();
    json_t *all = render(h);
    json_t *now = now_of(h);

    (void)state;
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 0);
    assert_null(at(all, "queue", NULL));
    assert_int_equal(json_object_size(now), 0);
    json_decref(all);
    json_decref(now);
    history_free(h);
}

static void tells_rates(void **state)
{
    struct history *h = start();
    struct metrics_rates rates = {.mb_per_s = 1.25, .latency_p50_us = 80, .latency_p99_us = 900};

    (void)state;
    rates.format_logs_per_s[FORMAT_SYSLOG] = 41.6;
    add(h, BEGIN_S, &rates);
    view.sum.queue_length = 7;
    view.sum.severity[SEVERITY_ERR] += 3;
    view.sum.rejected[FORMAT_JSON][REASON_BAD_JSON] += 2;
    view.sum.rejected[FORMAT_RAW][REASON_BAD_JSON] += 2;
    view.sum.dropped[FORMAT_RAW][DROP_DISK_FULL] += 5;
    view.shards[1].busy_ns += NS_PER_S / 4;
    add(h, BEGIN_S + 1, &rates);

    json_t *all = render(h);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 2);
    assert_int_equal(json_integer_value(at(all, "end_s", NULL)), BEGIN_S + 1);
    assert_true(number(all, "records_per_s", "syslog", 1) == 42);
    assert_null(at(all, "records_per_s", "json"));
    assert_true(number(all, "rejected_per_s", "bad_json", 0) == 0);
    assert_true(number(all, "rejected_per_s", "bad_json", 1) == 4);
    assert_int_equal(json_object_size(at(all, "rejected_per_s", NULL)), 1);
    assert_true(number(all, "severity_per_s", "err", 1) == 3);
    assert_true(number(all, "dropped_per_s", NULL, 1) == 5);
    assert_true(number(all, "queue", NULL, 1) == 7);
    assert_true(number(all, "mb_per_s", NULL, 1) == 1.25);
    assert_true(number(all, "latency_p99_us", NULL, 0) == 900);
    json_t *busy = json_array_get(at(all, "shard_busy", NULL), 1);
    assert_true(json_real_value(json_array_get(busy, 1)) == 0.25);
    json_decref(all);

    json_t *told = now_of(h);
    json_t *now = json_object_get(told, "now");
    assert_true(number(now, "time_s", NULL, 0) == BEGIN_S + 1);
    assert_true(number(now, "records_per_s", "json", 0) == 0);
    assert_true(number(now, "severity_per_s", "err", 0) == 3);
    assert_int_equal(json_object_size(at(now, "rejected_per_s", NULL)), 1);
    assert_int_equal(json_array_size(at(now, "shard_busy", NULL)), 2);
    json_decref(told);
    history_free(h);
}

static void leaves_out_what_it_does_not_know(void **state)
{
    struct history *h = start();
    struct metrics_rates idle = {0};

    (void)state;
    add(h, BEGIN_S, &idle);
    add(h, BEGIN_S + 3, &idle);
    json_t *all = render(h);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 4);
    assert_true(number(all, "queue", NULL, 0) == 0);
    assert_true(json_is_null(json_array_get(at(all, "queue", NULL), 1)));
    assert_true(json_is_null(json_array_get(at(all, "queue", NULL), 2)));
    assert_true(json_is_null(json_array_get(at(all, "latency_p50_us", NULL), 3)));
    json_decref(all);
    history_free(h);
}

static void forgets_what_is_older(void **state)
{
    struct history *h = start();
    struct metrics_rates rates = {.mb_per_s = 2};

    (void)state;
    for (unsigned i = 0; i < 2 * HISTORY_SECONDS; i++) {
        add(h, BEGIN_S + i, &rates);
    }
    json_t *all = render(h);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), HISTORY_SECONDS);
    json_decref(all);
    add(h, BEGIN_S + 10 * HISTORY_SECONDS, &rates);
    all = render(h);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 1);
    json_decref(all);
    history_free(h);
}

/* What lies ahead of the clock is not told; it is written over as time comes to it. */
static void follows_a_clock_that_is_set_back(void **state)
{
    struct history *h = start();
    struct metrics_rates rates = {.mb_per_s = 2};

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        add(h, BEGIN_S + i, &rates);
    }
    add(h, BEGIN_S + 50, &rates);
    json_t *all = render(h);
    assert_int_equal(json_integer_value(at(all, "end_s", NULL)), BEGIN_S + 50);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 51);
    json_decref(all);
    add(h, 3, &rates); /* the epoch is no reason to look before it */
    all = render(h);
    assert_int_equal(json_integer_value(at(all, "count", NULL)), 1);
    json_decref(all);
    history_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(says_so_when_there_is_nothing),
        cmocka_unit_test(tells_rates),
        cmocka_unit_test(leaves_out_what_it_does_not_know),
        cmocka_unit_test(forgets_what_is_older),
        cmocka_unit_test(follows_a_clock_that_is_set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
