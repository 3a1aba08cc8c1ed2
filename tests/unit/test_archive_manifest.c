/* SPDX-License-Identifier: Apache-2.0
 *
 * The manifest: failures leave nothing behind, torn lines stay apart, digests are those of
 * sha256sum. */
#include "archive/archive_manifest.h"

#include "archive/archive_json.h"
#include "base/limits.h"
#include "tests/support/archive_fault.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char dir[TEMP_DIR_BYTES];
    struct archive_fault fault;
    struct archive_config config;
    struct buf content;
};

static const struct archive_manifest_entry full_entry = {
    .event = "published",
    .file = "log_0_20261121_041145.jsonl.zst",
    .kind = "log",
    .records = 3,
    .bytes_in = 300,
    .bytes_out = 100,
    .first_ns = 1795234305000000001ull,
    .last_ns = 1795234306000000000ull,
    .at_ns = 1795234307500000000ull,
    .sha256 = "00ff",
};

#define FULL_LINE                                                                                 \
    "{\"event\":\"published\",\"at\":\"2026-11-21T04:11:47.500000000Z\","                         \
    "\"file\":\"log_0_20261121_041145.jsonl.zst\",\"kind\":\"log\",\"records\":3,\"rejected\":0," \
    "\"bytes_in\":300,\"bytes_out\":100,\"first\":\"2026-11-21T04:11:45.000000001Z\","            \
    "\"last\":\"2026-11-21T04:11:46.000000000Z\",\"sha256\":\"00ff\"}"

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
    buf_done(&f->content);
    free(f);
    return 0;
}

/* Fails unless the manifest holds exactly this. */
static void assert_manifest(struct fixture *f, const char *want)
{
    temp_dir_read(f->dir, "manifest.jsonl", &f->content);
    test_assert_span(buf_span(&f->content), want);
}

static void failed_appends_leave_nothing(void **state)
{
    struct fixture *f = *state;
    static const unsigned masks[] = {ARCHIVE_FAULT_PWRITE, ARCHIVE_FAULT_FDATASYNC,
                                     ARCHIVE_FAULT_SYNC_DIR};

    archive_fault_set(&f->fault, ARCHIVE_FAULT_OPEN, 1, 1, EACCES);
    assert_err(archive_manifest_append(&f->config, &full_entry), ERR_IO);
    assert_int_equal(errno, EACCES);
    assert_int_equal(temp_dir_count(f->dir), 0);
    for (size_t i = 0; i < TEST_COUNT(masks); i++) {
        archive_fault_set(&f->fault, masks[i], 1, 1, EIO);
        assert_err(archive_manifest_append(&f->config, &full_entry), ERR_IO);
        assert_manifest(f, "");
    }
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_manifest(f, FULL_LINE "\n");
    archive_fault_set(&f->fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    assert_err(archive_manifest_append(&f->config, &full_entry), ERR_IO);
    assert_manifest(f, FULL_LINE "\n");
}

/* Neither the write nor its undoing works: the next append ends the torn line. */
static void completes_a_torn_line(void **state)
{
    struct fixture *f = *state;

    assert_ok(archive_manifest_append(&f->config, &full_entry));
    archive_fault_set(&f->fault, ARCHIVE_FAULT_PWRITE | ARCHIVE_FAULT_FTRUNCATE, 1, 2, ENOSPC);
    assert_err(archive_manifest_append(&f->config, &full_entry), ERR_IO);
    assert_int_equal(errno, ENOSPC);
    archive_fault_set(&f->fault, 0, 0, 0, 0);
    assert_ok(archive_manifest_append(&f->config, &full_entry));

    char want[4096];
    int torn = (int)sizeof(FULL_LINE) / 2;
    snprintf(want, sizeof(want), "%s\n%.*s\n%s\n", FULL_LINE, torn, FULL_LINE, FULL_LINE);
    assert_manifest(f, want);
}

static void appends_lines_with_exact_mode(void **state)
{
    struct fixture *f = *state;
    char path[ARCHIVE_PATH_BYTES];
    struct stat st;

    umask(0);
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_manifest(f, FULL_LINE "\n" FULL_LINE "\n");
    snprintf(path, sizeof(path), "%s/manifest.jsonl", f->dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
}

static void syncs_unless_told_not_to(void **state)
{
    struct fixture *f = *state;
    unsigned mask = ARCHIVE_FAULT_FDATASYNC | ARCHIVE_FAULT_SYNC_DIR;

    f->config.fsync = ARCHIVE_FSYNC_NONE;
    archive_fault_set(&f->fault, mask, 1, UINT_MAX, EIO);
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_int_equal(atomic_load(&f->fault.calls), 0);
    f->config.fsync = ARCHIVE_FSYNC_ROTATE;
    archive_fault_set(&f->fault, mask, UINT_MAX, UINT_MAX, EIO);
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_int_equal(atomic_load(&f->fault.calls), 1);
}

static void formats_kinds_and_unknowns(void **state)
{
    char out[ARCHIVE_MANIFEST_LINE_BYTES];
    struct archive_manifest_entry e = {.event = "retained", .file = "a\"\n\\", .kind = "rejected"};

    (void)state;
    e.records = 7;
    test_assert_span(span_of(out, archive_manifest_format(&e, out, sizeof(out))),
                     "{\"event\":\"retained\",\"file\":\"a\\\"\\u000a\\\\\",\"kind\":\"rejected\","
                     "\"records\":0,\"rejected\":7,\"bytes_in\":0,\"bytes_out\":0}");
    e.kind = "recovered";
    e.file = "b";
    test_assert_span(span_of(out, archive_manifest_format(&e, out, sizeof(out))),
                     "{\"event\":\"retained\",\"file\":\"b\",\"kind\":\"recovered\",\"records\":7,"
                     "\"rejected\":0,\"bytes_in\":0,\"bytes_out\":0,\"unchecked\":true}");
}

static void escapes_any_bytes(void **state)
{
    static const char *const pairs[][2] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\""},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", "\"\\u2028\\u2029\xe2\x80\xaa\""},
        {"\x80", "\"\\ufffd\""},
        {"\xc0\x80", "\"\\ufffd\\ufffd\""},
        {"\xc3", "\"\\ufffd\""},
        {"\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"\xed\x9f\xbf", "\"\xed\x9f\xbf\""},
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"\xf5\x80\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
        {"\xe2\x82x", "\"\\ufffd\\ufffdx\""},
        {"\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(pairs); i++) {
        char out[64];
        struct span in = span_of_str(pairs[i][0]);
        size_t len = archive_json_string(in, out);
        assert_true(len <= ARCHIVE_JSON_STRING_MAX(in.len));
        test_assert_span(span_of(out, len), pairs[i][1]);
    }
}

static void finds_the_files_of_entries(void **state)
{
    struct fixture *f = *state;
    struct archive_manifest_entry other = full_entry;
    bool named = true;

    assert_ok(archive_manifest_names(&f->config, full_entry.file, &named));
    assert_false(named);
    assert_ok(archive_manifest_append(&f->config, &full_entry));
    assert_ok(archive_manifest_names(&f->config, full_entry.file, &named));
    assert_true(named);
    assert_ok(archive_manifest_names(&f->config, "log_0_20261121_041145_1.jsonl.zst", &named));
    assert_false(named);
    f->config.fsync = ARCHIVE_FSYNC_NONE;
    for (unsigned i = 0; i < 1000; i++) {
        char file[32];
        snprintf(file, sizeof(file), "other_%u", i);
        other.file = file;
        assert_ok(archive_manifest_append(&f->config, &other));
    }
    for (unsigned i = 0; i <= 1000; i++) {
        char file[32];
        snprintf(file, sizeof(file), "other_%u", i);
        assert_ok(archive_manifest_names(&f->config, file, &named));
        assert_int_equal(named, i < 1000);
    }
    other.file = "torn";
    archive_fault_set(&f->fault, ARCHIVE_FAULT_PWRITE | ARCHIVE_FAULT_FTRUNCATE, 1, 2, ENOSPC);
    assert_err(archive_manifest_append(&f->config, &other), ERR_IO);
    archive_fault_set(&f->fault, 0, 0, 0, 0);
    assert_ok(archive_manifest_names(&f->config, "torn", &named));
    assert_false(named);
    other.file = "whole";
    assert_ok(archive_manifest_append(&f->config, &other));
    temp_dir_read(f->dir, "manifest.jsonl", &f->content);
    assert_non_null(memmem(f->content.at, f->content.len, "\"torn\"", 6));
    assert_ok(archive_manifest_names(&f->config, "torn", &named));
    assert_false(named);
    assert_ok(archive_manifest_names(&f->config, "whole", &named));
    assert_true(named);
    archive_fault_set(&f->fault, ARCHIVE_FAULT_OPEN, 1, 1, EACCES);
    assert_err(archive_manifest_names(&f->config, "other", &named), ERR_IO);
    archive_fault_set(&f->fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    assert_err(archive_manifest_names(&f->config, "other", &named), ERR_IO);
}

/* sha256sum is the independent witness. */
static void digests_like_sha256sum(void **state)
{
    struct fixture *f = *state;
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    char *bytes = malloc(300000);
    char path[ARCHIVE_PATH_BYTES];
    char command[ARCHIVE_PATH_BYTES + 32];

    assert_non_null(bytes);
    for (size_t i = 0; i < 300000; i++) {
        bytes[i] = (char)(i * 7 + i / 251);
    }
    snprintf(path, sizeof(path), "%s/file", f->dir);
    snprintf(command, sizeof(command), "sha256sum < '%s'", path);
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        char want[65] = {0};
        char got[65];
        uint64_t size = 0;
        temp_dir_write(f->dir, "file", span_of(bytes, sizes[i]));
        FILE *p = popen(command, "r");
        assert_non_null(p);
        assert_int_equal(fread(want, 1, 64, p), 64);
        assert_int_equal(pclose(p), 0);
        assert_ok(archive_manifest_digest(&f->config, path, got, &size));
        assert_string_equal(got, want);
        assert_int_equal(size, sizes[i]);
    }
    free(bytes);
}

static void digests_no_file_that_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    char path[ARCHIVE_PATH_BYTES];
    char sha256[65] = "untouched";
    uint64_t size = 77;

    snprintf(path, sizeof(path), "%s/file", f->dir);
    assert_err(archive_manifest_digest(&f->config, path, sha256, &size), ERR_IO);
    assert_int_equal(errno, ENOENT);
    temp_dir_write(f->dir, "file", SPAN_LIT("x"));
    archive_fault_set(&f->fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    assert_err(archive_manifest_digest(&f->config, path, sha256, &size), ERR_IO);
    assert_int_equal(errno, EIO);
    assert_string_equal(sha256, "untouched");
    assert_int_equal(size, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(failed_appends_leave_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(completes_a_torn_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digests_no_file_that_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(appends_lines_with_exact_mode, set_up, tear_down),
        cmocka_unit_test_setup_teardown(syncs_unless_told_not_to, set_up, tear_down),
        cmocka_unit_test(formats_kinds_and_unknowns),
        cmocka_unit_test(escapes_any_bytes),
        cmocka_unit_test_setup_teardown(finds_the_files_of_entries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digests_like_sha256sum, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
