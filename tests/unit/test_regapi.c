/* SPDX-License-Identifier: Apache-2.0
 *
 * What a registry's answers mean: tables of good and of hostile ones, and what is asked. */
#include "regapi/regapi.h"

#include "base/clock.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_http_client.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define URL "http://registry:8000/base"

/* What the fake registry says to which path. */
struct row {
    const char *path;
    const char *body;
    unsigned status; /* 0: 200 */
    err_t err;
};

struct script {
    const struct row *rows;
    size_t count;
    unsigned asked;
};

static err_t say(struct http_client_answer *ret, unsigned status, const char *body)
{
    ret->status = status;
    return buf_append(&ret->body, span_of_str(body));
}

static err_t answer(void *arg, const char *url, struct http_client_answer *ret)
{
    struct script *script = arg;

    script->asked++;
    assert_ptr_equal(strstr(url, URL "/"), url);
    for (size_t i = 0; i < script->count; i++) {
        const struct row *row = &script->rows[i];
        if (strcmp(row->path, url + strlen(URL)) == 0) {
            snprintf(ret->why, sizeof(ret->why), "no luck");
            return row->err != ERR_OK ? row->err
                                      : say(ret, row->status == 0 ? 200 : row->status, row->body);
        }
    }
    return say(ret, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
}

static struct script script;
static struct http_client http;
static struct regapi registry;

static void play(const struct row *rows, size_t count)
{
    script = (struct script){.rows = rows, .count = count};
    http = fake_http_client_of(answer, &script);
    registry = (struct regapi){.url = URL "/", .http = &http};
}

static void takes_apart_type_names(void **state)
{
    static const struct {
        const char *subject;
        const char *name;
    } rows[] = {
        {"LogEntry-json", "LogEntry"},
        {"LogEntry-avro", "LogEntry"},
        {"LogEntry-proto", "LogEntry"},
        {"orders-value", "orders"},
        {"orders-key", "orders"},
        {"orders", "orders"},
        {"a-json-value", "a-json"},
        {"-json", "-json"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        test_assert_span(regapi_type_name(rows[i].subject), rows[i].name);
    }
}

#define LATEST "/subjects/S/versions/latest"

/* An answer to a question for the latest version of S, and what it is taken for. */
struct verdict {
    struct row row;
    err_t err;
    const char *why;
};

static void check_verdicts(const struct verdict *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct regapi_schema got = {0};
        struct schema_why why = {0};
        play(&rows[i].row, 1);
        assert_err(regapi_get_subject(&registry, "S", REGAPI_VERSION_LATEST, &why, &got),
                   rows[i].err);
        assert_ptr_equal(strstr(why.text, URL LATEST ": "), why.text);
        assert_non_null(strstr(why.text, rows[i].why));
        assert_null(got.text.at);
    }
}

static void errors_are_told_apart(void **state)
{
    static const struct verdict rows[] = {
        {{LATEST, "", 0, ERR_IO}, ERR_IO, "no luck"},
        {{LATEST, "", 0, ERR_AGAIN}, ERR_AGAIN, "no luck"},
        {{LATEST, "", 0, ERR_LIMIT}, ERR_LIMIT, "no luck"},
        {{LATEST, "", 0, ERR_SYNTAX}, ERR_SYNTAX, "no luck"},
        {{LATEST, "{\"error_code\":40401,\"message\":\"Subject 'S' not found.\"}", 404, 0},
         ERR_UNKNOWN,
         "status 404: Subject 'S' not found."},
        {{LATEST, "{\"error_code\":40402,\"message\":\"Version\"}", 404, 0}, ERR_UNKNOWN, "404"},
        {{LATEST, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}", 404, 0},
         ERR_SYNTAX,
         "404"},
        {{LATEST, "<html>not found</html>", 404, 0}, ERR_SYNTAX, "status 404"},
        {{LATEST, "", 404, 0}, ERR_SYNTAX, "status 404"},
        {{LATEST, "{\"error_code\":50001}", 500, 0}, ERR_IO, "status 500"},
        {{LATEST, "", 503, 0}, ERR_IO, "status 503"},
        {{LATEST, "", 429, 0}, ERR_IO, "status 429"},
        {{LATEST, "", 302, 0}, ERR_SYNTAX, "status 302"},
        {{LATEST, "", 401, 0}, ERR_SYNTAX, "status 401"},
        {{LATEST, "", 204, 0}, ERR_SYNTAX, "status 204"},
        {{LATEST, "", 0, 0}, ERR_SYNTAX, "no JSON"},
        {{LATEST, "{", 0, 0}, ERR_SYNTAX, "no JSON"},
        {{LATEST, "garbage", 0, 0}, ERR_SYNTAX, "no JSON"},
    };

    (void)state;
    check_verdicts(rows, TEST_COUNT(rows));
}

static void answers_that_are_none_of_the_api_are_refused(void **state)
{
    static const struct verdict rows[] = {
        {{LATEST, "[]", 0, 0}, ERR_SYNTAX, "\"schema\""},
        {{LATEST, "{}", 0, 0}, ERR_SYNTAX, "\"schema\""},
        {{LATEST, "{\"schema\":1,\"id\":1,\"version\":1}", 0, 0}, ERR_SYNTAX, "\"schema\""},
        {{LATEST, "{\"schema\":\"a\",\"schema\":\"b\",\"id\":1,\"version\":1}", 0, 0},
         ERR_SYNTAX,
         "no JSON"},
        {{LATEST, "{\"schema\":\"\\u0000\",\"id\":1,\"version\":1}", 0, 0}, ERR_SYNTAX, "no JSON"},
        {{LATEST, "{\"schema\":\"\\\"int\\\"\"}", 0, 0}, ERR_SYNTAX, "no id"},
        {{LATEST, "{\"schema\":\"x\",\"id\":0,\"version\":1}", 0, 0}, ERR_SYNTAX, "\"id\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":-1,\"version\":1}", 0, 0}, ERR_SYNTAX, "\"id\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":4294967296,\"version\":1}", 0, 0}, ERR_SYNTAX, "id"},
        {{LATEST, "{\"schema\":\"x\",\"id\":\"1\",\"version\":1}", 0, 0}, ERR_SYNTAX, "\"id\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":1,\"version\":1.5}", 0, 0}, ERR_SYNTAX, "version"},
        {{LATEST, "{\"schema\":\"x\",\"id\":1,\"version\":1,\"schemaType\":\"XML\"}", 0, 0},
         ERR_SYNTAX,
         "\"schemaType\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":1,\"version\":1,\"schemaType\":null}", 0, 0},
         ERR_SYNTAX,
         "\"schemaType\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":1,\"version\":1,\"references\":{}}", 0, 0},
         ERR_SYNTAX,
         "\"references\""},
        {{LATEST, "{\"schema\":\"x\",\"id\":1,\"version\":1,\"references\":[1]}", 0, 0},
         ERR_SYNTAX,
         "\"name\""},
        {{LATEST,
          "{\"schema\":\"x\",\"id\":1,\"version\":1,\"references\":[{\"name\":\"a\",\"subject\":"
          "\"a\\nb\",\"version\":1}]}",
          0, 0},
         ERR_SYNTAX,
         "\"subject\""},
    };

    (void)state;
    check_verdicts(rows, TEST_COUNT(rows));
}

static void the_type_is_avro_unless_named(void **state)
{
    static const struct {
        const char *body;
        enum schema_kind kind;
    } rows[] = {
        {"{\"subject\":\"S\",\"id\":7,\"version\":3,\"schema\":\"text\"}", SCHEMA_KIND_AVRO},
        {"{\"id\":7,\"version\":3,\"schema\":\"text\",\"schemaType\":\"AVRO\"}", SCHEMA_KIND_AVRO},
        {"{\"id\":7,\"version\":3,\"schema\":\"text\",\"schemaType\":\"JSON\",\"more\":[{}]}",
         SCHEMA_KIND_JSON},
        {"{\"id\":7,\"version\":3,\"schema\":\"text\",\"schemaType\":\"JSON\",\"references\":[]}",
         SCHEMA_KIND_JSON},
        {"{\"id\":7,\"version\":3,\"schema\":\"text\",\"references\":null}", SCHEMA_KIND_AVRO},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        const struct row row = {LATEST, rows[i].body, 0, ERR_OK};
        struct regapi_schema got = {0};
        struct schema_why why = {0};
        play(&row, 1);
        assert_ok(regapi_get_subject(&registry, "S", REGAPI_VERSION_LATEST, &why, &got));
        assert_int_equal(got.kind, rows[i].kind);
        assert_int_equal(got.id, 7);
        assert_int_equal(got.version, 3);
        assert_string_equal(got.subject, "S");
        test_assert_span(buf_span(&got.text), "text");
        assert_int_equal(script.asked, 1);
        regapi_schema_done(&got);
    }
}

static void a_version_must_be_the_one_asked_for(void **state)
{
    static const struct row rows[] = {
        {"/subjects/S/versions/2", "{\"id\":7,\"version\":2,\"schema\":\"text\"}", 0, ERR_OK},
        {"/subjects/S/versions/3", "{\"id\":7,\"version\":2,\"schema\":\"text\"}", 0, ERR_OK},
    };
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(rows, TEST_COUNT(rows));
    assert_err(regapi_get_subject(&registry, "S", 3, &why, &got), ERR_SYNTAX);
    assert_ok(regapi_get_subject(&registry, "S", 2, &why, &got));
    regapi_schema_done(&got);
}

static void subjects_are_escaped(void **state)
{
    static const struct row rows[] = {
        {"/subjects/a%2Fb%20%C3%A9%3F%25~._-/versions/latest",
         "{\"id\":7,\"version\":2,\"schema\":\"text\"}", 0, ERR_OK},
    };
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(rows, TEST_COUNT(rows));
    assert_ok(regapi_get_subject(&registry, "a/b \xc3\xa9?%~._-", 0, &why, &got));
    assert_string_equal(got.subject, "a/b \xc3\xa9?%~._-");
    regapi_schema_done(&got);
}

static void an_id_gets_its_first_subject(void **state)
{
    static const struct {
        const char *names;
        err_t err;
        const char *subject;
        uint32_t version;
    } cases[] = {
        {"[{\"subject\":\"orders-value\",\"version\":4},{\"subject\":\"z\",\"version\":1}]", ERR_OK,
         "orders-value", 4},
        {"[]", ERR_OK, "id-9", 0},
        {"{}", ERR_SYNTAX, NULL, 0},
        {"[1]", ERR_SYNTAX, NULL, 0},
        {"[{\"subject\":\"\",\"version\":4}]", ERR_SYNTAX, NULL, 0},
        {"[{\"subject\":\"a\",\"version\":\"4\"}]", ERR_SYNTAX, NULL, 0},
        {"", ERR_SYNTAX, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const struct row rows[] = {
            {"/schemas/ids/9", "{\"schema\":\"text\",\"schemaType\":\"JSON\"}", 0, ERR_OK},
            {"/schemas/ids/9/versions", cases[i].names, 0, ERR_OK},
        };
        struct regapi_schema got = {0};
        struct schema_why why = {0};
        play(rows, TEST_COUNT(rows));
        assert_err(regapi_get_id(&registry, 9, &why, &got), cases[i].err);
        if (cases[i].err == ERR_OK) {
            assert_string_equal(got.subject, cases[i].subject);
            assert_int_equal(got.version, cases[i].version);
            assert_int_equal(got.id, 9);
            test_assert_span(buf_span(&got.text), "text");
        }
        regapi_schema_done(&got);
    }
}

static void an_unknown_id_is_unknown(void **state)
{
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(NULL, 0);
    assert_err(regapi_get_id(&registry, 9, &why, &got), ERR_UNKNOWN);
    assert_string_equal(why.text, URL "/schemas/ids/9: status 404: Schema not found");
}

/* root -> a, b; a -> b, c; c -> a: a circle, and a name that is met twice. */
static const struct row tree[] = {
    {"/subjects/root-proto/versions/latest",
     "{\"id\":1,\"version\":5,\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\",\"references\":["
     "{\"name\":\"a.proto\",\"subject\":\"a/x\",\"version\":2},"
     "{\"name\":\"b.proto\",\"subject\":\"b\",\"version\":1}]}",
     0, ERR_OK},
    {"/subjects/a%2Fx/versions/2",
     "{\"id\":2,\"version\":2,\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\",\"references\":["
     "{\"name\":\"b.proto\",\"subject\":\"b\",\"version\":9},"
     "{\"name\":\"c.proto\",\"subject\":\"c\",\"version\":1}]}",
     0, ERR_OK},
    {"/subjects/b/versions/1",
     "{\"id\":3,\"version\":1,\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\"}", 0, ERR_OK},
    {"/subjects/c/versions/1",
     "{\"id\":4,\"version\":1,\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\",\"references\":["
     "{\"name\":\"a.proto\",\"subject\":\"a/x\",\"version\":2}]}",
     0, ERR_OK},
    {"/schemas/ids/1?format=serialized", "{\"schema\":\"cm9vdA==\"}", 0, ERR_OK},
    {"/schemas/ids/2?format=serialized", "{\"schema\":\"QQ==\"}", 0, ERR_OK},
    {"/schemas/ids/3?format=serialized", "{\"schema\":\"QkI=\"}", 0, ERR_OK},
    {"/schemas/ids/4?format=serialized", "{\"schema\":\"Q0ND\"}", 0, ERR_OK},
    {"/schemas/ids/1",
     "{\"schemaType\":\"PROTOBUF\",\"schema\":\"syntax\",\"references\":["
     "{\"name\":\"b.proto\",\"subject\":\"b\",\"version\":1}]}",
     0, ERR_OK},
    {"/schemas/ids/1/versions", "[{\"subject\":\"root-proto\",\"version\":5}]", 0, ERR_OK},
};

static void protobuf_comes_with_all_its_files(void **state)
{
    static const char want[] = "\x0a\x0c"
                               "CCC\x0a\x07"
                               "c.proto"
                               "\x0a\x0b"
                               "BB\x0a\x07"
                               "b.proto"
                               "\x0a\x0a"
                               "A\x0a\x07"
                               "a.proto"
                               "\x0a\x04root";
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(tree, TEST_COUNT(tree));
    assert_ok(regapi_get_subject(&registry, "root-proto", 0, &why, &got));
    assert_int_equal(got.kind, SCHEMA_KIND_PROTOBUF);
    assert_int_equal(got.version, 5);
    test_assert_span(buf_span(&got.text), want);
    assert_int_equal(script.asked, 8);
    regapi_schema_done(&got);
}

static void protobuf_of_an_id_too(void **state)
{
    static const char want[] = "\x0a\x0b"
                               "BB\x0a\x07"
                               "b.proto"
                               "\x0a\x04root";
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(tree, TEST_COUNT(tree));
    assert_ok(regapi_get_id(&registry, 1, &why, &got));
    assert_string_equal(got.subject, "root-proto");
    test_assert_span(buf_span(&got.text), want);
    regapi_schema_done(&got);
}

static void references_of_other_types_are_refused(void **state)
{
    static const struct row row = {
        LATEST,
        "{\"id\":1,\"version\":1,\"schema\":\"{}\",\"references\":[{\"name\":\"a\",\"subject\":"
        "\"a\",\"version\":1}]}",
        0, 0};
    struct regapi_schema schema = {0};
    struct schema_why why = {0};

    (void)state;
    play(&row, 1);
    assert_err(regapi_get_subject(&registry, "S", 0, &why, &schema), ERR_SYNTAX);
    assert_non_null(strstr(why.text, "references are supported for Protobuf only"));
}

static void looking_up_asks_once(void **state)
{
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(tree, TEST_COUNT(tree));
    assert_ok(regapi_look_up_subject(&registry, "root-proto", 0, &why, &got));
    assert_int_equal(got.id, 1);
    assert_int_equal(got.version, 5);
    assert_int_equal(got.text.len, 0);
    assert_int_equal(script.asked, 1);
    regapi_schema_done(&got);
    assert_err(regapi_look_up_subject(&registry, "none", 0, &why, &got), ERR_UNKNOWN);
}

static void files_that_are_missing_or_wrong_are_errors(void **state)
{
    static const struct {
        struct row row; /* replaces the one of that path */
        err_t err;
        const char *why;
    } cases[] = {
        {{"/subjects/b/versions/1", "", 503, ERR_OK}, ERR_IO, "/subjects/b/versions/1: status 503"},
        {{"/subjects/b/versions/1", "{\"error_code\":40402}", 404, ERR_OK}, ERR_UNKNOWN, "404"},
        {{"/subjects/b/versions/1", "{\"id\":3,\"version\":1,\"schema\":\"x\"}", 0, ERR_OK},
         ERR_SYNTAX,
         "b is imported but no Protobuf schema"},
        {{"/schemas/ids/4?format=serialized", "{\"schema\":\"Q0N\"}", 0, ERR_OK},
         ERR_SYNTAX,
         "base64"},
        {{"/schemas/ids/4?format=serialized", "{\"schema\":\"Q=NE\"}", 0, ERR_OK},
         ERR_SYNTAX,
         "base64"},
        {{"/schemas/ids/4?format=serialized", "{\"schema\":\"====\"}", 0, ERR_OK},
         ERR_SYNTAX,
         "base64"},
        {{"/schemas/ids/1?format=serialized", "{\"schema\":\"syntax = \\\"proto3\\\";\"}", 0, 0},
         ERR_SYNTAX,
         "base64"},
        {{"/schemas/ids/1?format=serialized", "{\"schema\":\"\"}", 0, ERR_OK}, ERR_SYNTAX, ""},
        {{"/schemas/ids/2?format=serialized", "", 0, ERR_AGAIN}, ERR_AGAIN, "no luck"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        struct row rows[TEST_COUNT(tree) + 1];
        struct regapi_schema got = {0};
        struct schema_why why = {0};
        rows[0] = cases[i].row;
        memcpy(rows + 1, tree, sizeof(tree));
        play(rows, TEST_COUNT(rows));
        assert_err(regapi_get_subject(&registry, "root-proto", 0, &why, &got), cases[i].err);
        assert_non_null(strstr(why.text, cases[i].why));
        assert_null(got.text.at);
    }
}

/* Each schema refers to the next, without end. */
static err_t endless(void *arg, const char *url, struct http_client_answer *ret)
{
    unsigned number = 0;
    char body[256];

    (void)arg;
    if (strstr(url, "serialized") != NULL) {
        return say(ret, 200, "{\"schema\":\"QQ==\"}");
    }
    sscanf(url, URL "/subjects/s%u/", &number);
    snprintf(body, sizeof(body),
             "{\"id\":1,\"version\":1,\"schemaType\":\"PROTOBUF\",\"schema\":\"\",\"references\":"
             "[{\"name\":\"n%u\",\"subject\":\"s%u\",\"version\":1}]}",
             number + 1, number + 1);
    return say(ret, 200, body);
}

static void references_without_end_are_refused(void **state)
{
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    http = fake_http_client_of(endless, NULL);
    registry = (struct regapi){.url = URL, .http = &http};
    assert_err(regapi_get_subject(&registry, "s0", 0, &why, &got), ERR_LIMIT);
    assert_string_equal(why.text, "the schema refers to more than 64 others");
}

static void too_many_references_at_once_too(void **state)
{
    struct buf body = {0};
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    assert_ok(buf_printf(&body, "{\"id\":1,\"version\":1,\"schema\":\"\",\"references\":[{}"));
    for (unsigned i = 0; i < REGAPI_FILES_MAX; i++) {
        assert_ok(buf_printf(&body, ",{}"));
    }
    assert_ok(buf_printf(&body, "]}"));
    const struct row row = {LATEST, body.at, 0, ERR_OK};
    play(&row, 1);
    assert_err(regapi_get_subject(&registry, "S", 0, &why, &got), ERR_LIMIT);
    buf_done(&body);
}

/* A text that would cost jansson hundreds of megabytes is not given to it. */
static void an_answer_of_brackets_is_refused(void **state)
{
    struct buf body = {0};
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        assert_ok(buf_append(&body, i == 0 ? SPAN_LIT("[[]") : SPAN_LIT(",[]")));
    }
    assert_ok(buf_append(&body, span_of("]", 2)));
    const struct row row = {LATEST, body.at, 0, ERR_OK};
    play(&row, 1);
    assert_err(regapi_get_subject(&registry, "S", 0, &why, &got), ERR_LIMIT);
    assert_non_null(strstr(why.text, "too many parts"));
    buf_done(&body);
}

static err_t away(void *arg, const char *url, struct http_client_answer *ret)
{
    assert_non_null(strstr(url, arg)); /* what is asked has all of it */
    snprintf(ret->why, sizeof(ret->why), "away");
    return ERR_IO;
}

static void passwords_are_not_told(void **state)
{
    static const struct {
        const char *url;
        const char *shown;
    } rows[] = {
        {"http://me:secret@host:1/a", "http://host:1/a"},
        {"https://me@x@host", "https://host"},
        {"http://host/a@b", "http://host/a@b"},
        {"http://host", "http://host"},
        {"http:", "http:"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        char url[64];
        char want[128];
        struct regapi_schema got = {0};
        struct schema_why why = {0};
        snprintf(url, sizeof(url), "%s", rows[i].url);
        http = fake_http_client_of(away, url);
        registry = (struct regapi){.url = url, .http = &http};
        assert_err(regapi_get_id(&registry, 1, &why, &got), ERR_IO);
        snprintf(want, sizeof(want), "%s/schemas/ids/1: away", rows[i].shown);
        assert_string_equal(why.text, want);
    }
}

static void nothing_is_asked_after_the_deadline(void **state)
{
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)state;
    play(tree, TEST_COUNT(tree));
    registry.until_mono_ns = clock_mono_ns();
    assert_err(regapi_get_subject(&registry, "root-proto", 0, &why, &got), ERR_AGAIN);
    assert_int_equal(script.asked, 0);
    registry.until_mono_ns = clock_mono_ns() + 60 * NS_PER_S;
    assert_ok(regapi_get_subject(&registry, "root-proto", 0, &why, &got));
    regapi_schema_done(&got);
}

static err_t get_all(void *arg)
{
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    (void)arg;
    TRY(regapi_get_id(&registry, 1, &why, &got));
    regapi_schema_done(&got);
    return ERR_OK;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    play(tree, TEST_COUNT(tree));
    fail_alloc_walk(get_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_apart_type_names),
        cmocka_unit_test(errors_are_told_apart),
        cmocka_unit_test(answers_that_are_none_of_the_api_are_refused),
        cmocka_unit_test(the_type_is_avro_unless_named),
        cmocka_unit_test(a_version_must_be_the_one_asked_for),
        cmocka_unit_test(subjects_are_escaped),
        cmocka_unit_test(an_id_gets_its_first_subject),
        cmocka_unit_test(an_unknown_id_is_unknown),
        cmocka_unit_test(protobuf_comes_with_all_its_files),
        cmocka_unit_test(protobuf_of_an_id_too),
        cmocka_unit_test(references_of_other_types_are_refused),
        cmocka_unit_test(looking_up_asks_once),
        cmocka_unit_test(files_that_are_missing_or_wrong_are_errors),
        cmocka_unit_test(references_without_end_are_refused),
        cmocka_unit_test(too_many_references_at_once_too),
        cmocka_unit_test(an_answer_of_brackets_is_refused),
        cmocka_unit_test(passwords_are_not_told),
        cmocka_unit_test(nothing_is_asked_after_the_deadline),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
