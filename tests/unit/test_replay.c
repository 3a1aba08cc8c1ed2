/* SPDX-License-Identifier: Apache-2.0
 *
 * --replay over real zstd files: several frames, skippable ones, lines over frame borders, files
 * that are cut or broken, lines that are too long. */
#include "client/replay.h"

#include "base/limits.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define SKIPPABLE                      \
    "\x5c\x2a\x4d\x18\x03\x00\x00\x00" \
    "abc"

struct rig {
    char dir[TEMP_DIR_BYTES];
    char path[2][TEMP_DIR_BYTES + 16];
    struct option_strings paths;
    struct stop stop;
    struct replay replay;
    struct buf file;
    struct buf out;
};

static void rig_init(struct rig *r, uint32_t files)
{
    *r = (struct rig){0};
    temp_dir_make(r->dir);
    for (uint32_t i = 0; i < files; i++) {
        snprintf(r->path[i], sizeof(r->path[i]), "%s/%u.zst", r->dir, i);
        r->paths.at[r->paths.count++] = r->path[i];
    }
    assert_ok(stop_init(&r->stop));
}

static void rig_done(struct rig *r)
{
    stop_done(&r->stop);
    buf_done(&r->file);
    buf_done(&r->out);
    temp_dir_remove(r->dir);
}

/* Appends one zstd frame. */
static void add_frame(struct rig *r, struct span text)
{
    size_t bound = ZSTD_compressBound(text.len);

    assert_ok(buf_reserve(&r->file, bound));
    size_t len = ZSTD_compress(r->file.at + r->file.len, bound, text.at, text.len, 1);
    assert_false(ZSTD_isError(len));
    r->file.len += len;
}

static void write_file(struct rig *r, uint32_t number)
{
    FILE *file = fopen(r->path[number], "w");

    assert_non_null(file);
    assert_int_equal(fwrite(r->file.at, 1, r->file.len, file), r->file.len);
    assert_int_equal(fclose(file), 0);
    r->file.len = 0;
}

/* All frames, in batches of `count`. */
static void replay_all(struct rig *r, uint32_t count)
{
    const char *path = NULL;
    uint32_t n = 0;

    r->out.len = 0;
    assert_ok(replay_open(&r->replay, &r->paths, &r->stop, &path));
    do {
        assert_ok(replay_next(&r->replay, count, &r->out, &n));
        assert_true(n <= count);
    } while (n > 0);
    replay_close(&r->replay);
}

#define LINE(payload) "{\"format\":\"raw\",\"length\":1,\"payload\":\"" payload "\"}\n"

/* The output is raw frames of one letter each. */
static void check_out(const struct rig *r, const char *letters)
{
    assert_int_equal(r->out.len, 6 * strlen(letters));
    for (size_t i = 0; letters[i] != '\0'; i++) {
        assert_memory_equal(r->out.at + 6 * i, "\x04\0\0\0\x01", 5);
        assert_int_equal(r->out.at[6 * i + 5], letters[i]);
    }
}

static void lines_cross_frames_and_files(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 2);
    add_frame(&r, SPAN_LIT(LINE("a") "{\"format\":\"raw\",\"len"));
    assert_ok(buf_append(&r.file, SPAN_LIT(SKIPPABLE)));
    add_frame(&r, SPAN_LIT("gth\":1,\"payload\":\"b\"}\n"));
    add_frame(&r, SPAN_LIT(""));
    write_file(&r, 0);
    assert_ok(buf_append(&r.file, SPAN_LIT(SKIPPABLE)));
    add_frame(&r, SPAN_LIT("{\"format\":\"raw\",\"length\":1,\"payload\":\"c\"}")); /* no LF */
    write_file(&r, 1);
    for (uint32_t count = 1; count <= 4; count++) {
        replay_all(&r, count);
        check_out(&r, "abc");
        assert_int_equal(r.replay.counts[REPLAY_LINE_SEND], 3);
        assert_true(replay_complete(&r.replay));
    }
    rig_done(&r);
}

static void what_is_left_is_counted(void **state)
{
    struct rig r;
    const char *path = NULL;
    uint32_t n = 0;

    (void)state;
    rig_init(&r, 2);
    for (uint32_t i = 0; i < 2; i++) {
        add_frame(&r, SPAN_LIT(LINE("a") LINE("b")));
        write_file(&r, i);
    }
    assert_ok(replay_open(&r.replay, &r.paths, &r.stop, &path));
    assert_int_equal(replay_unread(&r.replay), 2);
    assert_ok(replay_next(&r.replay, 1, &r.out, &n));
    assert_int_equal(n, 1);
    stop_request(&r.stop);
    assert_ok(replay_next(&r.replay, 9, &r.out, &n));
    assert_int_equal(n, 0);
    assert_int_equal(replay_unread(&r.replay), 2);
    assert_false(replay_complete(&r.replay));
    replay_close(&r.replay);
    rig_done(&r);
}

static void what_is_not_sent_is_counted(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    add_frame(&r, SPAN_LIT("no JSON\n" LINE(
                      "a") "{\"format\":\"raw\",\"length\":9,\"payload\":\"x\"}\n"
                           "{\"format\":\"unknown\",\"length\":1,\"payload\":\"x\"}\n\n"
                           "{\"format\":\"raw\",\"length\":0,\"payload\":\"\"}\n"));
    write_file(&r, 0);
    replay_all(&r, 100);
    check_out(&r, "a");
    assert_int_equal(r.replay.counts[REPLAY_LINE_BAD], 2);
    assert_int_equal(r.replay.counts[REPLAY_LINE_CUT], 1);
    assert_int_equal(r.replay.counts[REPLAY_LINE_UNKNOWN], 1);
    assert_int_equal(r.replay.counts[REPLAY_LINE_EMPTY], 1);
    assert_false(replay_complete(&r.replay));
    rig_done(&r);
}

/* A file cut at every byte: what stood in whole frames before is sent, and the next file too. */
static void broken_files_end_early(void **state)
{
    struct rig r;
    struct buf whole = {0};

    (void)state;
    rig_init(&r, 2);
    add_frame(&r, SPAN_LIT(LINE("a")));
    size_t first = r.file.len;
    add_frame(&r, SPAN_LIT(LINE("b")));
    assert_ok(buf_append(&whole, buf_span(&r.file)));
    r.file.len = 0;
    add_frame(&r, SPAN_LIT(LINE("c")));
    write_file(&r, 1);
    for (size_t len = first + 1; len < whole.len; len++) {
        assert_ok(buf_append(&r.file, span_head(buf_span(&whole), len)));
        write_file(&r, 0);
        replay_all(&r, 100);
        assert_int_equal(r.replay.broken, 1);
        assert_false(replay_complete(&r.replay));
        check_out(&r, r.out.len == 18 ? "abc" : "ac");
    }
    assert_ok(buf_append(&r.file, SPAN_LIT("this is no zstd at all")));
    write_file(&r, 0);
    replay_all(&r, 100);
    assert_int_equal(r.replay.broken, 1);
    check_out(&r, "c");
    buf_done(&whole);
    rig_done(&r);
}

static void long_lines_are_skipped(void **state)
{
    struct rig r;
    size_t len = 3 * (size_t)REPLAY_LINE_BYTES_MAX;
    char *text = malloc(len);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', len);
    rig_init(&r, 1);
    add_frame(&r, span_of(text, len));
    add_frame(&r, SPAN_LIT("\n" LINE("a")));
    add_frame(&r, span_of(text, len)); /* the end of the file ends it */
    write_file(&r, 0);
    replay_all(&r, 100);
    check_out(&r, "a");
    assert_int_equal(r.replay.counts[REPLAY_LINE_BAD], 2);
    free(text);
    rig_done(&r);
}

static void missing_files_are_named(void **state)
{
    struct rig r;
    const char *path = NULL;

    (void)state;
    rig_init(&r, 2);
    add_frame(&r, SPAN_LIT(LINE("a")));
    write_file(&r, 0);
    assert_err(replay_open(&r.replay, &r.paths, &r.stop, &path), ERR_IO);
    assert_ptr_equal(path, r.path[1]);
    rig_done(&r);
}

static void the_wish_to_stop_ends_it(void **state)
{
    struct rig r;
    const char *path = NULL;
    uint32_t n = 7;

    (void)state;
    rig_init(&r, 1);
    add_frame(&r, SPAN_LIT(LINE("a")));
    write_file(&r, 0);
    assert_ok(replay_open(&r.replay, &r.paths, &r.stop, &path));
    stop_request(&r.stop);
    assert_ok(replay_next(&r.replay, 1, &r.out, &n));
    assert_int_equal(n, 0);
    replay_close(&r.replay);
    rig_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_files_are_named),  cmocka_unit_test(broken_files_end_early),
        cmocka_unit_test(what_is_left_is_counted),  cmocka_unit_test(what_is_not_sent_is_counted),
        cmocka_unit_test(long_lines_are_skipped),   cmocka_unit_test(lines_cross_frames_and_files),
        cmocka_unit_test(the_wish_to_stop_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
