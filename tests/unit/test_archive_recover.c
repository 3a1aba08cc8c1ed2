/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery of what one earlier run has left: each state of a name, and each kind of damage. */
#include "archive/archive_recover.h"

#include "archive/archive_scan.h"
#include "base/limits.h"
#include "tests/support/archive_sample.h"
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME ARCHIVE_SAMPLE_NAME

static int set_up(void **state)
{
    struct archive_sample *s = calloc(1, sizeof(*s));

    archive_sample_init(s);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct archive_sample *s = *state;

    archive_sample_done(s);
    free(s);
    return 0;
}

static struct archive_recover_stats recover(struct archive_sample *s)
{
    struct archive_recover_stats stats;

    assert_ok(archive_recover(&s->config, &stats));
    return stats;
}

static void write_frames(struct archive_sample *s, const char *name, unsigned first,
                         unsigned frames)
{
    struct buf file = {0};

    for (unsigned i = 0; i < frames; i++) {
        archive_sample_frame(&file, first + i * 10, 10);
    }
    temp_dir_write(s->dir, name, buf_span(&file));
    buf_done(&file);
}

/* Fails unless the published files hold the lines [0, count) once each, and no others. */
static void assert_lines(struct archive_sample *s, unsigned count)
{
    unsigned counts[ARCHIVE_SAMPLE_NUMBERS];

    archive_sample_count(s, counts, NULL);
    for (unsigned n = 0; n < ARCHIVE_SAMPLE_NUMBERS; n++) {
        assert_int_equal(counts[n], n < count ? 1 : 0);
    }
}

static bool manifest_holds(struct archive_sample *s, const char *text)
{
    struct buf content = {0};

    temp_dir_read(s->dir, "manifest.jsonl", &content);
    bool holds = memmem(content.at, content.len, text, strlen(text)) != NULL;
    buf_done(&content);
    return holds;
}

static void reports_a_directory_that_is_gone(void **state)
{
    struct archive_sample *s = *state;
    struct archive_recover_stats stats = {.files_recovered = 7};

    s->config.data_dir = "/nonexistent";
    assert_err(archive_recover(&s->config, &stats), ERR_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(stats.files_recovered, 7);
}

static void leaves_what_the_disk_refuses(void **state)
{
    struct archive_sample *s = *state;
    struct archive_recover_stats stats;

    write_frames(s, NAME ".open", 0, 2);
    archive_fault_set(&s->fault, ARCHIVE_FAULT_RENAME, 1, UINT_MAX, EIO);
    stats = recover(s);
    assert_int_equal(stats.files_left, 1);
    assert_int_equal(stats.files_recovered, 0);
    assert_true(temp_dir_has(s->dir, NAME ".open"));
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_IO_ERROR), 1);
    archive_fault_set(&s->fault, ARCHIVE_FAULT_PREAD, 1, 1, EIO);
    assert_int_equal(recover(s).files_left, 1);
    archive_fault_set(&s->fault, 0, 0, 0, 0);
    assert_int_equal(recover(s).files_recovered, 1);
    assert_lines(s, 20);
}

static void does_nothing_where_nothing_is_left(void **state)
{
    struct archive_sample *s = *state;
    struct archive_recover_stats stats = recover(s);

    assert_int_equal(stats.files_recovered, 0);
    assert_int_equal(temp_dir_count(s->dir), 0);
    temp_dir_write(s->dir, "foreign.open", SPAN_LIT("x"));
    temp_dir_write(s->dir, "log_web_0_20261121_041145.jsonl.zst.open", SPAN_LIT("x"));
    recover(s);
    assert_int_equal(temp_dir_count(s->dir), 2);
}

static void removes_a_copy_beside_a_published_file(void **state)
{
    struct archive_sample *s = *state;

    write_frames(s, NAME, 0, 2);
    write_frames(s, NAME ".open", 0, 2);
    write_frames(s, NAME ".repack", 0, 1);
    struct archive_recover_stats stats = recover(s);
    assert_int_equal(stats.files_recovered, 0);
    assert_false(temp_dir_has(s->dir, NAME ".open"));
    assert_false(temp_dir_has(s->dir, NAME ".repack"));
    assert_lines(s, 20);
    assert_true(manifest_holds(s, "\"event\":\"published\""));
}

static void prefers_open_to_repack(void **state)
{
    struct archive_sample *s = *state;

    write_frames(s, NAME ".open", 0, 2);
    write_frames(s, NAME ".repack", 0, 1);
    assert_int_equal(recover(s).files_recovered, 1);
    assert_int_equal(temp_dir_count(s->dir), 2);
    assert_lines(s, 20);
}

static void takes_a_repack_that_is_alone(void **state)
{
    struct archive_sample *s = *state;

    write_frames(s, NAME ".repack", 0, 2);
    assert_int_equal(recover(s).files_recovered, 1);
    assert_int_equal(temp_dir_count(s->dir), 2);
    assert_lines(s, 20);
}

static void removes_files_without_a_record(void **state)
{
    struct archive_sample *s = *state;
    struct buf csv = {0};

    temp_dir_write(s->dir, NAME ".open", SPAN_LIT(""));
    temp_dir_write(s->dir, "log_1_20261121_041145.jsonl.zst.open", SPAN_LIT("garbage"));
    archive_sample_content(&csv, SPAN_LIT("timestamp,level\n"), 0);
    temp_dir_write(s->dir, "log_2_20261121_041145.csv.zst.open", buf_span(&csv));
    buf_done(&csv);
    struct archive_recover_stats stats = recover(s);
    assert_int_equal(stats.files_removed_empty, 3);
    assert_int_equal(stats.files_recovered, 0);
    assert_int_equal(temp_dir_count(s->dir), 1);
    struct buf tail = {0};
    temp_dir_read(s->dir, "log_1_20261121_041145.jsonl.zst.tail", &tail);
    test_assert_span(buf_span(&tail), "garbage");
    buf_done(&tail);
}

static void publishes_whole_files_of_any_shard_and_layout(void **state)
{
    struct archive_sample *s = *state;
    char path[ARCHIVE_PATH_BYTES];

    snprintf(path, sizeof(path), "%s/2026-11-21", s->dir);
    assert_int_equal(mkdir(path, 0750), 0);
    write_frames(s, NAME ".open", 0, 2);
    write_frames(s, "log_900_20261121_041145_3.jsonl.zst.open", 20, 2);
    write_frames(s, "rejected_1_20261121_041145.jsonl.zst.open", 40, 2);
    write_frames(s, "2026-11-21/log_3_20261121_041145.jsonl.zst.open", 60, 2);
    assert_int_equal(recover(s).files_recovered, 4);
    assert_lines(s, 80);
    assert_true(temp_dir_has(s->dir, "2026-11-21/log_3_20261121_041145.jsonl.zst"));
    assert_true(manifest_holds(s, "\"event\":\"recovered\""));
    assert_true(manifest_holds(s, "\"file\":\"2026-11-21/log_3_20261121_041145.jsonl.zst\""));
    assert_true(manifest_holds(s, "\"kind\":\"rejected\",\"records\":0,\"rejected\":20,"));
    assert_true(manifest_holds(s, "\"first\":\"2026-11-21T04:11:45.000000000Z\","
                                  "\"last\":\"2026-11-21T04:12:04.000000000Z\""));
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_PUBLISHED), 4);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_RECOVERED), 4);
    assert_int_equal(recover(s).files_recovered, 0);
    assert_int_equal(archive_sample_events(s, ARCHIVE_EVENT_PUBLISHED), 4);
}

static void keeps_and_salvages_a_torn_tail(void **state)
{
    struct archive_sample *s = *state;
    struct buf file = {0};
    struct buf content = {0};

    archive_sample_frame(&file, 0, 10);
    size_t good = file.len;
    archive_sample_content(&file, SPAN_LIT("a,\"b\"\n\x80\n\nwithout end"), 3);
    size_t torn = file.len;
    archive_sample_frame(&file, 10, 10);
    temp_dir_write(s->dir, NAME ".open", buf_span(&file));
    struct archive_recover_stats stats = recover(s);
    assert_int_equal(stats.files_recovered, 1);
    assert_int_equal(stats.lines_salvaged, 13);
    assert_lines(s, 10);
    temp_dir_read(s->dir, NAME ".tail", &content);
    assert_int_equal(content.len, file.len - good);
    assert_memory_equal(content.at, file.at + good, content.len);
    assert_true(torn > good);

    temp_dir_read(s->dir, "recovered_0_20261121_041145.jsonl.zst", &file);
    archive_sample_unpack(buf_span(&file), &content);
#define HEAD "{\"unchecked\":true,\"source\":\"" NAME "\",\"line\":"
    static const char want[] =
        HEAD "\"a,\\\"b\\\"\"}\n" HEAD "\"\\ufffd\"}\n" HEAD "\"\"}\n" HEAD "\"{\\\"n\\\":10,";
    assert_true(span_starts_with(buf_span(&content), SPAN_LIT(want)));
    assert_true(manifest_holds(s, "\"event\":\"recovered\""));
    assert_true(manifest_holds(s, "\"kind\":\"recovered\",\"records\":13,\"rejected\":0,"));
    assert_true(manifest_holds(s, "\"unchecked\":true"));
    buf_done(&file);
    buf_done(&content);
}

/* A frame of several blocks gives back those that are whole. */
static void salvages_the_beginning_of_a_large_frame(void **state)
{
    struct archive_sample *s = *state;
    unsigned counts[ARCHIVE_SAMPLE_NUMBERS];
    unsigned recovered[ARCHIVE_SAMPLE_NUMBERS];
    struct buf lines = {0};
    struct buf file = {0};

    for (unsigned n = 0; n < 4000; n++) {
        archive_sample_line(&lines, n);
        assert_ok(buf_printf(&lines, "%0100u\n", n));
    }
    assert_true(lines.len > 4 * 128 * KIB);
    archive_sample_content(&file, buf_span(&lines), 8000);
    file.len = file.len * 3 / 4;
    temp_dir_write(s->dir, NAME ".open", buf_span(&file));
    struct archive_recover_stats stats = recover(s);
    assert_int_equal(stats.files_removed_empty, 1);
    archive_sample_count(s, counts, recovered);
    unsigned salvaged = 0;
    for (unsigned n = 0; n < 4000; n++) {
        assert_int_equal(counts[n], 0);
        assert_true(recovered[n] <= 1 && (n == 0 || recovered[n] <= recovered[n - 1]));
        salvaged += recovered[n];
    }
    assert_true(salvaged > 1500);
    buf_done(&lines);
    buf_done(&file);
}

static void completes_a_missing_index(void **state)
{
    struct archive_sample *s = *state;
    struct buf file = {0};

    archive_sample_frame(&file, 0, 10);
    archive_sample_frame(&file, 10, 10);
    for (size_t cut = 0; cut < 2; cut++) {
        const char *name = cut == 0 ? NAME : "log_1_20261121_041145.jsonl.zst";
        char open_name[128];
        snprintf(open_name, sizeof(open_name), "%s.open", name);
        s->config.policy.rotate_bytes = 1;
        temp_dir_write(s->dir, open_name, span_of(file.at, file.len - ARCHIVE_INDEX_BYTES + cut));
        assert_int_equal(recover(s).files_recovered, 1);
        struct buf published = {0};
        temp_dir_read(s->dir, name, &published);
        struct archive_recover_scan scan;
        archive_recover_scan(buf_span(&published), &scan);
        assert_int_equal(scan.good_bytes, published.len);
        assert_false(scan.index_missing);
        assert_int_equal(scan.records, 20);
        buf_done(&published);
    }
    buf_done(&file);
}

static void enters_what_the_manifest_lacks(void **state)
{
    struct archive_sample *s = *state;
    struct buf first = {0};
    struct buf second = {0};

    write_frames(s, NAME, 0, 2);
    write_frames(s, "recovered_0_20261121_041145.jsonl.zst", 20, 1);
    temp_dir_write(s->dir, "log_1_20261121_041145.jsonl.zst", SPAN_LIT("no archive file"));
    recover(s);
    assert_true(manifest_holds(s, "\"event\":\"published\""));
    assert_true(manifest_holds(s, "\"kind\":\"log\",\"records\":20,"));
    assert_true(manifest_holds(s, "\"kind\":\"recovered\",\"records\":10,"));
    assert_false(manifest_holds(s, "log_1_"));
    temp_dir_read(s->dir, "manifest.jsonl", &first);
    recover(s);
    temp_dir_read(s->dir, "manifest.jsonl", &second);
    assert_int_equal(first.len, second.len);
    buf_done(&first);
    buf_done(&second);
}

static void scans_only_whole_good_frames(void **state)
{
    static const struct {
        const char *content;
        int records;
    } bad[] = {{"no line end", 1}, {"line\nno line end", 1}};
    struct archive_recover_scan scan;
    struct buf file = {0};

    (void)state;
    archive_recover_scan(SPAN_LIT(""), &scan);
    assert_int_equal(scan.good_bytes, 0);
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        file.len = 0;
        archive_sample_frame(&file, 0, 10);
        size_t good = file.len;
        archive_sample_content(&file, span_of_str(bad[i].content), bad[i].records);
        archive_recover_scan(buf_span(&file), &scan);
        assert_int_equal(scan.good_bytes, good);
        assert_int_equal(scan.frames, 1);
        assert_int_equal(scan.small_frames, 1);
        assert_int_equal(scan.records, 10);
        assert_int_equal(scan.first_ns, ARCHIVE_SAMPLE_NS);
        assert_int_equal(scan.last_ns, ARCHIVE_SAMPLE_NS + 9 * NS_PER_S);
    }
    /* an index frame that says something else; what is behind it is no part of the good */
    file.len = 0;
    archive_sample_content(&file, SPAN_LIT("one\ntwo\n"), 3);
    archive_sample_frame(&file, 0, 10);
    archive_recover_scan(buf_span(&file), &scan);
    assert_true(scan.index_missing);
    assert_int_equal(scan.frames, 1);
    assert_int_equal(scan.records, 2);
    assert_int_equal(scan.index.records, 2);
    assert_int_equal(scan.index.frame_bytes, scan.good_bytes);
    buf_done(&file);
}

/* A frame of libzstd without a checksum, one of nothing, one too large, a foreign skippable one. */
static void scan_trusts_no_foreign_frame(void **state)
{
    static const char *const foreign[] = {
        "\x28\xb5\x2f\xfd\x20\x02\x11\x00\x00x\n",              /* no checksum */
        "\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51", /* checksum, no content */
        "\x5c\x2a\x4d\x18\x01\x00\x00\x00x",                    /* skippable, not an index frame */
        "\x50\x2a\x4d\x18\x01\x00\x00\x00x",                    /* skippable, not ours */
    };
    static const size_t lens[] = {11, 13, 9, 9};
    struct archive_recover_scan scan;
    struct buf file = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(foreign); i++) {
        archive_recover_scan(span_of(foreign[i], lens[i]), &scan);
        assert_int_equal(scan.good_bytes, 0);
    }
    size_t bytes = ARCHIVE_SCAN_CONTENT_MAX + 1;
    char *lines = malloc(bytes);
    assert_non_null(lines);
    memset(lines, '\n', bytes);
    archive_sample_content(&file, span_of(lines, bytes), -1);
    archive_recover_scan(buf_span(&file), &scan);
    assert_int_equal(scan.good_bytes, 0);
    file.len = 0;
    archive_sample_content(&file, span_of(lines, bytes - 1), -1);
    archive_recover_scan(buf_span(&file), &scan);
    assert_int_equal(scan.good_bytes, file.len);
    free(lines);
    buf_done(&file);
}

int main(void)
{
#define RECOVER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RECOVER_TEST(reports_a_directory_that_is_gone),
        RECOVER_TEST(leaves_what_the_disk_refuses),
        RECOVER_TEST(does_nothing_where_nothing_is_left),
        RECOVER_TEST(removes_a_copy_beside_a_published_file),
        RECOVER_TEST(prefers_open_to_repack),
        RECOVER_TEST(takes_a_repack_that_is_alone),
        RECOVER_TEST(removes_files_without_a_record),
        RECOVER_TEST(publishes_whole_files_of_any_shard_and_layout),
        RECOVER_TEST(keeps_and_salvages_a_torn_tail),
        RECOVER_TEST(salvages_the_beginning_of_a_large_frame),
        RECOVER_TEST(completes_a_missing_index),
        RECOVER_TEST(enters_what_the_manifest_lacks),
        cmocka_unit_test(scans_only_whole_good_frames),
        cmocka_unit_test(scan_trusts_no_foreign_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
