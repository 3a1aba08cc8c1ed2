/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as NAME.open: what the scan calls good decompresses fully by libzstd's own one-shot
 * call, is whole lines, and sums up to what the scan says; what is salvaged of the rest becomes
 * valid text of one line. */
#include "archive/archive_json.h"
#include "archive/archive_recover.h"
#include "archive/archive_scan.h"
#include "base/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#define RESYNC_MAX     8u
#define LINE_MAX_BYTES 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t count_lines(struct span lines)
{
    uint64_t count = 0;

    for (size_t at = span_find(lines, '\n'); at < lines.len; at = span_find(lines, '\n')) {
        lines = span_skip(lines, at + 1);
        count++;
    }
    return count;
}

/* Decompresses one frame of the good part; returns its bytes in the file. */
static size_t check_frame(struct span file, size_t content_max, uint64_t *line_bytes,
                          uint64_t *lines)
{
    size_t bytes = ZSTD_findFrameCompressedSize(file.at, file.len);
    assert(!ZSTD_isError(bytes));
    char *content = malloc(content_max + 1);
    assert(content != NULL);
    size_t len = ZSTD_decompress(content, content_max, file.at, bytes);
    assert(!ZSTD_isError(len));
    assert(len == 0 || content[len - 1] == '\n'); /* index frames are empty */
    *line_bytes += len;
    *lines += count_lines(span_of(content, len));
    free(content);
    return bytes;
}

static void check_good_part(struct span good, const struct archive_recover_scan *scan)
{
    uint64_t line_bytes = 0;
    uint64_t lines = 0;

    while (good.len > 0) {
        good = span_skip(good, check_frame(good, (size_t)scan->line_bytes, &line_bytes, &lines));
    }
    assert(line_bytes == scan->line_bytes);
    assert(scan->records <= lines && lines <= scan->records + scan->frames);
    assert(scan->small_frames <= scan->frames);
}

static void check_salvage(struct span lines)
{
    char text[ARCHIVE_JSON_STRING_MAX(LINE_MAX_BYTES)];

    while (lines.len > 0) {
        size_t len = span_find(lines, '\n');
        assert(len < lines.len);
        size_t bytes = archive_json_string(span_head(span_head(lines, len), LINE_MAX_BYTES), text);
        for (size_t i = 0; i < bytes; i++) {
            assert((unsigned char)text[i] >= 0x20 && text[i] != 0x7F);
        }
        lines = span_skip(lines, len + 1);
    }
}

static void salvage(struct span file)
{
    const struct archive_scan_source source = {.bytes = file};
    struct archive_scan *scan = NULL;
    struct archive_scan_frame frame;
    err_t err = archive_scan_new(&source, &scan);

    assert(err == ERR_OK);
    for (unsigned i = 0; i < RESYNC_MAX && err != ERR_EOF; i++) {
        while ((err = archive_scan_next(scan, &frame)) == ERR_OK) {
            check_salvage(frame.lines);
        }
        if (err == ERR_SYNTAX) {
            check_salvage(archive_scan_partial(scan));
            err = archive_scan_resync(scan);
        }
        assert(err == ERR_OK || err == ERR_EOF);
    }
    archive_scan_free(scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct archive_recover_scan scan;
    char *copy = malloc(size + SPAN_SLACK_BYTES);

    assert(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    archive_recover_scan(span_of(copy, size), &scan);
    assert(scan.good_bytes <= size);
    check_good_part(span_of(copy, scan.good_bytes), &scan);
    salvage(span_of(copy, size));
    free(copy);
    return 0;
}
