/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf messages: what each construct becomes in JSON. Payloads are written as hexadecimal
 * digits. */
#include "codec/codec_protobuf.h"
#include "tests/support/one_record.h"
#include "tests/support/protobuf_case.h"
#include "tests/support/rich_plan.h"
#include "tests/support/test.h"

struct row {
    const char *digits;
    const char *json;
};

static void check_rows(const char *name, const struct row *rows, size_t count)
{
    protobuf_case.message = rich_plan_message(name);
    for (size_t i = 0; i < count; i++) {
        struct buf in = protobuf_case_hex(rows[i].digits);
        struct span json = protobuf_case_json(buf_span(&in));
        if (!span_equal(json, span_of_str(rows[i].json))) {
            print_error("%s: %.*s\n", rows[i].digits, (int)json.len, json.at);
        }
        test_assert_span(json, rows[i].json);
        buf_done(&in);
    }
}

static void test_scalars(void **state)
{
    static const struct row rows[] = {
        {"", "{}"},
        {"29 000000000000f83f", "{\"doubleValue\":1.5}"},
        {"29 0000000000000000", "{}"},
        {"29 0000000000000080", "{\"doubleValue\":-0.0}"},
        {"29 000000000000f87f", "{\"doubleValue\":\"NaN\"}"},
        {"29 000000000000f0ff", "{\"doubleValue\":\"-Infinity\"}"},
        {"35 cdcccc3d", "{\"floatValue\":0.1}"},
        {"35 0000807f", "{\"floatValue\":\"Infinity\"}"},
        {"38 ffffffffffffffffff01", "{\"int32Value\":-1}"},
        {"38 ffffffff0f", "{\"int32Value\":-1}"}, /* cut to 32 bits */
        {"38 8080808010", "{}"},                  /* 2^32 is 0 then */
        {"40 80808080808080808001", "{\"int64Value\":\"-9223372036854775808\"}"},
        {"48 ffffffffffffffffff01", "{\"uint32Value\":4294967295}"},
        {"50 ffffffffffffffffff01", "{\"uint64Value\":\"18446744073709551615\"}"},
        {"50 ffffffffffffffffff7f", "{\"uint64Value\":\"18446744073709551615\"}"},
        {"58 ffffffff0f", "{\"sint32Value\":-2147483648}"},
        {"58 01", "{\"sint32Value\":-1}"},
        {"60 ffffffffffffffffff01", "{\"sint64Value\":\"-9223372036854775808\"}"},
        {"6d ffffffff", "{\"fixed32Value\":4294967295}"},
        {"71 ffffffffffffffff", "{\"fixed64Value\":\"18446744073709551615\"}"},
        {"7d ffffffff", "{\"sfixed32Value\":-1}"},
        {"8101 feffffffffffffff", "{\"sfixed64Value\":\"-2\"}"},
        {"8801 01", "{\"boolValue\":true}"},
        {"8801 8002", "{\"boolValue\":true}"},
        {"8801 8000", "{}"},
        {"9201 03 fbff00", "{\"bytesValue\":\"+/8A\"}"},
        {"9201 00", "{}"},
        {"9a01 03 610a22", "{\"stringValue\":\"a\\n\\\"\"}"},
        {"9a01 06 c3a9 e280a8 7f", "{\"stringValue\":\"\xc3\xa9\\u2028\\u007f\"}"},
        {"a001 01", "{\"color\":\"RED\"}"}, /* ROUGE has the same number */
        {"a001 05", "{\"color\":\"BLUE\"}"},
        {"a001 fdffffffffffffffff01", "{\"color\":\"MINUS\"}"},
        {"a001 4d", "{\"color\":77}"},
        {"a001 00", "{}"},
        {"f8ffffff0f 07", "{\"far\":7}"},
        {"d205 01 78", "{\"other-name\":\"x\"}"},
        {"da05 01 78", "{\"UPPERCase9x\":\"x\"}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_presence(void **state)
{
    static const struct row rows[] = {
        {"a801 00", "{\"maybeNumber\":0}"},   {"b201 00", "{\"maybeText\":\"\"}"},
        {"b801 00", "{\"maybeBool\":false}"}, {"c001 00", "{\"maybeColor\":\"COLOR_NONE\"}"},
        {"9203 00", "{\"choiceText\":\"\"}"}, {"9803 00", "{\"choiceNumber\":0}"},
        {"a803 00", "{\"choiceNull\":null}"}, {"b003 00", "{\"otherBool\":false}"},
        {"c202 00", "{\"inner\":{}}"},        {"c202 02 3200", "{\"inner\":{\"note\":\"\"}}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_last_wins(void **state)
{
    static const struct row rows[] = {
        {"3801 3802", "{\"int32Value\":2}"},
        {"3801 3800", "{}"},
        {"9a01 01 61 9a01 01 62", "{\"stringValue\":\"b\"}"},
        {"9a01 01 61 9a01 00", "{}"},
        /* a oneof: the last member, whatever its number */
        {"9203 01 61 9803 05", "{\"choiceNumber\":5}"},
        {"9803 05 9203 01 61", "{\"choiceText\":\"a\"}"},
        {"9803 05 b003 01 9203 01 61 9803 06", "{\"choiceNumber\":6,\"otherBool\":true}"},
        /* messages are merged … */
        {"c202 03 0a0161 c202 02 1005", "{\"inner\":{\"name\":\"a\",\"number\":5}}"},
        {"c202 03 0a0161 3801 c202 05 0a0162 1005",
         "{\"int32Value\":1,\"inner\":{\"name\":\"b\",\"number\":5}}"},
        {"c202 04 1a020102 c202 03 1a0103", "{\"inner\":{\"list\":[1,2,3]}}"},
        {"c202 05 2a030a0161 c202 04 2a021007",
         "{\"inner\":{\"next\":{\"name\":\"a\",\"number\":7}}}"},
        /* … also within a oneof, until another member comes */
        {"a203 03 0a0161 a203 02 1005", "{\"choiceInner\":{\"name\":\"a\",\"number\":5}}"},
        {"a203 03 0a0161 9803 01 a203 02 1005", "{\"choiceInner\":{\"number\":5}}"},
        {"c202 03 3a0161 c202 05 42030a0162", "{\"inner\":{\"part\":{\"name\":\"b\"}}}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_repeated(void **state)
{
    static const struct row rows[] = {
        {"f201 03 019601", "{\"numbers\":[1,150]}"},
        {"f001 01 f001 9601", "{\"numbers\":[1,150]}"},
        {"f001 01 3809 f201 02 0203 f001 04", "{\"int32Value\":9,\"numbers\":[1,2,3,4]}"},
        {"f201 00", "{\"numbers\":[]}"},
        {"f801 01 f801 02", "{\"zigzags\":[\"-1\",\"1\"]}"},
        {"fa01 02 0102", "{\"zigzags\":[\"-1\",\"1\"]}"},
        {"8202 10 000000000000f03f 0000000000000000", "{\"doubles\":[1,0]}"},
        {"8102 000000000000f03f", "{\"doubles\":[1]}"},
        {"8a02 08 01000000 02000000", "{\"fixed\":[1,2]}"},
        {"9202 02 0100", "{\"bools\":[true,false]}"},
        {"9a02 00 9a02 01 61", "{\"texts\":[\"\",\"a\"]}"},
        {"a202 01 00 a202 00", "{\"blobs\":[\"AA==\",\"\"]}"},
        {"aa02 03 010040", "{\"colors\":[\"RED\",\"COLOR_NONE\",64]}"},
        {"b202 00 b202 03 0a0161", "{\"inners\":[{},{\"name\":\"a\"}]}"},
        {"b202 03 0a0161 c202 00 b202 03 0a0162",
         "{\"inners\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"inner\":{}}"},
        {"c202 0a 1a0103 2205 f201020102",
         "{\"inner\":{\"list\":[3],\"back\":{\"numbers\":[1,2]}}}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_maps(void **state)
{
    static const struct row rows[] = {
        {"ca02 05 0a0161 1007", "{\"counts\":{\"a\":7}}"},
        {"ca02 05 1007 0a0161", "{\"counts\":{\"a\":7}}"},
        {"ca02 03 0a0161", "{\"counts\":{\"a\":0}}"},
        {"ca02 00", "{\"counts\":{\"\":0}}"},
        {"ca02 02 1001 ca02 05 0a0161 1002", "{\"counts\":{\"\":1,\"a\":2}}"},
        /* the last of a key counts */
        {"ca02 05 0a0161 1001 ca02 05 0a0162 1002 ca02 05 0a0161 1003",
         "{\"counts\":{\"a\":3,\"b\":2}}"},
        {"ca02 08 0a0161 0a0162 1001", "{\"counts\":{\"b\":1}}"},
        {"ca02 0a 0a020022 1001 10031805", "{\"counts\":{\"\\u0000\\\"\":3}}"},
        {"d202 0e 08ffffffffffffffffff01 120161 d202 05 0802 120162",
         "{\"names\":{\"-1\":\"a\",\"2\":\"b\"}}"},
        {"d202 03 120161", "{\"names\":{\"0\":\"a\"}}"},
        {"da02 02 0801 da02 07 0800 12030a0161",
         "{\"halves\":{\"false\":{\"name\":\"a\"},\"true\":{}}}"},
        {"da02 0b 0801 12030a0161 12021005",
         "{\"halves\":{\"true\":{\"name\":\"a\",\"number\":5}}}"},
        {"e202 02 0801", "{\"times\":{\"1\":\"1970-01-01T00:00:00Z\"}}"},
        {"e202 0d 08ffffffffffffffffff01 1200",
         "{\"times\":{\"18446744073709551615\":\"1970-01-01T00:00:00Z\"}}"},
        {"ea02 04 0801 1005", "{\"paints\":{\"-1\":\"BLUE\"}}"},
        {"f202 07 0a0161 12022001", "{\"values\":{\"a\":true}}"},
        {"f202 03 0a0161", "{\"values\":{\"a\":null}}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_well_known(void **state)
{
    static const struct row rows[] = {
        {"0a 00", "{\"timestamp\":\"1970-01-01T00:00:00Z\"}"},
        {"0a 06 0801 10c0843d", "{\"timestamp\":\"1970-01-01T00:00:01.001Z\"}"},
        {"0a 02 1001", "{\"timestamp\":\"1970-01-01T00:00:00.000000001Z\"}"},
        {"0a 0b 088092b8c398feffffff01", "{\"timestamp\":\"0001-01-01T00:00:00Z\"}"},
        {"0a 0d 08ff82d1ffaf07 10 ff93ebdc03",
         "{\"timestamp\":\"9999-12-31T23:59:59.999999999Z\"}"},
        {"e203 00", "{\"duration\":\"0s\"}"},
        {"e203 08 0801 1080cab5ee01", "{\"duration\":\"1.500s\"}"},
        {"e203 0b 10ffffffffffffffffff01", "{\"duration\":\"-0.000000001s\"}"},
        {"ea03 05 0a03615f62", "{\"mask\":\"aB\"}"},
        {"ea03 08 0a0161 0a03622e63", "{\"mask\":\"a,b.c\"}"},
        {"ea03 00", "{\"mask\":\"\"}"},
        {"f203 00", "{\"fields\":{}}"},
        {"f203 09 0a07 0a0161 12022001", "{\"fields\":{\"a\":true}}"},
        {"fa03 00", "{\"value\":null}"},
        {"fa03 02 0800", "{\"value\":null}"},
        {"fa03 09 11000000000000f83f", "{\"value\":1.5}"},
        {"fa03 03 1a0161", "{\"value\":\"a\"}"},
        {"fa03 02 2000", "{\"value\":false}"},
        {"fa03 02 2a00", "{\"value\":{}}"},
        {"fa03 08 3206 0a00 0a022001", "{\"value\":[null,true]}"},
        {"fa03 05 1a0161 2001", "{\"value\":true}"},
        {"8204 00", "{\"list\":[]}"},
        {"8204 05 0a03 1a0161", "{\"list\":[\"a\"]}"},
        {"8a04 00", "{\"empty\":{}}"},
        {"8a04 02 0801", "{\"empty\":{}}"},
        {"9204 00", "{\"any\":{}}"},
        {"9204 07 0a01 74 1202 0801", "{\"any\":{\"@type\":\"t\",\"value\":\"CAE=\"}}"},
        {"b204 00", "{\"doubleBox\":0}"},
        {"ca04 00", "{\"uint64Box\":\"0\"}"},
        {"d204 02 0805", "{\"int32Box\":5}"},
        {"e204 00", "{\"boolBox\":false}"},
        {"ea04 00", "{\"stringBox\":\"\"}"},
        {"f204 03 0a01ff", "{\"bytesBox\":\"/w==\"}"},
        {"8205 02 0801 8205 00",
         "{\"manyTimes\":[\"1970-01-01T00:00:01Z\",\"1970-01-01T00:00:00Z\"]}"},
        {"8a05 02 0801 8a05 00", "{\"manyBoxes\":[1,0]}"},
        {"9205 02 0801", "{\"manyDurations\":[\"1s\"]}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

static void test_unknown_is_skipped(void **state)
{
    static const struct row rows[] = {
        {"c03e 05 3801", "{\"int32Value\":1}"},
        {"c13e 0102030405060708 3801", "{\"int32Value\":1}"},
        {"c23e 03 ffffff 3801", "{\"int32Value\":1}"},
        {"c53e 01020304 3801", "{\"int32Value\":1}"},
        {"c33e 0801 c43e 3801", "{\"int32Value\":1}"},
        {"c33e 0b 0c 0a0161 c43e 3801", "{\"int32Value\":1}"},
        {"3d 01020304 3801", "{\"int32Value\":1}"}, /* another wire type than its own */
        {"9801 05", "{}"},
        {"c302 c402", "{}"},
    };

    (void)state;
    check_rows("test.Rich", rows, TEST_COUNT(rows));
}

/* The four as plain strings, and what takes that path although it must not stay on it. */
static void test_flat(void **state)
{
    static const struct row rows[] = {
        {"0a0174 120149 1a016d 220173",
         "{\"timestamp\":\"t\",\"level\":\"I\",\"message\":\"m\",\"service\":\"s\"}"},
        {"220173 1a016d 120149 0a0174",
         "{\"timestamp\":\"t\",\"level\":\"I\",\"message\":\"m\",\"service\":\"s\"}"},
        {"1a016d 1a016e", "{\"message\":\"n\"}"},
        {"1a016d 1a00", "{}"},
        {"1a00 1a016d", "{\"message\":\"m\"}"},
        {"1a 8100 61", "{\"message\":\"a\"}"},
        {"1a03 c3a90a", "{\"message\":\"\xc3\xa9\\n\"}"},
        {"1a016d 2a0168", "{\"message\":\"m\",\"host\":\"h\"}"},
        {"1a016d 2a00", "{\"message\":\"m\"}"},
        {"1a01ff 1a016d", "{\"message\":\"m\"}"}, /* what does not count is not looked at */
        {"1805 1a016d", "{\"message\":\"m\"}"},
        {"3205 1a016d6d6d 1a016d", "{\"message\":\"m\"}"},
        {"9a0100 1a016d", "{\"message\":\"m\"}"},
    };

    (void)state;
    check_rows("test.Flat", rows, TEST_COUNT(rows));
}

static void test_flat_points_into_the_payload(void **state)
{
    struct buf in = protobuf_case_hex("0a0174 120149 1a026d22 220173");

    (void)state;
    protobuf_case.message = rich_plan_message("test.Flat");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    assert_ptr_equal(protobuf_case.batch.records[0].message.at, in.at + 8);
    assert_int_equal(protobuf_case.batch.records[0].message.form, TEXT_PLAIN);
    assert_int_equal(protobuf_case.batch.records[0].level.form, TEXT_CLEAN);
    assert_int_equal(protobuf_case.batch.arena.used, 0);
    buf_done(&in);
}

/* Of the four, what has a string for JSON is one of them; what has not is an extra. */
static void test_roles(void **state)
{
    struct buf in = protobuf_case_hex("0a020801 1001 1a016d 220173");

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    test_assert_span(text_span(protobuf_case.batch.records[0].timestamp), "1970-01-01T00:00:01Z");
    test_assert_span(text_span(protobuf_case.batch.records[0].level), "INFO");
    assert_int_equal(protobuf_case.batch.records[0].extra_count, 0);
    buf_done(&in);
    in = protobuf_case_hex("1063");
    assert_int_equal(protobuf_case_decode(buf_span(&in)), REASON_NONE);
    assert_null(protobuf_case.batch.records[0].level.at);
    test_assert_span(text_span(protobuf_case.batch.records[0].extras[0].name), "level");
    test_assert_span(protobuf_case.batch.records[0].extras[0].json, "99");
    buf_done(&in);
}

static enum reason decode_rich(const struct codec_env *env, struct span in, struct batch *b,
                               struct record *ret_rec, const char **ret_detail)
{
    (void)env;
    return codec_protobuf(protobuf_case.message, in, b, ret_rec, ret_detail);
}

static void test_line(void **state)
{
    struct one_record r;
    struct buf in =
        protobuf_case_hex("0a020801 1001 1a016d 220173 c202 0a 0a0161 1a020102 3a0162 9a01 01 7f");

    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    one_record_init(&r, decode_rich);
    one_record_is(&r, buf_span(&in),
                  "{\"timestamp\":\"1970-01-01T00:00:01Z\",\"level\":\"INFO\",\"message\":\"m\","
                  "\"service\":\"s\",\"stringValue\":\"\\u007f\",\"inner\":{\"name\":\"a\","
                  "\"list\":[1,2],\"word\":\"b\"}}");
    one_record_fails(&r, SPAN_LIT("\x1a\x01m"), REASON_MISSING_TIMESTAMP);
    one_record_done(&r);
    buf_done(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_presence),
        cmocka_unit_test(test_last_wins),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_well_known),
        cmocka_unit_test(test_unknown_is_skipped),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_flat_points_into_the_payload),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_line),
    };

    return cmocka_run_group_tests(tests, protobuf_case_setup, protobuf_case_teardown);
}
