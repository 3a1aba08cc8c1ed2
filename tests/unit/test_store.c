/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: what is refused, what is found again, what a rollback leaves. */
#include "registry/store.h"

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct store *open_empty(void)
{
    struct store *s = NULL;
    bool is_new = false;

    assert_ok(store_open(":memory:", &s, &is_new));
    assert_true(is_new);
    return s;
}

static void set(struct buf *b, const char *text)
{
    b->len = 0;
    assert_ok(buf_append(b, span_of_str(text)));
}

static uint32_t add(struct store *s, const char *text, const char *subject, uint32_t version)
{
    struct store_schema schema = {.kind = SCHEMA_KIND_AVRO};
    struct store_version row = {.version = version};

    set(&schema.text, text);
    if (store_schema_find(s, &schema, &row.id) == ERR_UNKNOWN) {
        assert_ok(store_schema_add(s, &schema, &row.id));
    }
    snprintf(row.subject, sizeof(row.subject), "%s", subject);
    assert_ok(store_version_add(s, &row));
    store_schema_done(&schema);
    return row.id;
}

static err_t count_row(void *arg, const struct store_version *row)
{
    (void)row;
    ++*(unsigned *)arg;
    return ERR_OK;
}

static err_t refuse_row(void *arg, const struct store_version *row)
{
    (void)arg;
    (void)row;
    return ERR_LIMIT;
}

static void a_file_that_cannot_be_made_is_an_error(void **state)
{
    struct store *s = NULL;
    bool is_new = false;

    (void)state;
    assert_err(store_open("/no/such/directory/x.db", &s, &is_new), ERR_IO);
    assert_true(strlen(store_why(s)) > 0);
    store_close(s);
    store_close(NULL);
}

static void what_is_no_database_is_an_error(void **state)
{
    char dir[TEMP_DIR_BYTES];
    char path[TEMP_DIR_BYTES + 16];
    struct store *s = NULL;
    bool is_new = false;

    (void)state;
    temp_dir_make(dir);
    temp_dir_write(dir, "x.db", SPAN_LIT("this is a text and no database, whatever its name says"));
    snprintf(path, sizeof(path), "%s/x.db", dir);
    assert_err(store_open(path, &s, &is_new), ERR_IO);
    store_close(s);
    temp_dir_remove(dir);
}

static void what_is_not_there_is_unknown(void **state)
{
    struct store *s = open_empty();
    struct store_schema schema = {.kind = SCHEMA_KIND_JSON};
    struct store_version row;
    char setting[STORE_SETTING_BYTES];
    uint32_t id = 0;

    (void)state;
    assert_err(store_schema_get(s, 1, &schema), ERR_UNKNOWN);
    set(&schema.text, "{}");
    assert_err(store_schema_find(s, &schema, &id), ERR_UNKNOWN);
    assert_err(store_version_get(s, "s", 0, STORE_ALL, &row), ERR_UNKNOWN);
    assert_err(store_version_get(s, "s", 1, STORE_ALL, &row), ERR_UNKNOWN);
    assert_err(store_setting_get(s, STORE_LEVEL, "", setting), ERR_UNKNOWN);
    store_schema_done(&schema);
    store_close(s);
}

static void what_is_taken_exists(void **state)
{
    struct store *s = open_empty();
    struct store_schema schema = {.kind = SCHEMA_KIND_AVRO};
    struct store_version row = {.subject = "s", .version = 1, .id = 1};
    uint32_t id = 0;

    (void)state;
    assert_int_equal(add(s, "one", "s", 1), 1);
    assert_err(store_version_add(s, &row), ERR_EXISTS);
    set(&schema.text, "one");
    assert_err(store_schema_add(s, &schema, &id), ERR_EXISTS);
    set(&schema.text, "two");
    schema.id = 1;
    assert_err(store_schema_add(s, &schema, &id), ERR_EXISTS);
    schema.id = 70;
    assert_ok(store_schema_add(s, &schema, &id));
    assert_int_equal(id, 70);
    assert_ok(store_id_max(s, &id));
    assert_int_equal(id, 70);
    store_schema_done(&schema);
    store_close(s);
}

static void a_schema_comes_back_as_it_was(void **state)
{
    struct store *s = open_empty();
    struct store_schema in = {.kind = SCHEMA_KIND_PROTOBUF};
    struct store_schema out = {0};
    uint32_t id = 0;

    (void)state;
    set(&in.text, "text");
    set(&in.refs, "[1]");
    assert_ok(buf_append(&in.descriptors, SPAN_LIT("a\0b")));
    assert_ok(store_schema_add(s, &in, &id));
    assert_ok(store_schema_get(s, id, &out));
    assert_int_equal(out.kind, SCHEMA_KIND_PROTOBUF);
    assert_true(span_equal(buf_span(&out.text), SPAN_LIT("text")));
    assert_true(span_equal(buf_span(&out.refs), SPAN_LIT("[1]")));
    assert_true(span_equal(buf_span(&out.descriptors), SPAN_LIT("a\0b")));
    store_schema_done(&in);
    store_schema_done(&out);
    store_close(s);
}

static void filters_and_deletion(void **state)
{
    struct store *s = open_empty();
    struct store_version row;
    unsigned live = 0;
    unsigned all = 0;
    unsigned gone = 0;

    (void)state;
    add(s, "one", "s", 1);
    add(s, "two", "s", 2);
    assert_ok(store_version_remove(s, "s", 2, STORE_SOFT));
    assert_ok(store_versions(s, "s", STORE_LIVE, count_row, &live));
    assert_ok(store_versions(s, "s", STORE_ALL, count_row, &all));
    assert_ok(store_versions(s, "s", STORE_DELETED, count_row, &gone));
    assert_int_equal(live, 1);
    assert_int_equal(all, 2);
    assert_int_equal(gone, 1);
    assert_ok(store_version_get(s, "s", 0, STORE_LIVE, &row));
    assert_int_equal(row.version, 1);
    assert_ok(store_version_get(s, "s", 0, STORE_ALL, &row));
    assert_true(row.version == 2 && row.deleted);
    assert_ok(store_version_remove(s, "s", 2, STORE_PERMANENT));
    assert_err(store_version_get(s, "s", 2, STORE_ALL, &row), ERR_UNKNOWN);
    assert_err(store_versions(s, "s", STORE_ALL, refuse_row, NULL), ERR_LIMIT);
    store_close(s);
}

static void subjects_uses_referrers(void **state)
{
    struct store *s = open_empty();
    struct store_counts counts;
    unsigned rows = 0;

    (void)state;
    uint32_t one = add(s, "one", "a", 1);
    assert_int_equal(add(s, "one", "a%", 1), one);
    uint32_t two = add(s, "two", "b", 1);
    assert_ok(store_subjects(s, "a", STORE_LIVE, count_row, &rows));
    assert_int_equal(rows, 2);
    assert_ok(store_subjects(s, "a%", STORE_LIVE, count_row, &rows));
    assert_int_equal(rows, 3);
    assert_ok(store_uses(s, one, STORE_LIVE, count_row, &rows));
    assert_int_equal(rows, 5);
    assert_ok(store_reference_add(s, two, "a", 1));
    assert_ok(store_reference_add(s, two, "a", 1));
    rows = 0;
    assert_ok(store_referrers(s, "a", 1, count_row, &rows));
    assert_int_equal(rows, 1);
    assert_ok(store_version_remove(s, "b", 1, STORE_SOFT));
    assert_ok(store_referrers(s, "a", 1, count_row, &rows));
    assert_int_equal(rows, 1);
    assert_ok(store_count(s, &counts));
    assert_true(counts.subjects == 2 && counts.versions == 2 && counts.schemas == 2);
    store_close(s);
}

static void a_rollback_leaves_nothing(void **state)
{
    struct store *s = open_empty();
    struct store_version row;

    (void)state;
    assert_ok(store_begin(s));
    add(s, "one", "s", 1);
    store_rollback(s);
    assert_err(store_version_get(s, "s", 1, STORE_ALL, &row), ERR_UNKNOWN);
    assert_err(store_commit(s), ERR_IO); /* nothing is begun */
    store_close(s);
}

static void the_outermost_transaction_counts(void **state)
{
    struct store *s = open_empty();
    struct store_version row;

    (void)state;
    assert_ok(store_begin(s));
    assert_ok(store_begin(s));
    add(s, "one", "s", 1);
    assert_ok(store_commit(s));
    store_rollback(s);
    assert_err(store_version_get(s, "s", 1, STORE_ALL, &row), ERR_UNKNOWN);

    assert_ok(store_begin(s));
    assert_ok(store_begin(s));
    store_rollback(s);
    assert_err(store_commit(s), ERR_IO);

    assert_ok(store_begin(s));
    assert_ok(store_begin(s));
    add(s, "two", "s", 1);
    assert_ok(store_commit(s));
    assert_ok(store_commit(s));
    store_rollback(s); /* of nothing */
    assert_ok(store_version_get(s, "s", 1, STORE_ALL, &row));
    store_close(s);
}

static void settings_are_kept_and_removed(void **state)
{
    struct store *s = open_empty();
    char text[STORE_SETTING_BYTES];

    (void)state;
    assert_ok(store_setting_put(s, STORE_LEVEL, "s", "FULL"));
    assert_ok(store_setting_put(s, STORE_LEVEL, "s", "NONE"));
    assert_ok(store_setting_get(s, STORE_LEVEL, "s", text));
    assert_string_equal(text, "NONE");
    assert_err(store_setting_get(s, STORE_MODE, "s", text), ERR_UNKNOWN);
    assert_ok(store_setting_put(s, STORE_LEVEL, "s", NULL));
    assert_err(store_setting_get(s, STORE_LEVEL, "s", text), ERR_UNKNOWN);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_cannot_be_made_is_an_error),
        cmocka_unit_test(what_is_no_database_is_an_error),
        cmocka_unit_test(what_is_not_there_is_unknown),
        cmocka_unit_test(what_is_taken_exists),
        cmocka_unit_test(a_schema_comes_back_as_it_was),
        cmocka_unit_test(filters_and_deletion),
        cmocka_unit_test(subjects_uses_referrers),
        cmocka_unit_test(a_rollback_leaves_nothing),
        cmocka_unit_test(the_outermost_transaction_counts),
        cmocka_unit_test(settings_are_kept_and_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
