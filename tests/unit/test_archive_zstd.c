/* SPDX-License-Identifier: Apache-2.0
 *
 * Compression: memory that is not there, and that libzstd reads back what was packed. */
#include "archive/archive_zstd.h"
#include "base/limits.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <zstd.h>

/* Text that compresses about as logs do; deterministic. */
static void fill(char *out, size_t bytes)
{
    uint64_t x = 88172645463325252ull;

    for (size_t i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out[i] = "abcdefgh"[x & 7];
    }
}

static err_t make(void *arg)
{
    return archive_zstd_new(1, 4096, arg);
}

static void reports_missing_memory(void **state)
{
    struct archive_zstd *z = NULL;
    struct archive_frame frame = {0};
    char lines[4096];

    (void)state;
    fill(lines, sizeof(lines));
    fail_alloc_walk(make, &z);
    fail_alloc_from(0);
    err_t err = archive_zstd_pack(z, span_of(lines, sizeof(lines)), &frame);
    assert_true(fail_alloc_end());
    assert_err(err, ERR_NOMEM);
    assert_int_equal(frame.len, 0);
    assert_ok(archive_zstd_pack(z, span_of(lines, sizeof(lines)), &frame));
    archive_frame_done(&frame);
    archive_zstd_free(z);
}

static void assert_unpacks(const struct archive_frame *frame, struct span lines)
{
    size_t packed = frame->len - ARCHIVE_INDEX_BYTES;
    char *out = malloc(lines.len + 1);
    struct archive_index index;

    assert_int_equal(ZSTD_findFrameCompressedSize(frame->data, frame->len), packed);
    assert_int_equal(ZSTD_getFrameContentSize(frame->data, frame->len), lines.len);
    assert_true((frame->data[4] & 4) != 0); /* Content_Checksum_flag, RFC 8878 3.1.1.1.1 */
    /* Our skippable frame is part of the input and adds nothing. */
    assert_int_equal(ZSTD_decompress(out, lines.len, frame->data, frame->len), lines.len);
    assert_memory_equal(out, lines.at, lines.len);
    assert_ok(archive_frame_get_index(span_of(frame->data + packed, ARCHIVE_INDEX_BYTES), &index));
    assert_int_equal(index.line_bytes, lines.len);
    assert_int_equal(index.frame_bytes, packed);
    assert_int_equal(index.records, frame->index.records);
    free(out);
}

static void packs_what_libzstd_unpacks(void **state)
{
    static const size_t sizes[] = {1, 2 * MIB, 100, 300000, 1, 2 * MIB};
    struct archive_zstd *z = NULL;
    struct archive_frame frame = {.index = {.records = 5}};
    char *lines = malloc(2 * MIB);

    (void)state;
    fill(lines, 2 * MIB);
    assert_ok(archive_zstd_new(1, 2 * MIB, &z));
    for (size_t i = 0; i < TEST_COUNT(sizes); i++) {
        assert_ok(archive_zstd_pack(z, span_of(lines, sizes[i]), &frame));
        assert_unpacks(&frame, span_of(lines, sizes[i]));
    }
    archive_frame_done(&frame);
    archive_zstd_free(z);
    free(lines);
}

/* A bit damaged anywhere is found by the checksum, or it was one that meant nothing. */
static void never_yields_other_lines(void **state)
{
    struct archive_zstd *z = NULL;
    struct archive_frame frame = {0};
    char lines[300];
    char out[300];

    (void)state;
    fill(lines, sizeof(lines));
    assert_ok(archive_zstd_new(1, sizeof(lines), &z));
    assert_ok(archive_zstd_pack(z, span_of(lines, sizeof(lines)), &frame));
    for (size_t i = 0; i < frame.index.frame_bytes; i++) {
        frame.data[i] ^= 1;
        size_t got = ZSTD_decompress(out, sizeof(out), frame.data, frame.index.frame_bytes);
        assert_true(ZSTD_isError(got) ||
                    (got == sizeof(lines) && memcmp(out, lines, sizeof(lines)) == 0));
        frame.data[i] ^= 1;
    }
    archive_frame_done(&frame);
    archive_zstd_free(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_missing_memory),
        cmocka_unit_test(packs_what_libzstd_unpacks),
        cmocka_unit_test(never_yields_other_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
