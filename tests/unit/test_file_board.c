/* SPDX-License-Identifier: Apache-2.0
 *
 * The files published last: the newest first, without what retention deleted. */
#include "ingestor/file_board.h"

#include "archive/archive_manifest.h"
#include "tests/support/test.h"

#include <stdio.h>

static void publish(struct file_board *b, const char *name, const char *kind, uint64_t records)
{
    struct archive_manifest_entry file = {
        .event = "published", .file = name, .kind = kind, .records = records, .at_ns = 9};
    struct archive_event event = {
        .kind = ARCHIVE_EVENT_PUBLISHED, .file = &file, .path = "/x", .text = "{}"};

    file_board_note(b, &event);
}

static void other_events_are_no_files(void **state)
{
    struct file_board b;
    struct file_board_entry got[FILE_BOARD_PLACES];
    struct archive_event event = {.kind = ARCHIVE_EVENT_STALLED, .path = "", .text = ""};

    (void)state;
    file_board_init(&b);
    file_board_note(&b, &event);
    event.kind = ARCHIVE_EVENT_PUBLISHED; /* without its entry */
    file_board_note(&b, &event);
    event.kind = ARCHIVE_EVENT_RETAINED;
    file_board_note(&b, &event);
    assert_int_equal(file_board_read(&b, got), 0);
    file_board_done(&b);
}

static void the_newest_come_first(void **state)
{
    struct file_board b;
    struct file_board_entry got[FILE_BOARD_PLACES];
    char name[32];

    (void)state;
    file_board_init(&b);
    for (unsigned i = 0; i < FILE_BOARD_PLACES + 3; i++) {
        snprintf(name, sizeof(name), "log_%u.zst", i);
        publish(&b, name, i % 2 == 0 ? "log" : "rejected", i);
    }
    assert_int_equal(file_board_read(&b, got), FILE_BOARD_PLACES);
    assert_string_equal(got[0].name, "log_22.zst");
    assert_int_equal(got[0].records, 22);
    assert_int_equal(got[0].rejected, 0);
    assert_int_equal(got[1].rejected, 21);
    assert_int_equal(got[1].records, 0);
    assert_int_equal(got[0].closed_ns, 9);
    file_board_done(&b);
}

static void deleted_files_are_gone(void **state)
{
    struct file_board b;
    struct file_board_entry got[FILE_BOARD_PLACES];
    struct archive_event event = {
        .kind = ARCHIVE_EVENT_RETAINED, .path = "./data/day/one.zst", .text = ""};

    (void)state;
    file_board_init(&b);
    publish(&b, "day/one.zst", "log", 1);
    publish(&b, "day/two.zst", "recovered", 2);
    file_board_note(&b, &event);
    assert_int_equal(file_board_read(&b, got), 1);
    assert_string_equal(got[0].name, "day/two.zst");
    file_board_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_events_are_no_files),
        cmocka_unit_test(the_newest_come_first),
        cmocka_unit_test(deleted_files_are_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
