/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON as Protobuf messages: what does not fit and where, what is written, and that the decoder
 * gives the same JSON again. */
#include "schema/schema_protobuf_encode.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/protobuf_case.h"
#include "tests/support/rich_plan.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define DEPTH_MAX 100u

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    if (value == NULL) {
        fail_msg("no JSON: %s", text);
    }
    return value;
}

static err_t encode(const char *name, const char *text, struct schema_why *why, struct buf *out)
{
    json_t *value = parse(text);

    *why = (struct schema_why){0};
    err_t err = schema_protobuf_encode(rich_plan_message(name), value, why, out);
    json_decref(value);
    return err;
}

/* What does not fit, and a part of what is said about it. */
static const char *const misfits[][2] = {
    {"[]", "/: an object"},
    {"{\"int32Value\":\"x\"}", "/int32Value: a whole number"},
    {"{\"int32Value\":1.5}", "/int32Value: a whole number"},
    {"{\"int32Value\":true}", "/int32Value: a whole number"},
    {"{\"int32Value\":\"\"}", "/int32Value: a whole number"},
    {"{\"int32Value\":\"1 \"}", "/int32Value: a whole number"},
    {"{\"int32Value\":2147483648}", "/int32Value: a number within"},
    {"{\"int32Value\":-2147483649}", "/int32Value: a number within"},
    {"{\"uint32Value\":-1}", "/uint32Value: a number within"},
    {"{\"uint32Value\":4294967296}", "/uint32Value: a number within"},
    {"{\"int64Value\":\"9223372036854775808\"}", "/int64Value: a number within"},
    {"{\"uint64Value\":\"18446744073709551616\"}", "/uint64Value: a number within"},
    {"{\"uint64Value\":\"184467440737095516160\"}", "/uint64Value: a whole number"},
    {"{\"uint64Value\":1e300}", "/uint64Value: a whole number"},
    {"{\"sint32Value\":2147483648}", "/sint32Value: a number within"},
    {"{\"fixed32Value\":-1}", "/fixed32Value: a number within"},
    {"{\"sfixed64Value\":\"-9223372036854775809\"}", "/sfixed64Value: a number within"},
    {"{\"doubleValue\":\"x\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1x\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":[]}", "/doubleValue: a number"},
    {"{\"doubleValue\":\" 1\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"0x10\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1\\u0000x\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"+1\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"01\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\".5\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1.\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1e\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1e+\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"-\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"nan\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"inf\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"NaN\\u0000\"}", "/doubleValue: a number"},
    {"{\"doubleValue\":\"1e999\"}", "/doubleValue: a number"},
    {"{\"floatValue\":1e39}", "/floatValue: a number within"},
    {"{\"boolValue\":1}", "/boolValue: true or false"},
    {"{\"stringValue\":1}", "/stringValue: a string"},
    {"{\"bytesValue\":1}", "/bytesValue: a string of base64"},
    {"{\"bytesValue\":\"A\"}", "/bytesValue: a string of base64"},
    {"{\"bytesValue\":\"A A=\"}", "/bytesValue: a string of base64"},
    {"{\"color\":\"GREEN\"}", "/color: a name or a number"},
    {"{\"color\":true}", "/color: a name or a number"},
    {"{\"color\":2147483648}", "/color: a number within"},
    {"{\"nobody\":1}", "/nobody: no field"},
    {"{\"inner\":{\"nobody\":1}}", "/inner/nobody: no field"},
    {"{\"inner\":1}", "/inner: an object"},
    {"{\"inners\":{}}", "/inners: an array"},
    {"{\"inners\":[{},{\"name\":1}]}", "/inners/1/name: a string"},
    {"{\"numbers\":[1,null]}", "/numbers/1: a whole number"},
    {"{\"numbers\":1}", "/numbers: an array"},
    {"{\"counts\":[]}", "/counts: an object"},
    {"{\"counts\":{\"a\":\"b\"}}", "/counts/a: a whole number"},
    {"{\"names\":{\"a\":\"b\"}}", "/names/a: a key"},
    {"{\"names\":{\"2147483648\":\"b\"}}", "/names/2147483648: a number within"},
    {"{\"halves\":{\"yes\":{}}}", "/halves/yes: a key"},
    {"{\"halves\":{\"true\":{\"name\":2}}}", "/halves/true/name: a string"},
    {"{\"choiceText\":\"a\",\"choiceNumber\":1}", "only one member of a oneof"},
    {"{\"timestamp\":1}", "/timestamp: an RFC 3339 time"},
    {"{\"timestamp\":\"2026-02-30T00:00:00Z\"}", "/timestamp: an RFC 3339 time"},
    {"{\"timestamp\":\"2026-02-03T00:00:00.1234567890Z\"}", "/timestamp: an RFC 3339 time"},
    {"{\"timestamp\":\"0001-01-01T00:00:00+00:01\"}", "/timestamp: an RFC 3339 time"},
    {"{\"duration\":\"1\"}", "/duration: seconds"},
    {"{\"duration\":\"s\"}", "/duration: seconds"},
    {"{\"duration\":\"1.s\"}", "/duration: seconds"},
    {"{\"duration\":\"1.0000000001s\"}", "/duration: seconds"},
    {"{\"duration\":\"315576000001s\"}", "/duration: seconds"},
    {"{\"duration\":\"99999999999999999999s\"}", "/duration: seconds"},
    {"{\"mask\":1}", "/mask: paths"},
    {"{\"mask\":\"a_b\"}", "/mask: paths"},
    {"{\"fields\":[]}", "/fields: an object"},
    {"{\"list\":{}}", "/list: an array"},
    {"{\"empty\":{\"a\":1}}", "/empty: an empty object"},
    {"{\"any\":{\"other\":1}}", "/any: an object of"},
    {"{\"any\":{\"@type\":1}}", "/any: a string"},
    {"{\"int32Box\":\"x\"}", "/int32Box: a whole number"},
};

static void test_misfits(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(misfits); i++) {
        struct buf out = {0};
        struct schema_why why;
        assert_ok(buf_append(&out, SPAN_LIT("before")));
        err_t err = encode("test.Rich", misfits[i][0], &why, &out);
        if (err != ERR_SYNTAX || strstr(why.text, misfits[i][1]) == NULL) {
            fail_msg("%s: %s, %s", misfits[i][0], err_name(err), why.text);
        }
        test_assert_span(buf_span(&out), "before");
        buf_done(&out);
    }
}

static void test_depth(void **state)
{
    struct buf text = {0};
    struct buf out = {0};
    struct schema_why why;

    (void)state;
    for (unsigned depth = DEPTH_MAX; depth <= DEPTH_MAX + 1; depth++) {
        text.len = 0;
        assert_ok(buf_append(&text, SPAN_LIT("{\"inner\":")));
        for (unsigned i = 1; i < depth; i++) {
            assert_ok(buf_append(&text, SPAN_LIT("{\"next\":")));
        }
        for (unsigned i = 0; i <= depth; i++) {
            assert_ok(buf_append(&text, i == 0 ? SPAN_LIT("{}") : SPAN_LIT("}")));
        }
        assert_ok(buf_append(&text, span_of("", 1)));
        assert_err(encode("test.Rich", text.at, &why, &out),
                   depth == DEPTH_MAX ? ERR_OK : ERR_LIMIT);
    }
    buf_done(&text);
    buf_done(&out);
}

static void test_bytes(void **state)
{
    static const char *const rows[][2] = {
        {"{}", ""},
        {"{\"int32Value\":150}", "38 9601"},
        {"{\"int32_value\":-1}", "38 ffffffffffffffffff01"},
        {"{\"sint32Value\":-1}", "58 01"},
        {"{\"sint64Value\":\"-9223372036854775808\"}", "60 ffffffffffffffffff01"},
        {"{\"uint64Value\":\"18446744073709551615\"}", "50 ffffffffffffffffff01"},
        {"{\"int32Value\":1e2}", "38 64"},
        {"{\"int32Value\":null}", ""},
        {"{\"color\":\"ROUGE\"}", "a001 01"},
        {"{\"color\":77}", "a001 4d"},
        {"{\"bytesValue\":\"-_8\"}", "9201 02 fbff"},
        {"{\"counts\":{\"a\":7}}", "ca02 05 0a0161 1007"},
        {"{\"inner\":{\"name\":\"a\"}}", "c202 03 0a0161"},
        {"{\"value\":null}", "fa03 02 0800"},
        {"{\"choiceNull\":null}", "a803 00"},
        {"{\"int32Box\":5}", "d204 02 0805"},
        {"{\"int32Box\":null}", ""},
        {"{\"timestamp\":\"1970-01-01T01:00:01.5+01:00\"}", "0a 08 0801 1080cab5ee01"},
        {"{\"duration\":\"-0.5s\"}", "e203 0b 1080b6ca91feffffffff01"},
        {"{\"other-name\":\"x\"}", "d205 01 78"},
        {"{\"renamed\":\"x\"}", "d205 01 78"},
        {"{\"doubleValue\":\"-0.5e+1\",\"floatValue\":\"10E-1\"}",
         "29 00000000000014c0 35 0000803f"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct buf out = {0};
        struct buf want = protobuf_case_hex(rows[i][1]);
        struct schema_why why;
        assert_ok(encode("test.Rich", rows[i][0], &why, &out));
        if (!span_equal(buf_span(&out), buf_span(&want))) {
            fail_msg("%s", rows[i][0]);
        }
        buf_done(&want);
        buf_done(&out);
    }
}

/* In order of fields, keys of maps in order, as the decoder writes them. */
static const char *const again[] = {
    "{}",
    "{\"timestamp\":\"9999-12-31T23:59:59.999999999Z\",\"level\":\"ERROR\",\"message\":\"m\\n\","
    "\"service\":\"s\"}",
    "{\"timestamp\":\"0001-01-01T00:00:00Z\"}",
    "{\"doubleValue\":\"NaN\",\"floatValue\":\"-Infinity\"}",
    "{\"doubleValue\":0.1,\"floatValue\":0.1,\"fixed32Value\":7,\"fixed64Value\":\"8\","
    "\"sfixed32Value\":-7,\"sfixed64Value\":\"-8\",\"boolValue\":true}",
    "{\"maybeNumber\":0,\"maybeText\":\"\",\"maybeBool\":false,\"maybeColor\":\"COLOR_NONE\"}",
    "{\"numbers\":[1,-1],\"texts\":[\"\",\"a\"],\"blobs\":[\"AA==\"],\"colors\":[\"BLUE\",9]}",
    "{\"inners\":[{},{\"name\":\"a\",\"back\":{\"message\":\"m\"},\"next\":{\"number\":1}}]}",
    "{\"names\":{\"-1\":\"a\",\"2\":\"b\"},\"halves\":{\"false\":{},\"true\":{\"name\":\"a\"}},"
    "\"times\":{\"1\":\"1970-01-01T00:00:00Z\"},\"paints\":{\"-3\":\"RED\"}}",
    "{\"values\":{\"a\":null,\"b\":[1,\"x\",{\"c\":true}]}}",
    "{\"duration\":\"1.000000001s\",\"mask\":\"a.bC,d\",\"fields\":{\"a\":1.5},\"value\":[[]],"
    "\"list\":[null],\"empty\":{},\"any\":{\"@type\":\"t\",\"value\":\"AA==\"}}",
    "{\"doubleBox\":0,\"int64Box\":\"5\",\"boolBox\":false,\"stringBox\":\"\",\"bytesBox\":\"\"}",
    "{\"manyTimes\":[\"2026-11-21T04:11:45.120Z\"],\"manyBoxes\":[0,1],\"far\":9}",
};

static void test_round_trip(void **state)
{
    (void)state;
    protobuf_case.message = rich_plan_message("test.Rich");
    for (size_t i = 0; i < TEST_COUNT(again); i++) {
        struct buf out = {0};
        struct schema_why why;
        if (encode("test.Rich", again[i], &why, &out) != ERR_OK) {
            fail_msg("%s: %s", again[i], why.text);
        }
        assert_ok(buf_reserve(&out, 1));
        struct span json = protobuf_case_json(buf_span(&out));
        if (!span_equal(json, span_of_str(again[i]))) {
            fail_msg("%s: %.*s", again[i], (int)json.len, json.at);
        }
        buf_done(&out);
    }
}

static err_t encode_all(void *arg)
{
    struct schema_why why = {0};

    for (size_t i = 0; i < TEST_COUNT(again); i++) {
        struct buf out = {0};
        err_t err =
            schema_protobuf_encode(rich_plan_message("test.Rich"), ((json_t **)arg)[i], &why, &out);
        buf_done(&out);
        TRY(err);
    }
    return ERR_OK;
}

static void test_memory_runs_out(void **state)
{
    static json_t *values[TEST_COUNT(again)];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(again); i++) {
        values[i] = parse(again[i]);
    }
    fail_alloc_walk(encode_all, values);
    for (size_t i = 0; i < TEST_COUNT(again); i++) {
        json_decref(values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misfits),         cmocka_unit_test(test_depth),
        cmocka_unit_test(test_bytes),           cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, protobuf_case_setup, protobuf_case_teardown);
}
