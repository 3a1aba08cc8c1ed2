/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that protobuf-c has packed: what was put in must come out. */
#include "tests/support/protobuf_case.h"
#include "tests/support/test.h"

#include <inttypes.h>
#include <plain.pb-c.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS    2000u
#define JSON_ROOM 4096u

static struct schema_protobuf *plan;

static struct buf plain_descriptors(void)
{
    struct buf out = {0};
    FILE *f = fopen(PLAIN_DESCRIPTORS, "rb");

    assert_non_null(f);
    assert_ok(buf_reserve(&out, 64 * KIB));
    out.len = fread(out.at, 1, 64 * KIB, f);
    fclose(f);
    return out;
}

static int setup(void **state)
{
    struct schema_why why = {0};
    struct buf descriptors = plain_descriptors();
    err_t err = schema_protobuf_compile(buf_span(&descriptors), &why, &plan);

    buf_done(&descriptors);
    assert_ok(err);
    protobuf_case.message = schema_protobuf_find(plan, SPAN_LIT("plain.Plain"));
    return protobuf_case_setup(state);
}

static int teardown(void **state)
{
    schema_protobuf_free(plan);
    return protobuf_case_teardown(state);
}

static void check(const Plain__Plain *message, const char *json)
{
    struct buf in = {0};
    size_t len = plain__plain__get_packed_size(message);

    assert_ok(buf_reserve(&in, len + 1));
    in.len = plain__plain__pack(message, (uint8_t *)in.at);
    test_assert_span(protobuf_case_json(buf_span(&in)), json);
    buf_done(&in);
}

/* Appends a member; a default value has none. */
static void say(char *json, const char *name, const char *quote, const char *value)
{
    size_t len = strlen(json);

    if (strcmp(value, "0") != 0) {
        snprintf(json + len, JSON_ROOM - len, "%s\"%s\":%s%s%s", len > 1 ? "," : "", name, quote,
                 value, quote);
    }
}

static void say_int(char *json, const char *name, const char *quote, int64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRId64, value);
    say(json, name, quote, digits);
}

static void say_uint(char *json, const char *name, const char *quote, uint64_t value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%" PRIu64, value);
    say(json, name, quote, digits);
}

/* 64 bits of which any number may be set, so that each length of a varint is met. */
static uint64_t some_bits(void)
{
    uint64_t bits = (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();

    return random() % 8 == 0 ? 0 : bits >> random() % 64;
}

static void test_integers(void **state)
{
    (void)state;
    srandom(1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        Plain__Plain m;
        char json[JSON_ROOM] = "{";
        bool negate = random() % 2 == 0;
        uint64_t bits = negate ? 0 - some_bits() : some_bits();
        plain__plain__init(&m);
        m.int32_value = (int32_t)bits;
        m.int64_value = (int64_t)bits;
        m.uint32_value = (uint32_t)bits;
        m.uint64_value = bits;
        m.sint32_value = (int32_t)bits;
        m.sint64_value = (int64_t)bits;
        m.fixed32_value = (uint32_t)bits;
        m.fixed64_value = bits;
        m.sfixed32_value = (int32_t)bits;
        m.sfixed64_value = (int64_t)bits;
        say_int(json, "int32Value", "", m.int32_value);
        say_int(json, "int64Value", "\"", m.int64_value);
        say_uint(json, "uint32Value", "", m.uint32_value);
        say_uint(json, "uint64Value", "\"", m.uint64_value);
        say_int(json, "sint32Value", "", m.sint32_value);
        say_int(json, "sint64Value", "\"", m.sint64_value);
        say_uint(json, "fixed32Value", "", m.fixed32_value);
        say_uint(json, "fixed64Value", "\"", m.fixed64_value);
        say_int(json, "sfixed32Value", "", m.sfixed32_value);
        say_int(json, "sfixed64Value", "\"", m.sfixed64_value);
        strncat(json, "}", 2);
        check(&m, json);
    }
}

static void test_others(void **state)
{
    Plain__Plain m;
    Plain__Plain inner;
    Plain__Plain *inners[] = {&inner, &inner};
    char text[] = "text";
    char word[] = "";
    char *texts[] = {text, word};
    uint8_t bytes[] = {0xff, 0x00};
    int32_t numbers[] = {0, -1, 300};

    (void)state;
    plain__plain__init(&m);
    plain__plain__init(&inner);
    check(&m, "{}");
    m.double_value = 0.1;
    m.float_value = 0.1f;
    m.bool_value = true;
    m.string_value = text;
    m.bytes_value = (ProtobufCBinaryData){sizeof(bytes), bytes};
    m.kind = PLAIN__KIND__SOME;
    m.inner = &inner;
    inner.int32_value = 7;
    m.n_numbers = 3;
    m.numbers = numbers;
    m.n_texts = 2;
    m.texts = texts;
    m.n_inners = 2;
    m.inners = inners;
    m.choice_case = PLAIN__PLAIN__CHOICE_WORD;
    m.word = word;
    check(&m, "{\"doubleValue\":0.1,\"floatValue\":0.1,\"boolValue\":true,\"stringValue\":\"text\","
              "\"bytesValue\":\"/wA=\",\"kind\":\"SOME\",\"inner\":{\"int32Value\":7},"
              "\"numbers\":[0,-1,300],\"texts\":[\"text\",\"\"],"
              "\"inners\":[{\"int32Value\":7},{\"int32Value\":7}],\"word\":\"\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
