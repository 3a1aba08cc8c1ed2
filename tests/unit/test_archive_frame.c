/* SPDX-License-Identifier: Apache-2.0
 *
 * The index frame: what is no index of ours is refused at every length, what was put comes back. */
#include "archive/archive_frame.h"
#include "tests/support/test.h"

#include <stdlib.h>

static const struct archive_index sample = {
    .kind = ARCHIVE_REJECTED,
    .shard = 0x1234,
    .records = 0x01020304,
    .first_ns = 0x1122334455667788ull,
    .last_ns = 0x99aabbccddeeff00ull,
    .sequence = 7,
    .line_bytes = 1048576,
    .frame_bytes = 4097,
    .levels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0xffffffff},
};

static void refuses_every_truncation(void **state)
{
    char bytes[ARCHIVE_INDEX_BYTES];
    struct archive_index index;

    (void)state;
    archive_frame_put_index(&sample, bytes);
    for (size_t len = 0; len < sizeof(bytes); len++) {
        char *exact = malloc(len + 1); /* so that a read past the end is seen */
        memcpy(exact, bytes, len);
        assert_err(archive_frame_get_index(span_of(exact, len), &index), ERR_SYNTAX);
        free(exact);
    }
}

static void refuses_other_skippable_frames(void **state)
{
    static const size_t places[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}; /* magic, size, version */
    char bytes[ARCHIVE_INDEX_BYTES];
    struct archive_index index;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(places); i++) {
        archive_frame_put_index(&sample, bytes);
        bytes[places[i]] ^= 1;
        assert_err(archive_frame_get_index(span_of(bytes, sizeof(bytes)), &index), ERR_SYNTAX);
    }
}

static void gives_back_what_was_put(void **state)
{
    char bytes[ARCHIVE_INDEX_BYTES + 3] = {0};
    struct archive_index index;

    (void)state;
    archive_frame_put_index(&sample, bytes);
    assert_ok(archive_frame_get_index(span_of(bytes, sizeof(bytes)), &index));
    assert_memory_equal(&index, &sample, sizeof(index));
}

/* The table in the header, byte by byte. */
static void is_laid_out_as_documented(void **state)
{
    static const unsigned char want[] = {
        0x5c, 0x2a, 0x4d, 0x18, 80,   0,    0,    0,    1,    1,    0x34, 0x12, 0x04, 0x03,
        0x02, 0x01, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0xff, 0xee, 0xdd,
        0xcc, 0xbb, 0xaa, 0x99, 7,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0x10, 0,    0x01, 0x10, 0,    0,    1,    0,    0,    0,    2,    0,    0,    0,
    };
    char bytes[ARCHIVE_INDEX_BYTES];

    (void)state;
    archive_frame_put_index(&sample, bytes);
    assert_memory_equal(bytes, want, sizeof(want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_other_skippable_frames),
        cmocka_unit_test(gives_back_what_was_put),
        cmocka_unit_test(is_laid_out_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
