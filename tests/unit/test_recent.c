/* SPDX-License-Identifier: Apache-2.0
 *
 * The records kept for trying a new schema on: which, how many, and who may read them when. */
#include "ingestor/recent.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static struct schema_type entry = {.kind = SCHEMA_KIND_JSON, .is_entry = true};
static struct schema_type order = {.kind = SCHEMA_KIND_JSON};
static struct schema_type avro = {.kind = SCHEMA_KIND_AVRO};
static struct schema_type foreign = {.kind = SCHEMA_KIND_PROTOBUF};
static const struct schema_set set = {
    .entry = &entry,
    .defaults = {[SCHEMA_KIND_JSON] = &order, [SCHEMA_KIND_AVRO] = &avro},
};

struct fixture {
    struct recent recent;
    struct batch batch;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_ok(recent_init(&f->recent));
    assert_ok(batch_init(&f->batch, 64 * KIB));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    recent_done(&f->recent);
    batch_done(&f->batch);
    free(f);
    return 0;
}

static struct text clean(const char *s)
{
    return text_of(span_of_str(s), TEXT_CLEAN);
}

/* One record in the batch. */
static void add(struct fixture *f, const struct schema_type *type, const char *source)
{
    f->batch.records[f->batch.record_count++] = (struct record){
        .timestamp = clean("2026-11-21T04:11:45Z"),
        .level = clean("INFO"),
        .message = clean(source),
        .service = clean("s"),
        .time_source = TIME_RECEIVED,
        .truncated_bytes = 7,
        .schema = type,
        .source = span_of_str(source),
    };
}

static const struct schema_cache_recent *answer(struct fixture *f, enum recent_judge judge)
{
    assert_ok(recent_ask(&f->recent, judge));
    assert_false(recent_is_answered(&f->recent));
    assert_err(recent_ask(&f->recent, judge), ERR_AGAIN);
    recent_answer(&f->recent);
    assert_true(recent_is_answered(&f->recent));
    return &f->recent.answer;
}

static struct span item(const struct schema_cache_recent *r, uint32_t i)
{
    assert_true(i < r->count);
    return span_of(r->bytes.at + r->of[i].at, r->of[i].len);
}

static void keeps_each_under_what_judged_it(void **state)
{
    struct fixture *f = *state;

    add(f, NULL, "normalised");
    add(f, &entry, "{\"an\":\"entry\"}");
    add(f, &order, "{\"an\":\"order\"}");
    add(f, &avro, "binary");
    add(f, &foreign, "by its id");
    recent_keep(&f->recent, &set, &f->batch);
    const struct schema_cache_recent *r = answer(f, RECENT_ENTRY);
    assert_int_equal(r->count, 2);
    test_assert_span(item(r, 0), "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\","
                                 "\"message\":\"normalised\",\"service\":\"s\"}");
    r = answer(f, RECENT_JSON);
    assert_int_equal(r->count, 1);
    test_assert_span(item(r, 0), "{\"an\":\"order\"}");
    r = answer(f, RECENT_AVRO);
    assert_int_equal(r->count, 1);
    test_assert_span(item(r, 0), "binary");
    assert_int_equal(answer(f, RECENT_PROTOBUF)->count, 0);
}

static void keeps_the_last_of_each_read_and_a_hundred_in_all(void **state)
{
    struct fixture *f = *state;
    char texts[40][16];

    for (unsigned read = 0; read < 40; read++) {
        f->batch.record_count = 0;
        for (unsigned i = 0; i < 40; i++) {
            snprintf(texts[i], sizeof(texts[i]), "%u/%u", read, i);
            add(f, &avro, texts[i]);
        }
        recent_keep(&f->recent, &set, &f->batch);
    }
    const struct schema_cache_recent *r = answer(f, RECENT_AVRO);
    assert_int_equal(r->count, SCHEMA_CACHE_RECENT_MAX);
    for (uint32_t i = 0; i < r->count; i++) { /* the last 100 of 40 reads' last eight, in order */
        unsigned nth = 40 * RECENT_PER_BATCH - SCHEMA_CACHE_RECENT_MAX + i;
        char want[16];
        snprintf(want, sizeof(want), "%u/%u", nth / RECENT_PER_BATCH,
                 40 - RECENT_PER_BATCH + nth % RECENT_PER_BATCH);
        test_assert_span(item(r, i), want);
    }
}

static void a_ring_that_is_not_full_is_in_order_too(void **state)
{
    struct fixture *f = *state;

    add(f, &avro, "first");
    add(f, &avro, "second");
    recent_keep(&f->recent, &set, &f->batch);
    const struct schema_cache_recent *r = answer(f, RECENT_AVRO);
    assert_int_equal(r->count, 2);
    test_assert_span(item(r, 0), "first");
    test_assert_span(item(r, 1), "second");
}

static void what_one_shard_has_not_another_may_bring(void **state)
{
    static const struct {
        uint32_t counts[4];
        uint32_t take[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0, 0, 0}},
        {{0, 100, 0, 0}, {0, 100, 0, 0}},
        {{100, 100, 100, 100}, {25, 25, 25, 25}},
        {{3, 100, 7, 100}, {3, 45, 7, 45}},
        {{1, 1, 1, 1}, {1, 1, 1, 1}},
        {{0, 100, 100, 100}, {0, 34, 33, 33}},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        uint32_t take[4];
        recent_share(rows[i].counts, 4, take);
        assert_memory_equal(take, rows[i].take, sizeof(take));
    }
}

static void the_newest_of_an_answer_are_added(void **state)
{
    struct schema_cache_recent sum = {0};
    struct fixture *f = *state;

    add(f, &avro, "oldest");
    add(f, &avro, "older");
    add(f, &avro, "newest");
    recent_keep(&f->recent, &set, &f->batch);
    const struct schema_cache_recent *r = answer(f, RECENT_AVRO);
    assert_ok(recent_add(r, 0, &sum));
    assert_int_equal(sum.count, 0);
    assert_ok(recent_add(r, 2, &sum));
    assert_ok(recent_add(r, 100, &sum));
    assert_int_equal(sum.count, 5);
    test_assert_span(item(&sum, 0), "older");
    test_assert_span(item(&sum, 1), "newest");
    test_assert_span(item(&sum, 2), "oldest");
    for (unsigned i = 0; i < 100; i++) {
        assert_ok(recent_add(r, 3, &sum));
    }
    assert_int_equal(sum.count, SCHEMA_CACHE_RECENT_MAX);
    buf_done(&sum.bytes);
}

static void leaves_out_what_is_too_long(void **state)
{
    struct fixture *f = *state;
    char *text = calloc(1, RECENT_RECORD_BYTES + 2);

    assert_non_null(text);
    memset(text, 'x', RECENT_RECORD_BYTES + 1);
    add(f, &avro, text);
    add(f, NULL, text);
    add(f, &avro, text + 1);
    recent_keep(&f->recent, &set, &f->batch);
    assert_int_equal(answer(f, RECENT_AVRO)->count, 1);
    assert_int_equal(answer(f, RECENT_ENTRY)->count, 0);
    free(text);
}

static void answers_only_when_asked(void **state)
{
    struct fixture *f = *state;

    recent_answer(&f->recent);
    assert_false(recent_is_answered(&f->recent));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_each_under_what_judged_it, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_the_last_of_each_read_and_a_hundred_in_all, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_ring_that_is_not_full_is_in_order_too, setup, teardown),
        cmocka_unit_test(what_one_shard_has_not_another_may_bring),
        cmocka_unit_test_setup_teardown(the_newest_of_an_answer_are_added, setup, teardown),
        cmocka_unit_test_setup_teardown(leaves_out_what_is_too_long, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_only_when_asked, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
