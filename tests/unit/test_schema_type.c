/* SPDX-License-Identifier: Apache-2.0
 *
 * One type: what is built in, names, and which message of a Protobuf schema it is. */
#include "schema/schema_type.h"

#include "schema/schema_builtin.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

static err_t make(enum schema_kind kind, struct span name, struct span text, struct schema_why *why,
                  struct schema_type **ret)
{
    const struct schema_type_source source = {
        .kind = kind, .name = name, .text = text, .id = 4, .version = 2};

    *why = (struct schema_why){0};
    *ret = NULL;
    return schema_type_new(&source, why, ret);
}

static void log_entry_is_built_in(void **state)
{
    (void)state;
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct schema_type *t = NULL;
        assert_ok(schema_type_builtin(kind, &t));
        assert_string_equal(t->name, SCHEMA_BUILTIN_NAME);
        test_assert_span(text_span(t->text), SCHEMA_BUILTIN_NAME);
        assert_int_equal(t->text.form, TEXT_CLEAN);
        assert_int_equal(t->kind, kind);
        assert_true(t->is_entry);
        assert_int_equal(t->id, 0);
        assert_int_equal(t->version, 0);
        assert_int_equal(t->json != NULL, kind == SCHEMA_KIND_JSON);
        assert_int_equal(t->avro != NULL, kind == SCHEMA_KIND_AVRO);
        assert_int_equal(t->protobuf != NULL, kind == SCHEMA_KIND_PROTOBUF);
        assert_int_equal(t->message != NULL, kind == SCHEMA_KIND_PROTOBUF);
        if (t->message != NULL) {
            test_assert_span(t->message->fullname, "log.LogEntry");
        }
        schema_type_free(t);
    }
    schema_type_free(NULL);
}

static void names_are_bounded_and_text(void **state)
{
    static char letters[SCHEMA_TYPE_NAME_BYTES];
    const struct {
        struct span name;
        err_t err;
    } rows[] = {
        {SPAN_LIT(""), ERR_LIMIT},
        {span_of(letters, SCHEMA_TYPE_NAME_BYTES), ERR_LIMIT},
        {SPAN_LIT("a\0b"), ERR_SYNTAX},
        {SPAN_LIT("a\xff"), ERR_SYNTAX},
        {span_of(letters, SCHEMA_TYPE_NAME_BYTES - 1), ERR_OK},
        {SPAN_LIT("caf\xc3\xa9 \"1\""), ERR_OK},
    };

    (void)state;
    memset(letters, 'a', sizeof(letters));
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct schema_type *t = NULL;
        struct schema_why why;
        assert_err(make(SCHEMA_KIND_JSON, rows[i].name, SPAN_LIT("{}"), &why, &t), rows[i].err);
        assert_int_equal(why.text[0] != '\0', rows[i].err != ERR_OK);
        assert_int_equal(t != NULL, rows[i].err == ERR_OK);
        if (t != NULL) {
            assert_int_equal(t->text.len, rows[i].name.len);
            assert_int_equal(t->id, 4);
            assert_int_equal(t->version, 2);
            assert_false(t->is_entry);
        }
        schema_type_free(t);
    }
}

static void what_does_not_compile_says_why(void **state)
{
    const struct {
        enum schema_kind kind;
        struct span text;
        err_t err;
    } rows[] = {
        {SCHEMA_KIND_JSON, SPAN_LIT("{"), ERR_SYNTAX},
        {SCHEMA_KIND_JSON, SPAN_LIT("{\"$ref\":\"http://elsewhere/x\"}"), ERR_UNKNOWN},
        {SCHEMA_KIND_AVRO, SPAN_LIT("\"nothing\""), ERR_UNKNOWN},
        {SCHEMA_KIND_AVRO, SPAN_LIT("{"), ERR_SYNTAX},
        {SCHEMA_KIND_PROTOBUF, SPAN_LIT("\xff\xff"), ERR_SYNTAX},
        /* a file, proto3, without a message */
        {SCHEMA_KIND_PROTOBUF, SPAN_LIT("\x0a\x0b\x0a\x01x\x62\x06proto3"), ERR_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct schema_type *t = NULL;
        struct schema_why why;
        assert_err(make(rows[i].kind, SPAN_LIT("X"), rows[i].text, &why, &t), rows[i].err);
        assert_true(why.text[0] != '\0');
        assert_null(t);
    }
}

/* message A {} message B {}, in package p. */
static void a_protobuf_type_is_the_message_of_its_name_or_the_first(void **state)
{
    const struct span file = SPAN_LIT("\x0a\x18\x0a\x01x\x12\x01p\x22\x03\x0a\x01"
                                      "A\x22\x03\x0a\x01"
                                      "B\x62\x06proto3");
    const struct {
        struct span name;
        const char *message;
    } rows[] = {
        {SPAN_LIT("B"), "p.B"},
        {SPAN_LIT("p.B"), "p.B"},
        {SPAN_LIT("A"), "p.A"},
        {SPAN_LIT("orders"), "p.A"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        struct schema_type *t = NULL;
        struct schema_why why;
        assert_ok(make(SCHEMA_KIND_PROTOBUF, rows[i].name, file, &why, &t));
        test_assert_span(t->message->fullname, rows[i].message);
        schema_type_free(t);
    }
}

static err_t make_builtin(void *arg)
{
    struct schema_type *t = NULL;

    TRY(schema_type_builtin(*(enum schema_kind *)arg, &t));
    schema_type_free(t);
    return ERR_OK;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        fail_alloc_walk(make_builtin, &kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_entry_is_built_in),
        cmocka_unit_test(names_are_bounded_and_text),
        cmocka_unit_test(what_does_not_compile_says_why),
        cmocka_unit_test(a_protobuf_type_is_the_message_of_its_name_or_the_first),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
