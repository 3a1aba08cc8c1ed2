/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas on disk: what was stored comes back, what is damaged anywhere does not, and a disk that
 * cannot be written stops nothing. */
#include "ingestor/schema_shelf.h"

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define URL "http://localhost:8000"

struct rig {
    char dir[TEMP_DIR_BYTES];
    char schemas[TEMP_DIR_BYTES + 16];
    struct schema_shelf shelf;
};

static struct rig rig;

static int open_rig(void **state)
{
    (void)state;
    temp_dir_make(rig.dir);
    snprintf(rig.schemas, sizeof(rig.schemas), "%s/schemas", rig.dir);
    assert_ok(schema_shelf_init(&rig.shelf, rig.dir, URL, SCHEMA_SHELF_KEEPS));
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    temp_dir_remove(rig.dir);
    return 0;
}

static struct regapi_schema sample(const char *subject, uint32_t id)
{
    struct regapi_schema schema = {.kind = SCHEMA_KIND_AVRO, .id = id, .version = 3};

    snprintf(schema.subject, sizeof(schema.subject), "%s", subject);
    assert_ok(buf_append(&schema.text, SPAN_LIT("\"string\"")));
    return schema;
}

static void put_subject(const char *subject)
{
    struct regapi_schema schema = sample(subject, 7);

    schema_shelf_put_subject(&rig.shelf, &schema);
    regapi_schema_done(&schema);
}

static void put_id(uint32_t id)
{
    struct regapi_schema schema = sample("S", id);

    schema_shelf_put_id(&rig.shelf, &schema);
    regapi_schema_done(&schema);
}

static err_t get(const char *subject)
{
    struct regapi_schema got = {0};
    uint64_t wall_ns = 0;

    TRY(schema_shelf_get_subject(&rig.shelf, subject, &got, &wall_ns));
    assert_int_equal(got.kind, SCHEMA_KIND_AVRO);
    assert_int_equal(got.id, 7);
    assert_int_equal(got.version, 3);
    assert_string_equal(got.subject, subject);
    test_assert_span(buf_span(&got.text), "\"string\"");
    assert_true(wall_ns > 0);
    regapi_schema_done(&got);
    return ERR_OK;
}

static err_t count_id(void *arg, struct regapi_schema *schema)
{
    unsigned *count = arg;

    assert_string_equal(schema->subject, "S");
    ENSURE(++*count < 100, ERR_LIMIT);
    return schema->id == 66 ? ERR_NOMEM : ERR_OK;
}

static unsigned count_ids(err_t want)
{
    unsigned count = 0;

    assert_err(schema_shelf_walk_ids(&rig.shelf, count_id, &count), want);
    return count;
}

/* The name of the only file. */
static const char *only_file(void)
{
    static char name[256];
    DIR *dir = opendir(rig.schemas);

    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof(name), "%s", entry->d_name);
        }
    }
    closedir(dir);
    return name;
}

static void what_was_stored_comes_back(void **state)
{
    static const char *const subjects[] = {"LogEntry-json", "a/b", "../../x", "caf\xc3\xa9 \n",
                                           "."};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(subjects); i++) {
        assert_err(get(subjects[i]), ERR_UNKNOWN);
        put_subject(subjects[i]);
        assert_ok(get(subjects[i]));
    }
    assert_int_equal(temp_dir_count(rig.schemas), TEST_COUNT(subjects));
    assert_int_equal(count_ids(ERR_OK), 0);
    put_id(7);
    put_id(UINT32_MAX);
    assert_int_equal(count_ids(ERR_OK), 2);
    put_id(66);
    assert_true(count_ids(ERR_NOMEM) >= 1);
}

static void a_later_one_replaces_it(void **state)
{
    struct regapi_schema schema = sample("S", 8);

    (void)state;
    put_subject("S");
    schema_shelf_put_subject(&rig.shelf, &schema);
    regapi_schema_done(&schema);
    uint64_t wall_ns = 0;
    assert_ok(schema_shelf_get_subject(&rig.shelf, "S", &schema, &wall_ns));
    assert_int_equal(schema.id, 8);
    regapi_schema_done(&schema);
    assert_int_equal(temp_dir_count(rig.schemas), 1);
}

static void files_are_private(void **state)
{
    char path[512];
    struct stat st;

    (void)state;
    put_subject("S");
    snprintf(path, sizeof(path), "%s/%s", rig.schemas, only_file());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(rig.schemas, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void damage_anywhere_is_found(void **state)
{
    struct buf good = {0};

    (void)state;
    put_subject("S");
    const char *name = only_file();
    temp_dir_read(rig.schemas, name, &good);
    for (size_t i = 0; i < good.len; i++) {
        good.at[i] ^= 0x10;
        temp_dir_write(rig.schemas, name, buf_span(&good));
        assert_err(get("S"), ERR_UNKNOWN);
        assert_false(temp_dir_has(rig.schemas, name)); /* said once, then gone */
        good.at[i] ^= 0x10;
    }
    for (size_t len = 0; len < good.len; len++) {
        temp_dir_write(rig.schemas, name, span_head(buf_span(&good), len));
        assert_err(get("S"), ERR_UNKNOWN);
    }
    temp_dir_write(rig.schemas, name, buf_span(&good));
    assert_ok(get("S"));
    assert_ok(buf_append(&good, SPAN_LIT("x")));
    temp_dir_write(rig.schemas, name, buf_span(&good));
    assert_err(get("S"), ERR_UNKNOWN);
    buf_done(&good);
}

/* For want of descriptors: the file may be good. */
static void what_cannot_be_read_now_is_kept(void **state)
{
    struct rlimit few;

    (void)state;
    put_subject("S");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &few), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = few.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    err_t err = get("S");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_err(err, ERR_UNKNOWN);
    assert_ok(get("S"));
}

static void what_was_refused_is_apart(void **state)
{
    struct regapi_schema schema = sample("S", 8);
    struct regapi_schema got;

    (void)state;
    assert_err(schema_shelf_get_refused(&rig.shelf, "S", &got), ERR_UNKNOWN);
    put_subject("S");
    schema_shelf_put_refused(&rig.shelf, &schema);
    assert_ok(get("S"));
    assert_ok(schema_shelf_get_refused(&rig.shelf, "S", &got));
    assert_int_equal(got.id, 8);
    regapi_schema_done(&got);
    schema_shelf_remove_refused(&rig.shelf, "S");
    assert_err(schema_shelf_get_refused(&rig.shelf, "S", &got), ERR_UNKNOWN);
    assert_ok(get("S"));
    regapi_schema_done(&schema);
}

static void the_time_of_the_last_answer_comes_back(void **state)
{
    (void)state;
    assert_int_equal(schema_shelf_get_answered(&rig.shelf), 0);
    schema_shelf_put_answered(&rig.shelf, 123456789012345ull);
    assert_int_equal(schema_shelf_get_answered(&rig.shelf), 123456789012345ull);
    assert_int_equal(count_ids(ERR_OK), 0);
    rig.shelf.registry = "http://elsewhere:8000";
    assert_int_equal(schema_shelf_get_answered(&rig.shelf), 0);
}

static void an_id_can_be_removed(void **state)
{
    (void)state;
    put_id(7);
    put_id(8);
    schema_shelf_remove_id(&rig.shelf, 7);
    schema_shelf_remove_id(&rig.shelf, 9);
    assert_int_equal(count_ids(ERR_OK), 1);
    assert_true(temp_dir_has(rig.schemas, "id-8"));
}

static void schemas_of_another_registry_are_removed(void **state)
{
    (void)state;
    put_subject("S");
    put_id(7);
    rig.shelf.registry = "http://elsewhere:8000";
    assert_err(get("S"), ERR_UNKNOWN);
    assert_int_equal(count_ids(ERR_OK), 0);
    assert_int_equal(temp_dir_count(rig.schemas), 0);
}

static void other_files_are_left_alone(void **state)
{
    static const char *const names[] = {"id-",  "id-7.new", "id-07",
                                        "id-x", "notes",    "id-99999999999"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        temp_dir_write(rig.schemas, names[i], SPAN_LIT("text"));
    }
    assert_int_equal(count_ids(ERR_OK), 0);
    assert_int_equal(temp_dir_count(rig.schemas), TEST_COUNT(names));
}

static void a_walk_can_be_ended(void **state)
{
    (void)state;
    for (uint32_t id = 100; id < 210; id++) {
        put_id(id);
    }
    assert_int_equal(count_ids(ERR_OK), 100);
}

static void a_disk_that_cannot_be_written_stops_nothing(void **state)
{
    (void)state;
    snprintf(rig.shelf.dir, sizeof(rig.shelf.dir), "%s/none", rig.dir);
    put_subject("S");
    assert_true(rig.shelf.failing);
    put_subject("S");
    assert_err(get("S"), ERR_UNKNOWN);
    assert_int_equal(count_ids(ERR_OK), 0);
    snprintf(rig.shelf.dir, sizeof(rig.shelf.dir), "%s", rig.schemas);
    put_subject("S");
    assert_false(rig.shelf.failing);
    assert_ok(schema_shelf_init(&rig.shelf, "/proc/self/none", URL, SCHEMA_SHELF_KEEPS));
    assert_true(rig.shelf.failing);
}

static void a_path_that_is_too_long_is_an_error(void **state)
{
    static char path[PATH_MAX];

    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    assert_err(schema_shelf_init(&rig.shelf, path, URL, SCHEMA_SHELF_KEEPS), ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_stored_comes_back),
        TEST(a_later_one_replaces_it),
        TEST(files_are_private),
        TEST(damage_anywhere_is_found),
        TEST(what_cannot_be_read_now_is_kept),
        TEST(what_was_refused_is_apart),
        TEST(the_time_of_the_last_answer_comes_back),
        TEST(an_id_can_be_removed),
        TEST(schemas_of_another_registry_are_removed),
        TEST(other_files_are_left_alone),
        TEST(a_walk_can_be_ended),
        TEST(a_disk_that_cannot_be_written_stops_nothing),
        TEST(a_path_that_is_too_long_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
