/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors: what is refused and why, what the plan says, and that hostile ones cost little. What
 * protoc would never write is made with protobuf-c. */
#include "schema/schema_builtin.h"
#include "schema/schema_protobuf.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/proto_text.h"
#include "tests/support/rich_plan.h"
#include "tests/support/test.h"

#include <google/protobuf/descriptor.pb-c.h>

#define DEEP 33u /* one more than SCHEMA_PROTOBUF_PATH_MAX */

typedef Google__Protobuf__FileDescriptorProto file_proto;
typedef Google__Protobuf__DescriptorProto message_proto;
typedef Google__Protobuf__FieldDescriptorProto field_proto;

static char name_a[] = "A";
static char name_b[] = "b";
static char name_file[] = "a.proto";
static char proto3[] = "proto3";

static err_t compile(struct span in, struct schema_why *why, struct schema_protobuf **ret)
{
    *why = (struct schema_why){0};
    return schema_protobuf_compile(in, why, ret);
}

static void check_fails(struct span in, err_t want, const char *part)
{
    struct schema_protobuf *plan = NULL;
    struct schema_why why;
    err_t err = compile(in, &why, &plan);

    if (err != want || strstr(why.text, part) == NULL) {
        fail_msg("%s: %s, not %s: %s", err_name(err), why.text, err_name(want), part);
    }
    assert_null(plan);
}

static void pack(const ProtobufCMessage *message, struct buf *ret)
{
    size_t len = protobuf_c_message_get_packed_size(message);

    ret->len = 0;
    assert_ok(buf_reserve(ret, len + 1));
    ret->len = protobuf_c_message_pack(message, (uint8_t *)ret->at);
}

/* One message A with the fields given, in a file. */
static void pack_fields(field_proto **fields, size_t count, struct buf *ret)
{
    file_proto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT;
    message_proto message = GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT;
    message_proto *messages[] = {&message};

    file.name = name_file;
    file.syntax = proto3;
    file.n_message_type = 1;
    file.message_type = messages;
    message.name = name_a;
    message.n_field = count;
    message.field = fields;
    pack(&file.base, ret);
}

static field_proto field(int32_t number, int type)
{
    field_proto f = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__INIT;

    f.name = name_b;
    f.has_number = true;
    f.number = number;
    f.has_type = true;
    f.type = (Google__Protobuf__FieldDescriptorProto__Type)type;
    f.has_label = true;
    f.label = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_OPTIONAL;
    return f;
}

static void check_field_fails(field_proto f, err_t want, const char *part)
{
    field_proto *fields[] = {&f};
    struct buf in = {0};

    pack_fields(fields, 1, &in);
    check_fails(buf_span(&in), want, part);
    buf_done(&in);
}

static void test_wire_is_checked(void **state)
{
    static const char deep[] = "\x22\x02\x22\x00";

    (void)state;
    check_fails(span_of("", 0), ERR_SYNTAX, "no files");
    check_fails(SPAN_LIT("\x0a"), ERR_SYNTAX, "broken value");
    check_fails(SPAN_LIT("\x0a\x05"), ERR_SYNTAX, "broken value");
    check_fails(SPAN_LIT("\x0a\x80\x80\x80\x80\x10"), ERR_SYNTAX, "broken value");
    check_fails(SPAN_LIT("\x00\x01"), ERR_SYNTAX, "broken tag");
    check_fails(SPAN_LIT("\x13"), ERR_SYNTAX, "broken value"); /* a group */
    check_fails(SPAN_LIT("\x0e\x01"), ERR_SYNTAX, "broken tag");
    check_fails(SPAN_LIT("\x62\x01\x00"), ERR_SYNTAX, "has a NUL");
    check_fails(SPAN_LIT("\x62\x01\xff"), ERR_SYNTAX, "no UTF-8");
    check_fails(SPAN_LIT("\x62\x01\xc3"), ERR_SYNTAX, "no UTF-8");
    check_fails(SPAN_LIT("{\"type\":\"object\"}"), ERR_SYNTAX, "no Protobuf descriptors");
    check_fails(SPAN_LIT("syntax = \"proto3\";"), ERR_SYNTAX, "no Protobuf descriptors");
    check_fails(SPAN_LIT("\x0a\x03\x20\x01\x01"), ERR_SYNTAX, "no Protobuf descriptors");
    check_fails(SPAN_LIT("\x62\x06proto3"), ERR_SYNTAX, "without a name");
    check_fails(span_of(deep, 4), ERR_SYNTAX, "");
}

/* protobuf-c would recurse for each of these levels. */
static void test_depth_of_bytes(void **state)
{
    static char bytes[4 * 60000];
    struct buf in = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i += 4) {
        size_t rest = sizeof(bytes) - i - 4;
        bytes[i] = i == 0 ? 0x22 : 0x1a;
        bytes[i + 1] = (char)(rest | 0x80);
        bytes[i + 2] = (char)(rest >> 7 | 0x80);
        bytes[i + 3] = (char)(rest >> 14);
    }
    assert_ok(buf_append(&in, span_of(bytes, sizeof(bytes))));
    check_fails(buf_span(&in), ERR_LIMIT, "deep");
    buf_done(&in);
}

static void test_counts(void **state)
{
    struct buf in = {0};

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        assert_ok(buf_append(&in, SPAN_LIT("\x22\x00")));
    }
    check_fails(buf_span(&in), ERR_LIMIT, "more than 4096 messages");
    in.len = 0;
    for (size_t i = 0; i < 2000; i++) {
        assert_ok(buf_append(&in, SPAN_LIT("\x0a\x00")));
    }
    check_fails(buf_span(&in), ERR_LIMIT, "more than 1024 files");
    in.len = 0;
    for (size_t i = 0; i < 70000; i++) {
        assert_ok(buf_append(&in, SPAN_LIT("\x3a\x00"))); /* extensions */
    }
    check_fails(buf_span(&in), ERR_LIMIT, "more than 32768 fields");
    in.len = 0;
    for (size_t i = 0; i < 200000; i++) {
        assert_ok(buf_append(&in, SPAN_LIT("\x1a\x04wxyz")));
    }
    check_fails(buf_span(&in), ERR_LIMIT, "bytes");
    buf_done(&in);
}

static void test_syntax(void **state)
{
    struct buf in = proto_text_descriptors("syntax = \"proto2\"; message A {}");

    (void)state;
    check_fails(buf_span(&in), ERR_UNKNOWN, "case.proto: proto2; only proto3");
    buf_done(&in);
    in = proto_text_descriptors("message A {}");
    check_fails(buf_span(&in), ERR_UNKNOWN, "case.proto: proto2; only proto3");
    buf_done(&in);
    check_fails(SPAN_LIT("\x0a\x07"
                         "a.proto\x62\x08"
                         "editions"),
                ERR_UNKNOWN, "a.proto: editions; only proto3");
}

static void test_imports(void **state)
{
    file_proto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT;
    char other[] = "other.proto";
    char known[] = "google/protobuf/struct.proto";
    char options[] = "google/protobuf/descriptor.proto";
    char *imports[] = {known, options, other};
    struct buf in = {0};
    struct schema_protobuf *plan = NULL;
    struct schema_why why;

    (void)state;
    file.name = name_file;
    file.syntax = proto3;
    file.n_dependency = 3;
    file.dependency = imports;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_UNKNOWN, "a.proto: its import other.proto is missing");
    file.n_dependency = 2;
    pack(&file.base, &in);
    assert_ok(compile(buf_span(&in), &why, &plan));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("")));
    schema_protobuf_free(plan);
    file.name = known;
    pack(&file.base, &in);
    plan = NULL;
    check_fails(buf_span(&in), ERR_SYNTAX, "stands where the schema itself should");
    buf_done(&in);
}

static void test_fields_are_checked(void **state)
{
    char missing[] = ".x.Y";
    char itself[] = "A";
    char bad[] = "9b";
    char not_utf8[] = "\xff";
    field_proto f;

    (void)state;
    check_field_fails(field(0, 5), ERR_SYNTAX, "A.b: a bad field number");
    check_field_fails(field(-1, 5), ERR_SYNTAX, "a bad field number");
    check_field_fails(field(1 << 29, 5), ERR_SYNTAX, "a bad field number");
    check_field_fails(field(1, 0), ERR_SYNTAX, "a type that proto3 does not have");
    check_field_fails(field(1, 10), ERR_SYNTAX, "a type that proto3 does not have");
    check_field_fails(field(1, 11), ERR_SYNTAX, "a type that proto3 does not have");
    check_field_fails(field(1, 14), ERR_SYNTAX, "a type that proto3 does not have");
    check_field_fails(field(1, 19), ERR_SYNTAX, "a type that proto3 does not have");
    check_field_fails(field(1, -5), ERR_SYNTAX, "a type that proto3 does not have");
    f = field(1, 11);
    f.type_name = missing;
    check_field_fails(f, ERR_UNKNOWN, "A.b: its type .x.Y is missing");
    f.type_name = itself;
    f.type = (Google__Protobuf__FieldDescriptorProto__Type)14;
    check_field_fails(f, ERR_SYNTAX, "of the wrong kind");
    f = field(1, 5);
    f.label = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED;
    check_field_fails(f, ERR_SYNTAX, "required");
    f = field(1, 5);
    f.name = bad;
    check_field_fails(f, ERR_SYNTAX, "no name of a field");
    f.name = NULL;
    check_field_fails(f, ERR_SYNTAX, "no name of a field");
    f = field(1, 5);
    f.json_name = not_utf8;
    check_field_fails(f, ERR_SYNTAX, "no UTF-8");
    f = field(1, 5);
    f.has_oneof_index = true;
    check_field_fails(f, ERR_SYNTAX, "oneof");
}

static void test_two_fields(void **state)
{
    char other[] = "c";
    char json[] = "b";
    field_proto one = field(1, 5);
    field_proto two = field(1, 5);
    field_proto *fields[] = {&one, &two};
    struct buf in = {0};

    (void)state;
    two.name = other;
    pack_fields(fields, 2, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "another field has its number");
    two.number = 2;
    two.json_name = json;
    pack_fields(fields, 2, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "b is there twice");
    buf_done(&in);
}

static void test_messages_are_checked(void **state)
{
    file_proto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT;
    message_proto levels[DEEP];
    message_proto *pointers[DEEP];
    message_proto twice = GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT;
    message_proto *pair[] = {&twice, &twice};
    char package[] = "a..b";
    struct buf in = {0};

    (void)state;
    file.name = name_file;
    file.syntax = proto3;
    for (size_t i = 0; i < DEEP; i++) {
        levels[i] = (message_proto)GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT;
        levels[i].name = name_a;
        levels[i].n_nested_type = i + 1 < DEEP ? 1 : 0;
        levels[i].nested_type = &pointers[i + 1 < DEEP ? i + 1 : i];
        pointers[i] = &levels[i];
    }
    file.n_message_type = 1;
    file.message_type = pointers;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_LIMIT, "nested more than 32 deep");
    file.n_message_type = 2;
    file.message_type = pair;
    twice.name = name_a;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "A is there twice");
    twice.name = NULL;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "is no name");
    file.package = package;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "a bad package name");
    buf_done(&in);
}

static void test_map_entries_are_checked(void **state)
{
    Google__Protobuf__MessageOptions options = GOOGLE__PROTOBUF__MESSAGE_OPTIONS__INIT;
    file_proto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT;
    message_proto message = GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT;
    message_proto *messages[] = {&message};
    char value[] = "value";
    field_proto key = field(1, 1);
    field_proto second = field(2, 5);
    field_proto *fields[] = {&key, &second};
    struct buf in = {0};

    (void)state;
    options.has_map_entry = true;
    options.map_entry = true;
    second.name = value;
    message.name = name_a;
    message.options = &options;
    message.n_field = 2;
    message.field = fields;
    file.name = name_file;
    file.syntax = proto3;
    file.n_message_type = 1;
    file.message_type = messages;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "no entry of a map"); /* a double as key */
    key.type = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING;
    second.number = 3;
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "no entry of a map");
    second.number = 2;
    second.has_type = false;
    second.type_name = name_a; /* a map entry as a single value */
    pack(&file.base, &in);
    check_fails(buf_span(&in), ERR_SYNTAX, "a map that is not repeated");
    buf_done(&in);
}

static void test_builtin(void **state)
{
    struct schema_protobuf *plan = NULL;
    struct schema_why why;

    (void)state;
    assert_ok(compile(schema_builtin(SCHEMA_KIND_PROTOBUF), &why, &plan));
    const struct schema_protobuf_message *m = schema_protobuf_find(plan, SPAN_LIT("LogEntry"));
    assert_non_null(m);
    test_assert_span(m->fullname, "log.LogEntry");
    assert_ptr_equal(m, schema_protobuf_find(plan, SPAN_LIT("log.LogEntry")));
    assert_ptr_equal(m, schema_protobuf_find(plan, SPAN_LIT("")));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("Entry")));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("og.LogEntry")));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("Timestamp")));
    assert_non_null(schema_protobuf_find(plan, SPAN_LIT("google.protobuf.Timestamp")));
    assert_int_equal(m->count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct schema_protobuf_field *f = &plan->fields[m->first + i];
        assert_int_equal(f->number, i + 1);
        assert_int_equal(f->role, FIELD_TIMESTAMP + i);
        assert_true(f->plain_text && !f->has_presence && f->oneof == -1);
    }
    schema_protobuf_free(plan);
}

static void test_find(void **state)
{
    struct schema_protobuf *plan = proto_text_plan("package p; message A { message B {} "
                                                   "message C { message B {} } map<int32, A> m = 1;"
                                                   "} message D { message E {} }");
    static const struct {
        uint32_t path[3];
        uint32_t count;
        const char *name;
    } rows[] = {
        {{0}, 1, "p.A"},
        {{1}, 1, "p.D"},
        {{0, 0}, 2, "p.A.B"},
        {{0, 1}, 2, "p.A.C"},
        {{0, 1, 0}, 3, "p.A.C.B"},
        {{0, 2}, 2, "p.A.MEntry"},
        {{1, 0}, 2, "p.D.E"},
        {{2}, 1, NULL},
        {{0, 3}, 2, NULL},
        {{1, 0, 0}, 3, NULL},
        {{0}, 0, NULL},
        {{UINT32_MAX}, 1, NULL},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        const struct schema_protobuf_message *m =
            schema_protobuf_by_path(plan, rows[i].path, rows[i].count);
        assert_int_equal(m == NULL, rows[i].name == NULL);
        if (m != NULL) {
            test_assert_span(m->fullname, rows[i].name);
        }
    }
    uint32_t long_path[SCHEMA_PROTOBUF_PATH_MAX + 1] = {0};
    assert_null(schema_protobuf_by_path(plan, long_path, SCHEMA_PROTOBUF_PATH_MAX + 1));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("B"))); /* there are two */
    assert_null(schema_protobuf_find(plan, SPAN_LIT("MEntry")));
    assert_null(schema_protobuf_find(plan, SPAN_LIT("A.C")));
    test_assert_span(schema_protobuf_find(plan, SPAN_LIT("C"))->fullname, "p.A.C");
    test_assert_span(schema_protobuf_find(plan, SPAN_LIT(""))->fullname, "p.A");
    schema_protobuf_free(plan);
}

static const struct schema_protobuf_field *field_named(const struct schema_protobuf_message *m,
                                                       const char *name)
{
    for (uint32_t i = 0; i < m->count; i++) {
        const struct schema_protobuf_field *f = &m->plan->fields[m->first + i];
        if (span_equal(f->name, span_of_str(name))) {
            return f;
        }
    }
    fail_msg("no field %s", name);
    return NULL;
}

static void test_rich(void **state)
{
    const struct schema_protobuf_message *m = rich_plan_message("test.Rich");
    const struct schema_protobuf *plan = m->plan;
    const struct schema_protobuf_field *f = field_named(m, "counts");

    (void)state;
    assert_true(f->repeated && f->type == PROTOBUF_MESSAGE);
    assert_int_equal(plan->messages[f->target].known, PROTOBUF_MAP_ENTRY);
    f = field_named(m, "maybe_text");
    assert_true(f->has_presence && f->oneof == -1 && f->plain_text);
    f = field_named(m, "choice_text");
    assert_true(f->has_presence && f->oneof == 0 && !f->plain_text);
    assert_int_equal(field_named(m, "other_bool")->oneof, 1);
    f = field_named(m, "choice_null");
    assert_true(f->type == PROTOBUF_ENUM && plan->enums[f->target].is_null);
    f = field_named(m, "color");
    const struct schema_protobuf_enum *e = &plan->enums[f->target];
    assert_int_equal(e->count, 5);
    assert_int_equal(plan->values[e->first].number, -3);
    test_assert_span(text_span(plan->values[e->first + 2].name), "RED");
    test_assert_span(text_span(plan->values[e->first + 3].name), "ROUGE");
    test_assert_span(text_span(field_named(m, "renamed")->json_name), "other-name");
    test_assert_span(text_span(field_named(m, "int32_value")->json_name), "int32Value");
    test_assert_span(text_span(field_named(m, "UPPER_case_9x")->json_name), "UPPERCase9x");
    assert_int_equal(plan->messages[field_named(m, "timestamp")->target].known, PROTOBUF_TIMESTAMP);
    assert_int_equal(plan->messages[field_named(m, "bytes_box")->target].known, PROTOBUF_WRAPPER);
}

/* A compiler may leave names relative, and say nothing of the type or the JSON name. */
static void test_relative_names(void **state)
{
    char inner[] = "A";
    field_proto f = field(1, 11);
    field_proto *fields[] = {&f};
    struct schema_protobuf *plan = NULL;
    struct schema_why why;
    struct buf in = {0};

    (void)state;
    f.has_type = false;
    f.type_name = inner;
    pack_fields(fields, 1, &in);
    assert_ok(compile(buf_span(&in), &why, &plan));
    const struct schema_protobuf_message *m = schema_protobuf_find(plan, SPAN_LIT("A"));
    assert_int_equal(plan->fields[m->first].type, PROTOBUF_MESSAGE);
    assert_ptr_equal(&plan->messages[plan->fields[m->first].target], m);
    schema_protobuf_free(plan);
    buf_done(&in);
}

static err_t compile_rich(void *arg)
{
    struct schema_protobuf *plan = NULL;
    struct schema_why why = {0};

    (void)arg;
    TRY(schema_protobuf_compile(rich_plan_descriptors(), &why, &plan));
    schema_protobuf_free(plan);
    return ERR_OK;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    IGNORE(rich_plan_descriptors().len == 0, "reads the file first");
    fail_alloc_walk(compile_rich, NULL);
}

static void test_every_cut(void **state)
{
    struct span whole = rich_plan_descriptors();

    (void)state;
    for (size_t len = 0; len < whole.len; len += len < 4000 ? 1 : 37) {
        struct buf in = {0};
        struct schema_protobuf *plan = NULL;
        struct schema_why why;
        assert_ok(buf_reserve(&in, len + 1));
        memcpy(in.at, whole.at, len);
        if (compile(span_of(in.at, len), &why, &plan) == ERR_OK) {
            schema_protobuf_free(plan);
        }
        buf_done(&in);
    }
    schema_protobuf_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire_is_checked),
        cmocka_unit_test(test_depth_of_bytes),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_imports),
        cmocka_unit_test(test_fields_are_checked),
        cmocka_unit_test(test_two_fields),
        cmocka_unit_test(test_messages_are_checked),
        cmocka_unit_test(test_map_entries_are_checked),
        cmocka_unit_test(test_builtin),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_rich),
        cmocka_unit_test(test_relative_names),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_every_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
