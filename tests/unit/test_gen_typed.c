/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of rich types: each generated value encodes and passes its own schema, and all branches
 * and lengths appear; a schema that nothing fits is an error that shows a record. */
#include "client/gen_typed.h"

#include "base/limits.h"
#include "client/gen_avro.h"
#include "client/gen_protobuf.h"
#include "client/verify.h"
#include "schema/schema_avro_encode.h"
#include "schema/schema_protobuf_encode.h"
#include "tests/support/rich_plan.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define WALL_NS (1795234305ull * NS_PER_S + 123456789) /* 2026-11-21T04:11:45.123456789Z */
#define COUNT   2000u

static const char rich_avro[] =
    "{\"type\":\"record\",\"name\":\"shop.Order\",\"fields\":["
    "{\"name\":\"id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},"
    "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"
    "{\"name\":\"day\",\"type\":{\"type\":\"int\",\"logicalType\":\"date\"}},"
    "{\"name\":\"clock\",\"type\":{\"type\":\"int\",\"logicalType\":\"time-millis\"}},"
    "{\"name\":\"local\",\"type\":{\"type\":\"long\",\"logicalType\":\"local-timestamp-millis\"}},"
    "{\"name\":\"price\",\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":9,"
    "\"scale\":2}},"
    "{\"name\":\"grace\",\"type\":{\"type\":\"fixed\",\"name\":\"D\",\"size\":12,"
    "\"logicalType\":\"duration\"}},"
    "{\"name\":\"digest\",\"type\":{\"type\":\"fixed\",\"name\":\"H\",\"size\":16}},"
    "{\"name\":\"blob\",\"type\":\"bytes\"},"
    "{\"name\":\"state\",\"type\":{\"type\":\"enum\",\"name\":\"State\",\"symbols\":[\"NEW\","
    "\"PAID\",\"SENT\"]}},"
    "{\"name\":\"user\",\"type\":[\"null\",{\"type\":\"record\",\"name\":\"User\",\"fields\":["
    "{\"name\":\"email\",\"type\":\"string\"},{\"name\":\"ip\",\"type\":\"string\"},"
    "{\"name\":\"age\",\"type\":\"int\"}]}]},"
    "{\"name\":\"items\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":"
    "\"Item\",\"fields\":[{\"name\":\"count\",\"type\":\"int\"},{\"name\":\"weight\",\"type\":"
    "\"float\"},{\"name\":\"inner\",\"type\":[\"null\",\"Item\"]}]}}},"
    "{\"name\":\"labels\",\"type\":{\"type\":\"map\",\"values\":[\"string\",\"long\"]}},"
    "{\"name\":\"ok\",\"type\":\"boolean\"},{\"name\":\"share\",\"type\":\"double\"},"
    "{\"name\":\"nothing\",\"type\":\"null\"}]}";

static const char rich_json[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
    "\"x-cordwood-assert-format\":true,\"type\":\"object\",\"required\":[\"id\",\"at\",\"lines\"],"
    "\"additionalProperties\":false,\"properties\":{"
    "\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"day\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"clock\":{\"type\":\"string\",\"format\":\"time\"},"
    "\"contact\":{\"type\":\"string\",\"format\":\"email\"},"
    "\"page\":{\"type\":\"string\",\"format\":\"uri\"},"
    "\"peer\":{\"type\":\"string\",\"format\":\"ipv4\"},"
    "\"peer6\":{\"type\":\"string\",\"format\":\"ipv6\"},"
    "\"kind\":{\"enum\":[\"a\",2,null]},\"fixed\":{\"const\":{\"x\":1}},"
    "\"port\":{\"type\":\"integer\",\"minimum\":1,\"exclusiveMaximum\":10},"
    "\"cold\":{\"type\":\"integer\",\"maximum\":-5},"
    "\"step\":{\"type\":\"integer\",\"minimum\":10,\"maximum\":50,\"multipleOf\":7},"
    "\"share\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},"
    "\"short\":{\"type\":\"string\",\"minLength\":3,\"maxLength\":4},"
    "\"long\":{\"type\":\"string\",\"minLength\":90},"
    "\"maybe\":{\"type\":[\"string\",\"null\",\"integer\"]},"
    "\"lines\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":4,\"items\":{\"$ref\":"
    "\"#/$defs/line\"}},"
    "\"pair\":{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"boolean\"}],"
    "\"items\":false,\"minItems\":2},"
    "\"choice\":{\"oneOf\":[{\"type\":\"string\"},{\"$ref\":\"#/$defs/line\"}]},"
    "\"both\":{\"type\":\"object\",\"allOf\":[{\"required\":[\"l\"],\"properties\":{\"l\":"
    "{\"type\":\"boolean\"}}},{\"required\":[\"r\"],\"properties\":{\"r\":{\"type\":\"null\"}}}]},"
    "\"labels\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}},"
    "\"tree\":{\"$ref\":\"#/$defs/tree\"},\"free\":true,\"never\":false},"
    "\"$defs\":{\"line\":{\"type\":\"object\",\"required\":[\"count\"],\"properties\":{"
    "\"count\":{\"type\":\"integer\",\"minimum\":1},\"name\":{\"type\":\"string\"}}},"
    "\"tree\":{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"integer\"},"
    "\"left\":{\"$ref\":\"#/$defs/tree\"},\"right\":{\"$ref\":\"#/$defs/tree\"}}}}}";

struct rig {
    struct args args;
    struct types types;
    struct gen_typed *typed;
    struct buf out;
};

static enum schema_kind kind_of(const char *format)
{
    if (strcmp(format, "proto") == 0) {
        return SCHEMA_KIND_PROTOBUF;
    }
    return strcmp(format, "avro") == 0 ? SCHEMA_KIND_AVRO : SCHEMA_KIND_JSON;
}

static void rig_open_type(struct rig *r, const char *format,
                          const struct schema_type_source *source)
{
    char *argv[] = {strdup("client"), strdup("--format"), strdup(format)};
    struct option_report report = {0};
    struct schema_why why = {0};

    *r = (struct rig){0};
    assert_ok(args_load(3, argv, &r->args, &report));
    for (size_t i = 0; i < TEST_COUNT(argv); i++) {
        free(argv[i]);
    }
    if (schema_type_new(source, &why, &r->types.type) != ERR_OK) {
        fail_msg("%s", why.text);
    }
    assert_ok(buf_append(&r->types.text, source->text));
    assert_ok(gen_typed_new(&r->args, &r->types, 1, &r->typed));
}

static void rig_open(struct rig *r, const char *format, const char *text)
{
    const struct schema_type_source source = {
        .kind = kind_of(format), .name = SPAN_LIT("Order"), .text = span_of_str(text)};

    rig_open_type(r, format, &source);
}

static void rig_close(struct rig *r)
{
    gen_typed_free(r->typed);
    types_done(&r->types);
    buf_done(&r->out);
    args_done(&r->args);
}

/* Every frame is judged once more, by a judge of the test's own. */
static void check_frames(struct rig *r, char format, uint32_t count)
{
    struct verify verify;
    struct span in = buf_span(&r->out);
    uint32_t n = 0;

    assert_ok(verify_init(&verify, r->types.type));
    while (in.len > 0) {
        const unsigned char *head = (const unsigned char *)in.at;
        size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
        struct schema_why why = {0};
        assert_int_equal(in.at[0], format);
        in = span_skip(in, FRAME_HEAD_BYTES);
        assert_ok(verify_record(&verify, span_head(in, len), &why));
        in = span_skip(in, len);
        n++;
    }
    assert_int_equal(n, count);
    verify_done(&verify);
}

/* Makes COUNT records and closes the rig. */
static void check_records(struct rig *r, char frame)
{
    uint32_t total = 0;

    while (total < COUNT) {
        uint32_t count = 0;
        r->out.len = 0;
        err_t err = gen_typed_append(r->typed, COUNT - total, WALL_NS, &r->out, &count);
        if (err != ERR_OK) {
            fail_msg("%s", gen_typed_why(r->typed));
        }
        check_frames(r, frame, count);
        total += count;
    }
    rig_close(r);
}

static void check_type(const char *format, char frame, const char *text)
{
    struct rig r;

    rig_open(&r, format, text);
    check_records(&r, frame);
}

static void every_protobuf_record_passes(void **state)
{
    const struct schema_type_source source = {.kind = SCHEMA_KIND_PROTOBUF,
                                              .name = SPAN_LIT("test.Rich"),
                                              .text = rich_plan_descriptors()};
    struct rig r;

    (void)state;
    rig_open_type(&r, "proto", &source);
    check_records(&r, 2);
}

/* Without another try: what is made fits at once. */
static void protobuf_values_fit_at_the_first_try(void **state)
{
    const struct schema_type_source source = {.kind = SCHEMA_KIND_PROTOBUF,
                                              .name = SPAN_LIT("test.Rich"),
                                              .text = rich_plan_descriptors()};
    struct rig r;

    (void)state;
    rig_open_type(&r, "proto", &source);
    struct gen_value value = {.args = &r.args, .random = 5, .wall_ns = WALL_NS};
    for (uint32_t i = 0; i < COUNT; i++) {
        struct schema_why why = {0};
        json_t *made = gen_protobuf_value(&value, r.types.type->message);
        assert_non_null(made);
        r.out.len = 0;
        if (schema_protobuf_encode(r.types.type->message, made, &why, &r.out) != ERR_OK) {
            fail_msg("%s", why.text);
        }
        json_decref(made);
    }
    rig_close(&r);
}

static void every_avro_record_passes(void **state)
{
    (void)state;
    check_type("avro", 3, rich_avro);
}

static void every_json_record_passes(void **state)
{
    (void)state;
    check_type("json", 1, rich_json);
}

/* Without another try: what is made fits at once. */
static void avro_values_fit_at_the_first_try(void **state)
{
    struct rig r;

    (void)state;
    rig_open(&r, "avro", rich_avro);
    struct gen_value value = {.args = &r.args, .random = 5, .wall_ns = WALL_NS};
    for (uint32_t i = 0; i < COUNT; i++) {
        struct schema_why why = {0};
        json_t *made = gen_avro_value(&value, r.types.type->avro);
        assert_non_null(made);
        r.out.len = 0;
        if (schema_avro_encode(r.types.type->avro, made, &why, &r.out) != ERR_OK) {
            fail_msg("%s", why.text);
        }
        json_decref(made);
    }
    rig_close(&r);
}

/* Branches of unions, lengths of arrays, symbols: all of them come. */
static void everything_that_may_be_comes(void **state)
{
    struct rig r;
    uint32_t items[GEN_VALUE_ITEMS_MAX + 1] = {0};
    uint32_t users[2] = {0};
    uint32_t states[3] = {0};

    (void)state;
    rig_open(&r, "avro", rich_avro);
    struct gen_value value = {.args = &r.args, .random = 5, .wall_ns = WALL_NS};
    for (uint32_t i = 0; i < COUNT; i++) {
        json_t *made = gen_avro_value(&value, r.types.type->avro);
        const char *symbol = json_string_value(json_object_get(made, "state"));
        items[json_array_size(json_object_get(made, "items"))]++;
        users[json_is_null(json_object_get(made, "user")) ? 1 : 0]++;
        states[symbol[0] == 'N' ? 0 : symbol[0] == 'P' ? 1 : 2]++;
        json_decref(made);
    }
    for (uint32_t i = 0; i <= GEN_VALUE_ITEMS_MAX; i++) {
        assert_true(items[i] > COUNT / 8);
    }
    assert_true(users[0] > users[1] && users[1] > 0);
    assert_true(states[0] > 0 && states[1] > 0 && states[2] > 0);
    rig_close(&r);
}

static void the_same_seed_makes_the_same(void **state)
{
    struct rig a;
    struct rig b;
    uint32_t count = 0;

    (void)state;
    rig_open(&a, "avro", rich_avro);
    rig_open(&b, "avro", rich_avro);
    assert_ok(gen_typed_append(a.typed, 50, WALL_NS, &a.out, &count));
    assert_ok(gen_typed_append(b.typed, 50, WALL_NS, &b.out, &count));
    assert_true(span_equal(buf_span(&a.out), buf_span(&b.out)));
    rig_close(&a);
    rig_close(&b);
}

static void what_nothing_fits_is_an_error(void **state)
{
    static const struct {
        const char *format;
        const char *text;
        const char *why;
    } rows[] = {
        {"json",
         "{\"type\":\"object\",\"required\":[\"code\"],\"properties\":{\"code\":{\"type\":"
         "\"string\",\"pattern\":\"^[A-Z]{40}$\"}}}",
         "no record of Order in json passes its own schema: schema: /code: "},
        {"json", "false", "no record of Order in json passes its own schema: schema: "},
        {"avro",
         "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"x\",\"type\":\"null\"}]}",
         "no record of Order in avro passes its own schema: it encodes to nothing"},
        {"avro", "\"string\"", "no record of Order in avro passes its own schema: schema"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct rig r;
        uint32_t count = 7;
        rig_open(&r, rows[i].format, rows[i].text);
        assert_err(gen_typed_append(r.typed, 1, WALL_NS, &r.out, &count), ERR_SYNTAX);
        assert_int_equal(count, 7);
        if (strncmp(gen_typed_why(r.typed), rows[i].why, strlen(rows[i].why)) != 0) {
            fail_msg("%s", gen_typed_why(r.typed));
        }
        rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nothing_fits_is_an_error),
        cmocka_unit_test(every_avro_record_passes),
        cmocka_unit_test(every_json_record_passes),
        cmocka_unit_test(every_protobuf_record_passes),
        cmocka_unit_test(protobuf_values_fit_at_the_first_try),
        cmocka_unit_test(avro_values_fit_at_the_first_try),
        cmocka_unit_test(everything_that_may_be_comes),
        cmocka_unit_test(the_same_seed_makes_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
