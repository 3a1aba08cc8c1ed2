/* SPDX-License-Identifier: Apache-2.0
 *
 * Which schema a payload meets: that of --type or that of the id it bears; what becomes of ids that
 * are unknown, none, or of another format; what is counted under which type. */
#include "ingestor/payload.h"

#include "tests/support/test.h"

#include <stdlib.h>

#define NOW_NS 1000u

/* Slots. */
enum { ENTRY_JSON, ENTRY_AVRO, ORDER_JSON, ORDER_AVRO, ORDER_PROTOBUF, TYPES };

/* a.proto: message A { string x = 1; } message B { string y = 1; message C { string z = 1; } } */
static const struct span descriptors = SPAN_LIT("\x0a\x41"
                                                "\x0a\x07"
                                                "a.proto"
                                                "\x22\x0e\x0a\x01"
                                                "A\x12\x09\x0a\x01x\x18\x01\x20\x01\x28\x09"
                                                "\x22\x1e\x0a\x01"
                                                "B\x12\x09\x0a\x01y\x18\x01\x20\x01\x28\x09"
                                                "\x1a\x0e\x0a\x01"
                                                "C\x12\x09\x0a\x01z\x18\x01\x20\x01\x28\x09"
                                                "\x62\x06proto3");

static struct fixture {
    struct batch batch;
    struct schema_type *types[TYPES];
    struct schema_set_id ids[5];
    struct schema_set set;
    uint64_t passed[SCHEMA_TYPE_SLOTS];
    uint64_t failed[SCHEMA_TYPE_SLOTS];
    struct payload_env env;
} fix;

static void compile(uint32_t slot, enum schema_kind kind, const char *name, struct span text)
{
    const struct schema_type_source source = {
        .kind = kind, .name = span_of_str(name), .text = text, .id = slot, .version = 1};
    struct schema_why why = {0};

    assert_ok(schema_type_new(&source, &why, &fix.types[slot]));
    fix.types[slot]->slot = slot;
}

static int setup(void **state)
{
    (void)state;
    fix = (struct fixture){0};
    assert_ok(batch_init(&fix.batch, 64 * KIB));
    assert_ok(schema_type_builtin(SCHEMA_KIND_JSON, &fix.types[ENTRY_JSON]));
    assert_ok(schema_type_builtin(SCHEMA_KIND_AVRO, &fix.types[ENTRY_AVRO]));
    fix.types[ENTRY_AVRO]->slot = ENTRY_AVRO;
    compile(ORDER_JSON, SCHEMA_KIND_JSON, "Order", SPAN_LIT("{\"required\":[\"n\"]}"));
    compile(ORDER_AVRO, SCHEMA_KIND_AVRO, "Order",
            SPAN_LIT("{\"type\":\"record\",\"name\":\"Order\",\"fields\":["
                     "{\"name\":\"n\",\"type\":\"long\"}]}"));
    compile(ORDER_PROTOBUF, SCHEMA_KIND_PROTOBUF, "Order", descriptors);
    const struct schema_set_id ids[] = {
        {.id = 1, .type = fix.types[ENTRY_AVRO]},
        {.id = 2, .type = fix.types[ORDER_PROTOBUF]},
        {.id = 3, .type = fix.types[ORDER_JSON]},
        {.id = 4, .cause = SCHEMA_SET_BAD, .until_mono_ns = NOW_NS + 1},
        {.id = UINT32_MAX, .type = fix.types[ORDER_AVRO]},
    };
    memcpy(fix.ids, ids, sizeof(ids));
    fix.set = (struct schema_set){
        .entry = fix.types[ENTRY_JSON],
        .defaults = {fix.types[ORDER_JSON], fix.types[ORDER_AVRO], fix.types[ORDER_PROTOBUF]},
        .avro_prefix = true,
        .ids = fix.ids,
        .id_count = TEST_COUNT(ids),
    };
    fix.env = (struct payload_env){.schemas = &fix.set,
                                   .mono_ns = NOW_NS,
                                   .limits = {.message_bytes_max = 1024},
                                   .passed = fix.passed,
                                   .failed = fix.failed};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        schema_type_free(fix.types[i]);
    }
    batch_done(&fix.batch);
    return 0;
}

static struct record rec;
static char bytes[256];

static struct payload_result decode(enum schema_kind kind, struct span in)
{
    struct payload p = {.kind = kind, .patience = PAYLOAD_WAITS, .bytes = span_of(bytes, in.len)};

    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, in.at, in.len);
    batch_reset(&fix.batch, NOW_NS);
    rec = (struct record){0};
    return payload_decode(&fix.env, &p, &fix.batch, &rec);
}

/* It is decoded by the type of that slot; `member` is the only one of another type's record. */
static void check_good(enum schema_kind kind, struct span in, uint32_t slot, const char *member)
{
    struct payload_result result = decode(kind, in);

    assert_false(result.awaits);
    assert_string_equal(result.detail, "");
    assert_int_equal(result.reason, REASON_NONE);
    assert_ptr_equal(rec.schema, fix.types[slot]);
    assert_int_equal(rec.source.len, in.len); /* with its id, so that it can be sent again */
    if (member != NULL) {
        assert_int_equal(rec.origin, ORIGIN_TYPED);
        test_assert_span(span_of(rec.type.at, rec.type.len), "Order");
        assert_int_equal(rec.extra_count, 1);
        test_assert_span(span_of(rec.extras[0].name.at, rec.extras[0].name.len), member);
    }
}

static void check_bad(enum schema_kind kind, struct span in, const char *detail)
{
    struct payload_result result = decode(kind, in);

    assert_false(result.awaits);
    assert_int_equal(result.reason, REASON_SCHEMA);
    assert_string_equal(result.detail, detail);
}

static void without_an_id_it_is_what_type_stands_for(void **state)
{
    (void)state;
    check_good(SCHEMA_KIND_JSON, SPAN_LIT("{\"n\":1}"), ORDER_JSON, "n");
    check_good(SCHEMA_KIND_AVRO, SPAN_LIT("\x02"), ORDER_AVRO, "n");
    check_good(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\x0a\x01v"), ORDER_PROTOBUF, "x");
    fix.set.defaults[SCHEMA_KIND_JSON] = fix.types[ENTRY_JSON];
    check_good(
        SCHEMA_KIND_JSON,
        SPAN_LIT("{\"timestamp\":\"t\",\"level\":\"l\",\"message\":\"m\",\"service\":\"s\"}"),
        ENTRY_JSON, NULL);
    assert_int_not_equal(rec.origin, ORIGIN_TYPED);
}

static void a_type_may_lack_a_language(void **state)
{
    (void)state;
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        fix.set.defaults[kind] = NULL;
        check_bad(kind, SPAN_LIT("{}"), "the registry has no schema of --type in this format");
    }
}

static void an_id_names_the_schema(void **state)
{
    (void)state;
    check_good(SCHEMA_KIND_JSON, SPAN_LIT("\x00\x00\x00\x00\x03{\"n\":1}"), ORDER_JSON, "n");
    check_good(SCHEMA_KIND_AVRO, SPAN_LIT("\x00\x00\x00\x00\x01\x02t\x02l\x02m\x02s"), ENTRY_AVRO,
               NULL);
    assert_int_equal(rec.type.len, 0);
    check_good(SCHEMA_KIND_AVRO, SPAN_LIT("\x00\xff\xff\xff\xff\x02"), ORDER_AVRO, "n");
}

static void indexes_name_the_message(void **state)
{
    (void)state;
    check_good(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\0\0\0\0\x02\x00\x0a\x01v"), ORDER_PROTOBUF, "x");
    check_good(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\0\0\0\0\x02\x02\x02\x0a\x01v"), ORDER_PROTOBUF,
               "y");
    check_good(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\0\0\0\0\x02\x04\x02\x00\x0a\x01v"), ORDER_PROTOBUF,
               "z");
}

static void indexes_that_name_nothing_are_refused(void **state)
{
    static const struct span rows[] = {
        SPAN_LIT("\0\0\0\0\x02"),                         /* none at all */
        SPAN_LIT("\0\0\0\0\x02\x02"),                     /* one that is not there */
        SPAN_LIT("\0\0\0\0\x02\x02\x80"),                 /* … or not all of it */
        SPAN_LIT("\0\0\0\0\x02\x02\x04\x0a\x01v"),        /* no third message */
        SPAN_LIT("\0\0\0\0\x02\x04\x00\x00"),             /* nothing in A */
        SPAN_LIT("\0\0\0\0\x02\x01"),                     /* negative */
        SPAN_LIT("\0\0\0\0\x02\x42"),                     /* 33 of them */
        SPAN_LIT("\0\0\0\0\x02\xff\xff\xff\xff\xff\x01"), /* too many digits */
        SPAN_LIT("\0\0\0\0\x02\x02\xfe\xff\xff\xff\x1f"), /* no index of 32 bits */
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        check_bad(SCHEMA_KIND_PROTOBUF, rows[i], "the schema has no message of those indexes");
    }
}

static void an_id_of_another_format_is_refused(void **state)
{
    (void)state;
    check_bad(SCHEMA_KIND_JSON, SPAN_LIT("\0\0\0\0\x01{}"),
              "the schema of that id is not of the payload's format");
    check_bad(SCHEMA_KIND_AVRO, SPAN_LIT("\0\0\0\0\x02\x02"),
              "the schema of that id is not of the payload's format");
    check_bad(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\0\0\0\0\x03\x00"),
              "the schema of that id is not of the payload's format");
}

static void what_is_not_known_yet_is_awaited(void **state)
{
    struct payload p = {.kind = SCHEMA_KIND_JSON, .bytes = span_of(bytes, 7)};

    (void)state;
    struct payload_result result = decode(SCHEMA_KIND_JSON, SPAN_LIT("\x00\x01\x02\x03\x04{}"));
    assert_true(result.awaits);
    assert_int_equal(result.awaited_id, 0x01020304);
    p.patience = PAYLOAD_WAITS_NOT;
    result = payload_decode(&fix.env, &p, &fix.batch, &rec);
    assert_false(result.awaits);
    assert_int_equal(result.reason, REASON_SCHEMA);
    assert_string_equal(result.detail, "the schema of that id could not be had in time");
}

static void the_reject_says_why_there_is_none(void **state)
{
    static const struct {
        enum schema_set_cause cause;
        const char *detail;
    } rows[] = {
        {SCHEMA_SET_NONE, "the registry has no schema of that id"},
        {SCHEMA_SET_AWAY, "the registry did not say what that id is"},
        {SCHEMA_SET_BAD, "the schema of that id does not compile"},
        {SCHEMA_SET_NO_ROOM, "there is no room for the schema of that id"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        fix.ids[3].cause = rows[i].cause;
        check_bad(SCHEMA_KIND_JSON, SPAN_LIT("\0\0\0\0\x04{}"), rows[i].detail);
    }
    fix.env.mono_ns++; /* now it may be asked again */
    assert_true(decode(SCHEMA_KIND_JSON, SPAN_LIT("\0\0\0\0\x04{}")).awaits);
}

static void avro_bears_ids_only_if_it_can(void **state)
{
    (void)state;
    fix.set.avro_prefix = false;
    check_good(SCHEMA_KIND_AVRO, SPAN_LIT("\x00"), ORDER_AVRO, "n"); /* the number 0 */
    assert_int_not_equal(decode(SCHEMA_KIND_AVRO, SPAN_LIT("\x00\xff\xff\xff\xff\x02")).reason,
                         REASON_NONE); /* bytes behind the number */
    assert_int_equal(fix.failed[ORDER_AVRO], 1);
    check_good(SCHEMA_KIND_JSON, SPAN_LIT("\0\0\0\0\x03{\"n\":1}"), ORDER_JSON, "n");
    fix.set.avro_prefix = true;
    check_good(SCHEMA_KIND_AVRO, SPAN_LIT("\x00"), ORDER_AVRO, "n"); /* too short for an id */
}

static void each_type_is_counted_in_its_slot(void **state)
{
    (void)state;
    decode(SCHEMA_KIND_AVRO, SPAN_LIT("\x02"));
    decode(SCHEMA_KIND_AVRO, SPAN_LIT("\x02\x02")); /* one byte too many */
    decode(SCHEMA_KIND_AVRO, SPAN_LIT("\x00\x00\x00\x00\x01\x02t\x02l\x02m\x02s"));
    decode(SCHEMA_KIND_AVRO, SPAN_LIT("\x00\x00\x00\x00\x01\x02"));
    decode(SCHEMA_KIND_PROTOBUF, SPAN_LIT("\x0a\x01v"));
    decode(SCHEMA_KIND_JSON, SPAN_LIT("{\"n\":1}")); /* is judged later */
    decode(SCHEMA_KIND_JSON, SPAN_LIT("{"));
    decode(SCHEMA_KIND_JSON, SPAN_LIT("\0\0\0\0\x04{}")); /* of no type */
    const uint64_t passed[TYPES] = {[ENTRY_AVRO] = 1, [ORDER_AVRO] = 1, [ORDER_PROTOBUF] = 1};
    const uint64_t failed[TYPES] = {[ENTRY_AVRO] = 1, [ORDER_AVRO] = 1};
    assert_memory_equal(fix.passed, passed, sizeof(passed));
    assert_memory_equal(fix.failed, failed, sizeof(failed));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_an_id_it_is_what_type_stands_for),
        TEST(a_type_may_lack_a_language),
        TEST(an_id_names_the_schema),
        TEST(indexes_name_the_message),
        TEST(indexes_that_name_nothing_are_refused),
        TEST(an_id_of_another_format_is_refused),
        TEST(what_is_not_known_yet_is_awaited),
        TEST(the_reject_says_why_there_is_none),
        TEST(avro_bears_ids_only_if_it_can),
        TEST(each_type_is_counted_in_its_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
