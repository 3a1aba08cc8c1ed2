/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection over a scripted transport: the same lines and rejects however the stream is cut
 * and however often the archive has no room; and the right end for every kind of end. */
#include "ingestor/conn.h"
#include "tests/support/builtin_schemas.h"
#include "tests/support/conn_rows.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_archive.h"
#include "tests/support/test.h"
#include "tests/support/transport_script.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORD_BYTES_MAX  CONN_ROWS_RECORD_BYTES_MAX
#define MESSAGE_BYTES_MAX 1024u
#define RECEIVED_NS       1795234305000000000ull
#define STEPS_MAX         16384u

/* A good frame. */
#define FRAME_JSON                                                                  \
    "\x01\x00\x00\x00\x4f"                                                          \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"info\",\"message\":\"m\"," \
    "\"service\":\"s\"}"

struct fixture {
    struct archive archive;
    struct schema_cache *schemas;
    struct intake intake;
    struct refusal_table refusals;
    struct buf scratch;
    struct conn_env env;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct schema_cache *schemas = builtin_schemas_new();
    struct intake_config config = {.archive = &f->archive,
                                   .schemas = schemas,
                                   .render = render_find(SPAN_LIT("jsonl")),
                                   .record_bytes_max = RECORD_BYTES_MAX,
                                   .message_bytes_max = MESSAGE_BYTES_MAX};

    assert_non_null(f);
    f->schemas = schemas;
    fake_archive_init(&f->archive, RENDER_LINE_BYTES_MAX(REJECT_KEEP_BYTES));
    assert_ok(intake_init(&f->intake, &config));
    f->env = (struct conn_env){.intake = &f->intake,
                               .refusals = &f->refusals,
                               .scratch = &f->scratch,
                               .held_bytes_max = 1u << 20};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    intake_done(&f->intake);
    schema_cache_free(f->schemas);
    fake_archive_done(&f->archive);
    buf_done(&f->scratch);
    free(f);
    return 0;
}

/* A turn at a fixed time, so that lines with a default time are the same each run. */
static void begin_turn(struct fixture *f)
{
    f->intake.turn_mono_ns = 1;
    f->intake.turn_wall_ns = RECEIVED_NS;
    batch_reset(f->intake.batch, RECEIVED_NS);
}

struct outcome {
    enum shard_conn_result result;
    unsigned turns;
};

/* Serves the connection until it is over; it must be over within a bounded number of turns. */
static struct outcome serve_to_end(struct fixture *f, struct conn *c)
{
    struct outcome o = {.result = CONN_RESULT_COUNT};

    for (o.turns = 0; o.turns < 100000; o.turns++) {
        begin_turn(f);
        if (conn_serve(c, &f->env, &o.result) == CONN_OVER) {
            return o;
        }
    }
    fail_msg("the connection never ends");
    return o;
}

static struct outcome run_steps(struct fixture *f, const struct script_step *steps, size_t count)
{
    struct transport_script script;
    struct addr peer;
    struct conn *c = NULL;

    transport_script_init(&script, steps, count);
    assert_ok(addr_parse("192.0.2.7", 4242, &peer));
    assert_ok(conn_new(dup(STDERR_FILENO), &peer, &script.base, &c));
    c->stage = CONN_STAGE_SNIFF;
    struct outcome o = serve_to_end(f, c);
    conn_free(c, &f->env);
    assert_int_equal(f->env.held_bytes, 0);
    return o;
}

/* The stream in pieces of `piece` bytes after a first one of `first`, with a moment without bytes
 * after each, then the end. */
static struct outcome run_cut(struct fixture *f, struct span stream, size_t first, size_t piece,
                              enum script_step_kind end)
{
    static struct script_step steps[STEPS_MAX];
    size_t count = 0;

    for (size_t take = first > 0 ? first : piece; stream.len > 0; take = piece) {
        struct span head = span_head(stream, take);
        assert_true(count + 3 < STEPS_MAX);
        steps[count++] = (struct script_step){SCRIPT_BYTES, head};
        steps[count++] = (struct script_step){SCRIPT_AGAIN, {0}};
        stream = span_skip(stream, head.len);
    }
    steps[count++] = (struct script_step){end, {0}};
    return run_steps(f, steps, count);
}

static unsigned count_lines(const struct buf *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < b->len; i++) {
        count += b->at[i] == '\n';
    }
    return count;
}

/* Everything that came out, rejects behind the lines. */
static char *transcript(struct fixture *f)
{
    struct buf all = {0};

    assert_ok(buf_append(&all, buf_span(&f->archive.lines[ARCHIVE_LOG])));
    assert_ok(buf_append(&all, SPAN_LIT("--\n")));
    assert_ok(buf_append(&all, buf_span(&f->archive.lines[ARCHIVE_REJECTED])));
    assert_ok(buf_append(&all, span_of("", 1)));
    fake_archive_reset(&f->archive);
    return all.at;
}

static void check_same(struct fixture *f, const struct conn_row *v, const char *want, size_t first)
{
    char *got = transcript(f);

    if (strcmp(got, want) != 0) {
        fail_msg("%s, first piece %zu:\n%s\ninstead of\n%s", v->name, first, got, want);
    }
    free(got);
}

/* An unknown stream is judged by what had arrived: its reject says how much that was. */
static bool is_cut_dependent(const struct conn_row *v)
{
    return v->result == CONN_UNKNOWN_FORMAT || v->result == CONN_BAD_FRAME;
}

static void yields_what_the_stream_holds(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < conn_rows_count; i++) {
        const struct conn_row *v = &conn_rows[i];
        struct outcome o = run_cut(f, v->stream, 0, 1u << 16, SCRIPT_EOF);
        unsigned lines = count_lines(&f->archive.lines[ARCHIVE_LOG]);
        unsigned rejects = count_lines(&f->archive.lines[ARCHIVE_REJECTED]);
        char *text = transcript(f);
        if (o.result != v->result || lines != v->lines || rejects != v->rejects) {
            fail_msg("%s: result %s, %u lines, %u rejects\n%s", v->name,
                     shard_stats_result_label(o.result), lines, rejects, text);
        }
        free(text);
    }
}

static size_t same_bytes(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] != '\0' && a[n] == b[n]) {
        n++;
    }
    return n;
}

/* The last reject of a stream that is not understood: the same stream, peer, reason and detail; of
 * the bytes as many as had arrived, from the same place on. */
static bool same_but_for_its_end(const char *got, const char *want)
{
    static const char length[] = "\"length\":";
    size_t same = same_bytes(got, want);
    const char *got_length = strstr(got, length);
    const char *want_length = strstr(want, length);
    const char *got_payload = got_length == NULL ? NULL : strstr(got_length, "\"payload");
    const char *want_payload = want_length == NULL ? NULL : strstr(want_length, "\"payload");

    if (got_payload == NULL || want_payload == NULL ||
        same < (size_t)(got_length - got) + strlen(length)) {
        return false;
    }
    unsigned long bytes = strtoul(got_length + strlen(length), NULL, 10);
    if (bytes == 0 || bytes > strtoul(want_length + strlen(length), NULL, 10)) {
        return false;
    }
    size_t tail = strlen("AA==\"}\n"); /* base64 may end in another way earlier */
    return same_bytes(got_payload, want_payload) + tail >= strlen(got_payload);
}

/* Compares with `want`, what came out of the same stream uncut. */
static void check_cut(struct fixture *f, const struct conn_row *v, const char *want, size_t first)
{
    char *got = transcript(f);
    size_t same = same_bytes(got, want);
    bool equal = strcmp(got, want) == 0;

    if (!equal && is_cut_dependent(v)) {
        while (same > 0 && want[same - 1] != '\n') {
            same--;
        }
        const char *rest = strchr(want + same, '\n');
        equal = rest != NULL && rest[1] == '\0' && same_but_for_its_end(got + same, want + same);
    }
    if (!equal) {
        fail_msg("%s, first piece %zu:\n%s\ninstead of\n%s", v->name, first, got, want);
    }
    free(got);
}

#define ALL_PIECES_BYTES 100u /* a stream up to this is cut into pieces of every size */

/* Every first piece, with the rest at once and byte by byte; short streams in every other way that
 * has pieces of one size behind the first. */
static void check_all_cuts(struct fixture *f, const struct conn_row *v)
{
    assert_int_equal(run_cut(f, v->stream, 0, 1u << 16, SCRIPT_EOF).result, v->result);
    char *want = transcript(f);
    bool is_short = v->stream.len <= ALL_PIECES_BYTES;

    for (size_t first = 0; first < v->stream.len; first++) {
        assert_int_equal(run_cut(f, v->stream, first, 1u << 16, SCRIPT_EOF).result, v->result);
        check_cut(f, v, want, first);
        for (size_t piece = 1; is_short && piece < v->stream.len - first; piece++) {
            assert_int_equal(run_cut(f, v->stream, first, piece, SCRIPT_EOF).result, v->result);
            check_cut(f, v, want, first);
        }
    }
    assert_int_equal(run_cut(f, v->stream, 0, 1, SCRIPT_EOF).result, v->result);
    check_cut(f, v, want, 0);
    free(want);
}

static void yields_the_same_at_every_split_point(void **state)
{
    for (size_t i = 0; i < conn_rows_count; i++) {
        check_all_cuts(*state, &conn_rows[i]);
    }
}

/* The corpus of the fuzz target: what comes out uncut is what must come out. */
static void yields_the_same_for_every_cut_of_the_corpus(void **state)
{
    struct fixture *f = *state;
    DIR *dir = opendir(CONN_VECTORS);
    unsigned count = 0;

    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        static char bytes[RECORD_BYTES_MAX * 2];
        char path[512];
        if (e->d_type != DT_REG) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", CONN_VECTORS, e->d_name);
        FILE *file = fopen(path, "rbe");
        assert_non_null(file);
        struct conn_row v = {.name = e->d_name, .stream = span_of(bytes, 0)};
        v.stream.len = fread(bytes, 1, sizeof(bytes), file);
        assert_true(v.stream.len < sizeof(bytes));
        fclose(file);
        v.result = run_cut(f, v.stream, 0, 1u << 16, SCRIPT_EOF).result;
        fake_archive_reset(&f->archive);
        check_all_cuts(f, &v);
        count++;
    }
    closedir(dir);
    assert_true(count >= 15);
}

/* The archive says no in the middle of a buffer; later, without a single new byte, it goes on. */
static void goes_on_after_a_pause_without_new_bytes(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < conn_rows_count; i++) {
        const struct conn_row *v = &conn_rows[i];
        assert_int_equal(run_cut(f, v->stream, 0, 1u << 16, SCRIPT_EOF).result, v->result);
        char *want = transcript(f);
        for (unsigned every = 3; every < 8; every++) {
            f->archive.refuse_every = every;
            assert_int_equal(run_cut(f, v->stream, 0, 1u << 16, SCRIPT_EOF).result, v->result);
            f->archive.refuse_every = 0;
            check_same(f, v, want, every);
        }
        free(want);
    }
}

/* A buffer with more records than a batch holds, and reads larger than a turn's share. */
static void takes_any_number_of_records_from_one_read(void **state)
{
    struct fixture *f = *state;
    struct buf stream = {0};

    for (unsigned i = 0; i < 5 * BATCH_ITEMS_MAX + 3; i++) {
        assert_ok(buf_append(&stream, SPAN_LIT(FRAME_JSON)));
    }
    for (unsigned every = 0; every < 6; every += 3) {
        f->archive.refuse_every = every;
        assert_int_equal(run_cut(f, buf_span(&stream), 0, 1u << 20, SCRIPT_EOF).result, CONN_ENDED);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 5 * BATCH_ITEMS_MAX + 3);
        fake_archive_reset(&f->archive);
    }
    f->archive.refuse_every = 0;
    buf_done(&stream);
}

static void truncates_a_last_line_only_after_a_bad_end(void **state)
{
    static const struct {
        enum script_step_kind end;
        enum shard_conn_result result;
        unsigned lines;
        unsigned rejects;
    } ends[] = {
        {SCRIPT_EOF, CONN_ENDED, 2, 0},
        {SCRIPT_RESET, CONN_RESET, 1, 1},
        {SCRIPT_GARBAGE, CONN_TLS_ERROR, 1, 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < TEST_COUNT(ends); i++) {
        struct outcome o = run_cut(f, SPAN_LIT("whole\nhalf"), 3, 4, ends[i].end);
        assert_int_equal(o.result, ends[i].result);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), ends[i].lines);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), ends[i].rejects);
        fake_archive_reset(&f->archive);
    }
}

/* A large record in small pieces is read behind its tail, a small one through the scratch
 * buffer. */
static void takes_a_record_of_the_largest_size_in_small_pieces(void **state)
{
    struct fixture *f = *state;
    struct buf stream = {0};

    assert_ok(buf_reserve(&stream, RECORD_BYTES_MAX + 16));
    memset(stream.at, 'x', RECORD_BYTES_MAX);
    stream.len = RECORD_BYTES_MAX;
    assert_ok(buf_append(&stream, SPAN_LIT("\nnext\n")));
    assert_int_equal(run_cut(f, buf_span(&stream), 0, 7, SCRIPT_EOF).result, CONN_ENDED);
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 2);
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), 0);
    fake_archive_reset(&f->archive);
    buf_done(&stream);
}

/* Rejected records beyond the quota are counted, not kept. */
static void counts_rejects_that_are_not_kept(void **state)
{
    struct fixture *f = *state;
    uint64_t before = f->intake.stats->rejected_not_kept;

    f->archive.keeps_rejected = false;
    assert_int_equal(run_cut(f, SPAN_LIT("{]\n{]\n"), 0, 100, SCRIPT_EOF).result, CONN_ENDED);
    assert_int_equal(f->archive.lines[ARCHIVE_REJECTED].len, 0);
    assert_int_equal(f->intake.stats->rejected_not_kept, before + 2);
    f->archive.keeps_rejected = true;
    fake_archive_reset(&f->archive);
}

static void hold(struct fixture *f, struct conn *c, size_t bytes)
{
    assert_ok(buf_reserve(&c->tail, bytes));
    memset(c->tail.at, 'x', bytes);
    c->tail.len = bytes;
    f->env.held_bytes += c->tail.cap;
}

/* Above the memory limit connections with a large partial record wait, but for one of them; when it
 * has come to its end, or goes, the next one is favoured. */
static void pauses_all_large_partial_records_but_one_when_memory_is_short(void **state)
{
    struct fixture *f = *state;
    struct script_step quiet[] = {{SCRIPT_AGAIN, {0}}};
    struct script_step ends[] = {{SCRIPT_BYTES, {"\n", 1}}, {SCRIPT_AGAIN, {0}}};
    struct transport_script scripts[3];
    enum shard_conn_result result = CONN_ENDED;
    struct addr peer;
    struct conn *c[3] = {NULL};

    assert_ok(addr_parse("::1", 1, &peer));
    f->intake.env.record_bytes_max = 1u << 20;
    for (unsigned i = 0; i < 3; i++) {
        transport_script_init(&scripts[i], i == 0 ? ends : quiet, i == 0 ? 2 : 1);
        assert_ok(conn_new(dup(STDERR_FILENO), &peer, &scripts[i].base, &c[i]));
        c[i]->stage = CONN_STAGE_STREAM;
        proto_start(&c[i]->proto, &f->intake.env, SNIFF_RAW);
    }
    f->intake.env.record_bytes_max = RECORD_BYTES_MAX;
    f->env.held_bytes += 2u << 20;
    begin_turn(f);
    assert_int_equal(conn_serve(c[2], &f->env, &result), CONN_WAIT); /* a small one */
    for (unsigned i = 0; i < 3; i++) {
        hold(f, c[i], CONN_TAIL_LARGE_BYTES);
    }
    f->env.favoured = c[0];
    assert_int_equal(conn_serve(c[1], &f->env, &result), CONN_PAUSE);
    assert_int_equal(conn_serve(c[0], &f->env, &result), CONN_WAIT);
    assert_null(f->env.favoured); /* its record is archived, and its memory given back */
    assert_int_equal(conn_serve(c[1], &f->env, &result), CONN_WAIT);
    assert_ptr_equal(f->env.favoured, c[1]);
    assert_int_equal(conn_serve(c[2], &f->env, &result), CONN_PAUSE);
    conn_free(c[1], &f->env);
    assert_null(f->env.favoured);
    conn_free(c[2], &f->env);
    conn_free(c[0], &f->env);
    f->env.held_bytes -= 2u << 20;
    assert_int_equal(f->env.held_bytes, 0);
    fake_archive_reset(&f->archive);
}

/* What was read is there even if it cannot be kept in memory of its own: whole records that had to
 * wait are archived later, and a partial one is truncated when the connection ends for it. */
static void loses_nothing_it_has_read_without_memory(void **state)
{
    static const struct script_step steps[] = {
        {SCRIPT_BYTES, SPAN_LIT(FRAME_JSON FRAME_JSON "\x01\x00\x00\x00\x4f{\"time")},
        {SCRIPT_AGAIN, {0}},
        {SCRIPT_RESET, {0}}};
    struct fixture *f = *state;

    for (unsigned every = 0; every < 4; every += 3) {
        struct outcome o;
        struct transport_script script;
        struct addr peer;
        struct conn *c = NULL;
        transport_script_init(&script, steps, TEST_COUNT(steps));
        assert_ok(addr_parse("192.0.2.7", 4242, &peer));
        assert_ok(conn_new(dup(STDERR_FILENO), &peer, &script.base, &c));
        c->stage = CONN_STAGE_SNIFF;
        buf_done(&f->scratch);
        assert_ok(buf_reserve(&f->scratch, 1u << 17));
        for (unsigned kind = 0; kind < ARCHIVE_KIND_COUNT; kind++) {
            assert_ok(buf_reserve(&f->archive.lines[kind], 1u << 16));
        }
        f->archive.refuse_every = every;
        fail_alloc_from(0);
        o = serve_to_end(f, c);
        assert_true(fail_alloc_end());
        f->archive.refuse_every = 0;
        conn_free(c, &f->env);
        assert_int_equal(f->env.held_bytes, 0);
        assert_int_equal(o.result, CONN_RESET);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 2);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), 1);
        fake_archive_reset(&f->archive);
    }
}

/* A large record that has gone leaves no large buffer behind; what a quiet connection holds of one
 * is what has come of it. */
static void gives_memory_back_behind_a_large_record(void **state)
{
    struct fixture *f = *state;
    static char large[RECORD_BYTES_MAX * 40];
    struct script_step steps[] = {{SCRIPT_BYTES, {large, sizeof(large)}},
                                  {SCRIPT_AGAIN, {0}},
                                  {SCRIPT_BYTES, {"\nnext", 5}},
                                  {SCRIPT_AGAIN, {0}}};
    struct transport_script script;
    enum shard_conn_result result = CONN_ENDED;
    struct addr peer;
    struct conn *c = NULL;

    memset(large, 'x', sizeof(large));
    f->intake.env.record_bytes_max = 2 * sizeof(large); /* only the framing asks */
    transport_script_init(&script, steps, TEST_COUNT(steps));
    assert_ok(addr_parse("::1", 1, &peer));
    assert_ok(conn_new(dup(STDERR_FILENO), &peer, &script.base, &c));
    c->stage = CONN_STAGE_SNIFF;
    begin_turn(f);
    while (conn_serve(c, &f->env, &result) != CONN_WAIT) {
    }
    assert_int_equal(c->tail.len, sizeof(large));
    assert_int_equal(f->env.held_bytes, c->tail.cap);
    conn_trim(c, &f->env);
    assert_int_equal(c->tail.cap, sizeof(large));
    assert_int_equal(f->env.held_bytes, sizeof(large));
    f->intake.env.record_bytes_max = RECORD_BYTES_MAX; /* it is too large now, and cut there */
    while (conn_serve(c, &f->env, &result) != CONN_WAIT) {
    }
    assert_true(c->tail.cap <= 64u << 10);
    assert_int_equal(f->env.held_bytes, c->tail.cap);
    conn_free(c, &f->env);
    assert_int_equal(f->env.held_bytes, 0);
    fake_archive_reset(&f->archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yields_what_the_stream_holds),
        cmocka_unit_test(yields_the_same_at_every_split_point),
        cmocka_unit_test(yields_the_same_for_every_cut_of_the_corpus),
        cmocka_unit_test(goes_on_after_a_pause_without_new_bytes),
        cmocka_unit_test(takes_any_number_of_records_from_one_read),
        cmocka_unit_test(truncates_a_last_line_only_after_a_bad_end),
        cmocka_unit_test(takes_a_record_of_the_largest_size_in_small_pieces),
        cmocka_unit_test(counts_rejects_that_are_not_kept),
        cmocka_unit_test(loses_nothing_it_has_read_without_memory),
        cmocka_unit_test(gives_memory_back_behind_a_large_record),
        cmocka_unit_test(pauses_all_large_partial_records_but_one_when_memory_is_short),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
