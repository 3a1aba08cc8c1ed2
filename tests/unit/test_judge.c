/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules and schemas over a batch: which of them a record meets, in which order, what is counted
 * under which type, and that those that pass stay in order. */
#include "ingestor/judge.h"

#include "tests/support/test.h"

#define STAMP "2026-11-21T04:11:45Z"

enum { ENTRY, ORDER, AVRO, TYPES };

static struct batch batch;
static struct judge judge;
static struct schema_type *types[TYPES];
static struct schema_set set;
static uint64_t passed[SCHEMA_TYPE_SLOTS];
static uint64_t failed[SCHEMA_TYPE_SLOTS];

static void compile(uint32_t slot, const char *name, struct span text)
{
    const struct schema_type_source source = {.kind = slot == AVRO ? SCHEMA_KIND_AVRO
                                                                   : SCHEMA_KIND_JSON,
                                              .name = span_of_str(name),
                                              .text = text,
                                              .id = slot + 1,
                                              .version = 1};
    struct schema_why why = {0};

    assert_ok(schema_type_new(&source, &why, &types[slot]));
    types[slot]->slot = slot;
}

static int setup(void **state)
{
    (void)state;
    memset(passed, 0, sizeof(passed));
    memset(failed, 0, sizeof(failed));
    assert_ok(batch_init(&batch, 64 * KIB));
    batch_reset(&batch, 1795234305000000000ull);
    judge =
        (struct judge){.limits = {.message_bytes_max = 1024}, .passed = passed, .failed = failed};
    assert_ok(check_json_init(&judge.json));
    compile(ENTRY, "LogEntry",
            SPAN_LIT("{\"properties\":{\"level\":{\"enum\":[\"INFO\"]},"
                     "\"service\":{\"pattern\":\"^[a-z]+$\"}}}"));
    compile(ORDER, "Order", SPAN_LIT("{\"required\":[\"message\"],\"maxProperties\":1}"));
    compile(AVRO, "LogEntry", SPAN_LIT("\"string\""));
    set = (struct schema_set){.entry = types[ENTRY]};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        schema_type_free(types[i]);
    }
    check_json_done(&judge.json);
    batch_done(&batch);
    return 0;
}

static struct text text(const char *s)
{
    return text_of(span_of_str(s), TEXT_CLEAN);
}

static struct record entry(const char *message)
{
    return (struct record){.timestamp = text(STAMP),
                           .level = text("info"),
                           .message = text(message),
                           .service = text("web"),
                           .format = FORMAT_JSON,
                           .origin = ORIGIN_CONTRACT,
                           .source = span_of_str(message)};
}

static struct record order(const char *message)
{
    return (struct record){.message = text(message),
                           .format = FORMAT_JSON,
                           .origin = ORIGIN_TYPED,
                           .schema = types[ORDER],
                           .type = types[ORDER]->text};
}

static void add(struct record rec)
{
    batch.records[batch.record_count] = rec;
    batch_accept(&batch);
}

static void check_counts(uint32_t slot, uint64_t good, uint64_t bad)
{
    assert_int_equal(passed[slot], good);
    assert_int_equal(failed[slot], bad);
}

static void a_schema_sees_what_the_rules_have_filled_in(void **state)
{
    (void)state;
    add(entry("m"));
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 1); /* "info" had become "INFO" */
    assert_int_equal(batch.reject_count, 0);
    check_counts(ENTRY, 1, 0);
}

static void what_the_rules_reject_no_schema_is_asked_about(void **state)
{
    struct record rec = entry("m");

    (void)state;
    rec.timestamp = text("yesterday");
    add(rec);
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 0);
    assert_int_equal(batch.reject_count, 1);
    assert_int_not_equal(batch.rejects[0].reason, REASON_SCHEMA);
    check_counts(ENTRY, 0, 0);
}

static void what_a_schema_rejects_moves_and_the_others_stay_in_order(void **state)
{
    struct record bad = entry("bad");

    (void)state;
    bad.service = text("W3");
    add(entry("a"));
    add(bad);
    add(entry("b"));
    add(bad);
    add(entry("c"));
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        test_assert_span(batch.records[i].source, i == 0 ? "a" : i == 1 ? "b" : "c");
        assert_int_equal(batch.records[i].order, 2 * i);
    }
    assert_int_equal(batch.reject_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(batch.rejects[i].reason, REASON_SCHEMA);
        assert_int_equal(batch.rejects[i].order, 2 * i + 1);
        assert_non_null(strstr(batch.rejects[i].detail, "/service: pattern"));
        test_assert_span(batch.rejects[i].payload, "bad");
    }
    check_counts(ENTRY, 3, 2);
}

/* As it was sent; only then it gets what an archived line needs. */
static void another_type_is_judged_before_it_is_filled(void **state)
{
    (void)state;
    add(order("m"));
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 1); /* it had one member */
    assert_non_null(batch.records[0].timestamp.at);
    test_assert_span(span_of(batch.records[0].level.at, batch.records[0].level.len), "INFO");
    assert_int_equal(batch.defaulted[FIELD_LEVEL], 1);
    check_counts(ORDER, 1, 0);
    check_counts(ENTRY, 0, 0);
}

static void another_type_is_rejected_by_its_own_schema(void **state)
{
    struct record bad = order("m");

    (void)state;
    bad.level = text("INFO");
    add(order("m"));
    add(bad);
    add(entry("m"));
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 2);
    assert_int_equal(batch.reject_count, 1);
    assert_int_equal(batch.rejects[0].order, 1);
    assert_non_null(strstr(batch.rejects[0].detail, "maxProperties"));
    assert_int_equal(batch.defaulted[FIELD_LEVEL], 1); /* not for what is rejected */
    check_counts(ORDER, 1, 1);
    check_counts(ENTRY, 1, 0);
}

static void what_a_plan_decoded_needs_no_json_schema(void **state)
{
    struct record rec = entry("m");

    (void)state;
    rec.service = text("W3"); /* which the JSON Schema of LogEntry does not allow */
    rec.schema = types[AVRO];
    add(rec);
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count, 1);
    check_counts(AVRO, 0, 0); /* counted when it was decoded */
    check_counts(ENTRY, 0, 0);
}

static void an_empty_batch_is_one(void **state)
{
    (void)state;
    judge_batch(&judge, &set, &batch);
    assert_int_equal(batch.record_count + batch.reject_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_schema_sees_what_the_rules_have_filled_in),
        TEST(what_the_rules_reject_no_schema_is_asked_about),
        TEST(what_a_schema_rejects_moves_and_the_others_stay_in_order),
        TEST(another_type_is_judged_before_it_is_filled),
        TEST(another_type_is_rejected_by_its_own_schema),
        TEST(what_a_plan_decoded_needs_no_json_schema),
        TEST(an_empty_batch_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
