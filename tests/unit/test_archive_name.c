/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of archive files: what is none, how a free one is found, and that nothing is ever taken
 * twice. */
#include "archive/archive_name.h"

#include "base/limits.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* 2026-11-21T04:11:45Z */
#define MOMENT_S  1795234305ull
#define MOMENT_NS (MOMENT_S * NS_PER_S + 999999999ull)

struct fixture {
    char dir[TEMP_DIR_BYTES];
    struct archive_fault fault;
    struct archive_config config;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    temp_dir_make(f->dir);
    archive_fault_init(&f->fault);
    f->config = (struct archive_config){
        .data_dir = f->dir, .instance = "", .suffix = "jsonl", .io = &f->fault.io};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    temp_dir_remove(f->dir);
    free(f);
    return 0;
}

static void refuses_what_is_no_archive_file(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "",
        "log",
        "log_",
        "manifest.jsonl",
        "log_0_20261121_041145",
        "log_0_20261121_041145.jsonl",
        "log_0_20261121_041145.zst",
        "log_0_20261121_041145.jsonl.zst.",
        "log_0_20261121_041145.jsonl.zst.opened",
        "log_0_20261121_041145.jsonl.zst.open.open",
        "log_0_20261121_041145.jsonl.zst.OPEN",
        "log_0_20261121_041145.txt.zst",
        "log_0_20261121_041145.jsonl.gz",
        "log__20261121_041145.jsonl.zst",
        "log_00_20261121_041145.jsonl.zst",
        "log_01_20261121_041145.jsonl.zst",
        "log_-1_20261121_041145.jsonl.zst",
        "log_65536_20261121_041145.jsonl.zst",
        "log_99999999999999999999_20261121_041145.jsonl.zst",
        "log_a_20261121_041145.jsonl.zst",
        "log_a_0_20261121_041145.jsonl.zst",
        "log_0_2026112_041145.jsonl.zst",
        "log_0_202611211_041145.jsonl.zst",
        "log_0_20261121_04114.jsonl.zst",
        "log_0_20261121_0411455.jsonl.zst",
        "log_0_20261121041145.jsonl.zst",
        "log_0_20261321_041145.jsonl.zst",
        "log_0_20260021_041145.jsonl.zst",
        "log_0_20260229_041145.jsonl.zst",
        "log_0_20261100_041145.jsonl.zst",
        "log_0_19691231_235959.jsonl.zst",
        "log_0_20261121_241145.jsonl.zst",
        "log_0_20261121_046045.jsonl.zst",
        "log_0_20261121_041160.jsonl.zst",
        "log_0_20261121_041145_.jsonl.zst",
        "log_0_20261121_041145_0.jsonl.zst",
        "log_0_20261121_041145_01.jsonl.zst",
        "log_0_20261121_041145_1_1.jsonl.zst",
        "log_0_20261121_041145_999999999.jsonl.zst",
        "Log_0_20261121_041145.jsonl.zst",
        "logs_0_20261121_041145.jsonl.zst",
        "rejected_0_20261121_041145.csv.zst",
        "recovered_0_20261121_041145.log.zst",
        " log_0_20261121_041145.jsonl.zst",
        "log_0_20261121_041145.jsonl.zst ",
    };
    struct archive_name name;

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_err(archive_name_parse(&f->config, bad[i], &name), ERR_UNKNOWN);
    }
}

static void takes_names_apart(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        const char *instance;
        struct archive_name name;
    } good[] = {
        {"log_0_20261121_041145.jsonl.zst", "", {"log", 0, MOMENT_S, 0, ARCHIVE_NAME_FINAL}},
        {"log_63_20261121_041145_12.jsonl.zst.open",
         "",
         {"log", 63, MOMENT_S, 12, ARCHIVE_NAME_OPEN}},
        {"log_7_20261121_041145.csv.zst.repack", "", {"log", 7, MOMENT_S, 0, ARCHIVE_NAME_REPACK}},
        {"log_7_20261121_041145.log.zst.tail", "", {"log", 7, MOMENT_S, 0, ARCHIVE_NAME_TAIL}},
        {"log_65535_19700101_000000.jsonl.zst", "", {"log", 65535, 0, 0, ARCHIVE_NAME_FINAL}},
        {"rejected_0_20261121_041145.jsonl.zst",
         "",
         {"rejected", 0, MOMENT_S, 0, ARCHIVE_NAME_FINAL}},
        {"recovered_0_20261121_041145_3.jsonl.zst",
         "",
         {"recovered", 0, MOMENT_S, 3, ARCHIVE_NAME_FINAL}},
        {"log_a_b_5_20261121_041145.jsonl.zst", "a_b", {"log", 5, MOMENT_S, 0, ARCHIVE_NAME_FINAL}},
        {"log_5_5_20261121_041145_2.jsonl.zst", "5", {"log", 5, MOMENT_S, 2, ARCHIVE_NAME_FINAL}},
    };

    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct archive_name got;
        f->config.instance = good[i].instance;
        assert_ok(archive_name_parse(&f->config, good[i].text, &got));
        assert_string_equal(got.family, good[i].name.family);
        assert_int_equal(got.shard, good[i].name.shard);
        assert_int_equal(got.time_s, good[i].name.time_s);
        assert_int_equal(got.number, good[i].name.number);
        assert_int_equal(got.state, good[i].name.state);
    }
}

/* Every instance sees its own files only, however the instances are called. */
static void tells_instances_apart(void **state)
{
    struct fixture *f = *state;
    static const char *const instances[] = {
        "", "0", "5", "a", "a_b", "b", "20261121", "0_20261121_041145", "20261121_041145", "log",
    };

    for (size_t i = 0; i < TEST_COUNT(instances); i++) {
        char path[ARCHIVE_PATH_BYTES];
        int fd;
        f->config.instance = instances[i];
        assert_ok(archive_name_create(&f->config, &(struct archive_name_want){"log", 5, MOMENT_NS},
                                      path, &fd));
        close(fd);
        for (size_t k = 0; k < TEST_COUNT(instances); k++) {
            struct archive_name name;
            f->config.instance = instances[k];
            assert_err(archive_name_parse(&f->config, strrchr(path, '/') + 1, &name),
                       i == k ? ERR_OK : ERR_UNKNOWN);
        }
    }
}

static const char *created(struct fixture *f, const char *family, unsigned shard)
{
    static char path[ARCHIVE_PATH_BYTES];
    struct stat st;
    int fd = -1;

    assert_ok(archive_name_create(&f->config, &(struct archive_name_want){family, shard, MOMENT_NS},
                                  path, &fd));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(pread(fd, path + sizeof(path) - 1, 1, 0), 1);
    close(fd);
    return archive_name_relative(&f->config, path);
}

static void finds_the_first_free_name(void **state)
{
    struct fixture *f = *state;

    umask(077);
    assert_string_equal(created(f, "log", 0), "log_0_20261121_041145.jsonl.zst");
    assert_true(temp_dir_has(f->dir, "log_0_20261121_041145.jsonl.zst.open"));
    assert_string_equal(created(f, "log", 0), "log_0_20261121_041145_1.jsonl.zst");
    assert_string_equal(created(f, "log", 1), "log_1_20261121_041145.jsonl.zst");
    assert_string_equal(created(f, "rejected", 0), "rejected_0_20261121_041145.jsonl.zst");
    temp_dir_write(f->dir, "log_0_20261121_041145_2.jsonl.zst", SPAN_LIT("x"));
    temp_dir_write(f->dir, "log_0_20261121_041145_3.jsonl.zst.repack", SPAN_LIT("x"));
    temp_dir_write(f->dir, "log_0_20261121_041145_4.jsonl.zst.tail", SPAN_LIT("x"));
    assert_string_equal(created(f, "log", 0), "log_0_20261121_041145_5.jsonl.zst");

    char link_path[ARCHIVE_PATH_BYTES];
    snprintf(link_path, sizeof(link_path), "%s/log_0_20261121_041145_6.jsonl.zst", f->dir);
    assert_int_equal(symlink("/nonexistent", link_path), 0);
    assert_string_equal(created(f, "log", 0), "log_0_20261121_041145_7.jsonl.zst");

    f->config.suffix = "csv";
    f->config.instance = "web";
    assert_string_equal(created(f, "log", 0), "log_web_0_20261121_041145.csv.zst");
    assert_string_equal(created(f, "rejected", 0), "rejected_web_0_20261121_041145.jsonl.zst");
}

static void makes_the_folder_of_the_day(void **state)
{
    struct fixture *f = *state;
    char folder[ARCHIVE_PATH_BYTES];
    struct stat st;

    umask(077);
    f->config.layout = ARCHIVE_LAYOUT_DAILY;
    assert_string_equal(created(f, "log", 0), "2026-11-21/log_0_20261121_041145.jsonl.zst");
    assert_string_equal(created(f, "log", 0), "2026-11-21/log_0_20261121_041145_1.jsonl.zst");
    snprintf(folder, sizeof(folder), "%s/2026-11-21", f->dir);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
}

/* A file that is published between the check and the creation of NAME.open. */
static int open_after_publisher(void *arg, const char *path, int flags, mode_t mode)
{
    struct fixture *f = arg;

    if ((flags & O_CREAT) != 0 && strstr(path, "041145.jsonl") != NULL) {
        temp_dir_write(f->dir, "log_0_20261121_041145.jsonl.zst", SPAN_LIT("published"));
    }
    return archive_io_system.open(NULL, path, flags, mode);
}

static void steps_on_when_the_name_is_published_meanwhile(void **state)
{
    struct fixture *f = *state;
    struct archive_io io = archive_io_system;

    io.open = open_after_publisher;
    io.arg = f;
    f->config.io = &io;
    assert_string_equal(created(f, "log", 0), "log_0_20261121_041145_1.jsonl.zst");
    assert_false(temp_dir_has(f->dir, "log_0_20261121_041145.jsonl.zst.open"));
}

static void reports_what_the_system_refuses(void **state)
{
    struct fixture *f = *state;
    char path[ARCHIVE_PATH_BYTES] = "untouched";
    char long_name[ARCHIVE_PATH_BYTES];
    int fd = -7;

    for (unsigned call = 1; call <= 8; call++) {
        archive_fault_set(&f->fault, ARCHIVE_FAULT_ALL, call, call, ENOSPC);
        f->config.layout = ARCHIVE_LAYOUT_DAILY;
        assert_err(archive_name_create(
                       &f->config, &(struct archive_name_want){"log", call, MOMENT_NS}, path, &fd),
                   ERR_IO);
        assert_int_equal(errno, ENOSPC);
        assert_string_equal(path, "untouched");
        assert_int_equal(fd, -7);
        if (call == 1) {
            assert_int_equal(temp_dir_count(f->dir), 0);
        }
    }
    archive_fault_init(&f->fault);
    memset(long_name, 'a', sizeof(long_name));
    long_name[sizeof(long_name) - 40] = '\0';
    f->config.instance = long_name;
    assert_err(archive_name_create(&f->config, &(struct archive_name_want){"log", 0, MOMENT_NS},
                                   path, &fd),
               ERR_IO);
    assert_int_equal(errno, ENAMETOOLONG);
    f->config.instance = "no/such";
    assert_err(archive_name_create(&f->config, &(struct archive_name_want){"log", 0, MOMENT_NS},
                                   path, &fd),
               ERR_IO);
    assert_int_equal(errno, EINVAL);
}

static void finds_the_next_name(void **state)
{
    struct fixture *f = *state;
    char path[ARCHIVE_PATH_BYTES];
    char next[ARCHIVE_PATH_BYTES];

    snprintf(path, sizeof(path), "%s/log_0_20261121_041145.jsonl.zst", f->dir);
    temp_dir_write(f->dir, "log_0_20261121_041145_1.jsonl.zst.open", SPAN_LIT(""));
    assert_ok(archive_name_next(&f->config, path, next));
    assert_string_equal(archive_name_relative(&f->config, next),
                        "log_0_20261121_041145_2.jsonl.zst");
    assert_ok(archive_name_next(&f->config, next, path));
    assert_string_equal(archive_name_relative(&f->config, path),
                        "log_0_20261121_041145_3.jsonl.zst");
    snprintf(path, sizeof(path), "%s/foreign", f->dir);
    assert_err(archive_name_next(&f->config, path, next), ERR_IO);
    assert_int_equal(errno, EINVAL);
}

static void makes_one_recovered_name_a_file(void **state)
{
    struct fixture *f = *state;
    static const char *const names[][2] = {
        {"log_0_20261121_041145.jsonl.zst", "recovered_0_20261121_041145.jsonl.zst"},
        {"log_0_20261121_041145.csv.zst", "recovered_0_20261121_041145_1.jsonl.zst"},
        {"log_0_20261121_041145.log.zst", "recovered_0_20261121_041145_2.jsonl.zst"},
        {"rejected_0_20261121_041145.jsonl.zst", "recovered_0_20261121_041145_3.jsonl.zst"},
        {"log_0_20261121_041145_1.jsonl.zst", "recovered_0_20261121_041145_4.jsonl.zst"},
        {"rejected_9_20261121_041145_2.jsonl.zst", "recovered_9_20261121_041145_11.jsonl.zst"},
    };
    char path[ARCHIVE_PATH_BYTES];
    char got[ARCHIVE_PATH_BYTES];
    struct archive_name name;

    for (size_t i = 0; i < TEST_COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", f->dir, names[i][0]);
        assert_ok(archive_name_recovered(&f->config, path, got));
        assert_string_equal(archive_name_relative(&f->config, got), names[i][1]);
        assert_ok(archive_name_parse(&f->config, names[i][1], &name));
    }
    snprintf(path, sizeof(path), "%s/foreign", f->dir);
    assert_err(archive_name_recovered(&f->config, path, got), ERR_UNKNOWN);
    f->config.instance = "web";
    snprintf(path, sizeof(path), "%s/log_web_0_20261121_041145.csv.zst", f->dir);
    assert_ok(archive_name_recovered(&f->config, path, got));
    assert_string_equal(archive_name_relative(&f->config, got),
                        "recovered_web_0_20261121_041145_1.jsonl.zst");
}

static void puts_forms_on_and_off(void **state)
{
    char form[ARCHIVE_PATH_BYTES];
    char final[ARCHIVE_PATH_BYTES];

    (void)state;
    archive_name_form("/d/x", ARCHIVE_NAME_OPEN, form);
    assert_string_equal(form, "/d/x.open");
    archive_name_final(form, ARCHIVE_NAME_OPEN, final);
    assert_string_equal(final, "/d/x");
    archive_name_form("/d/x", ARCHIVE_NAME_FINAL, form);
    assert_string_equal(form, "/d/x");
    archive_name_folder("/d/x", form);
    assert_string_equal(form, "/d");
}

struct seen {
    size_t count;
    size_t open;
    size_t stop_at;
};

static err_t see(void *arg, const char *path, const struct archive_name *name)
{
    struct seen *seen = arg;

    assert_int_equal(access(path, F_OK), 0);
    seen->count++;
    seen->open += name->state == ARCHIVE_NAME_OPEN ? 1 : 0;
    return seen->count == seen->stop_at ? ERR_LIMIT : ERR_OK;
}

static void walks_both_layouts(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {0};
    char path[ARCHIVE_PATH_BYTES];

    created(f, "log", 0);
    created(f, "rejected", 3);
    f->config.layout = ARCHIVE_LAYOUT_DAILY;
    created(f, "log", 900);
    temp_dir_write(f->dir, "2026-11-21/log_1_20261121_041145.csv.zst", SPAN_LIT(""));
    temp_dir_write(f->dir, "manifest.jsonl", SPAN_LIT(""));
    snprintf(path, sizeof(path), "%s/log_0_20261121_041150.jsonl.zst", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/log_0_20261121_041151.jsonl.zst", f->dir);
    assert_int_equal(symlink("manifest.jsonl", path), 0);
    snprintf(path, sizeof(path), "%s/other", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    temp_dir_write(f->dir, "other/log_1_20261121_041145.csv.zst", SPAN_LIT(""));

    assert_ok(archive_name_walk(&f->config, see, &seen));
    assert_int_equal(seen.count, 4);
    assert_int_equal(seen.open, 3);
    for (size_t stop_at = 1; stop_at <= 4; stop_at++) {
        seen = (struct seen){.stop_at = stop_at};
        assert_err(archive_name_walk(&f->config, see, &seen), ERR_LIMIT);
        assert_int_equal(seen.count, stop_at);
    }
    f->config.data_dir = "/nonexistent";
    assert_err(archive_name_walk(&f->config, see, &seen), ERR_IO);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_what_is_no_archive_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_names_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_instances_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_the_first_free_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_the_folder_of_the_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(steps_on_when_the_name_is_published_meanwhile, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(reports_what_the_system_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_the_next_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_one_recovered_name_a_file, set_up, tear_down),
        cmocka_unit_test(puts_forms_on_and_off),
        cmocka_unit_test_setup_teardown(walks_both_layouts, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
