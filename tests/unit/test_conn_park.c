/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection that brings the id of a schema that is not known yet: it waits before that record,
 * goes on when the schema is there, and gives up when it has waited long enough. */
#include "ingestor/conn.h"
#include "tests/support/builtin_schemas.h"
#include "tests/support/fake_archive.h"
#include "tests/support/test.h"
#include "tests/support/transport_script.h"

#include <stdlib.h>
#include <unistd.h>

#define RECEIVED_NS 1795234305000000000ull
#define START_NS    1000u
#define ENTRY(message)                                                                        \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"info\",\"message\":\"" message "\"," \
    "\"service\":\"s\"}" /* 78 bytes and the message */
#define PLAIN(message)     "\x01\x00\x00\x00\x4f" ENTRY(message)
#define OF_ID(id, message) "\x01\x00\x00\x00\x54\x00\x00\x00\x00" id ENTRY(message)
#define LINE(message)                                                                         \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"" message "\"," \
    "\"service\":\"s\"}\n"

struct fixture {
    struct archive archive;
    struct schema_cache *cache;
    struct intake intake;
    struct refusal_table refusals;
    struct buf scratch;
    struct conn_env env;
    struct transport_script script;
    struct conn *conn;
    struct schema_set_id known; /* id 7, once it is there */
    struct schema_set before;
    struct schema_set later; /* … in this set */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->cache = builtin_schemas_new();
    struct intake_config config = {.archive = &f->archive,
                                   .schemas = f->cache,
                                   .render = render_find(SPAN_LIT("jsonl")),
                                   .record_bytes_max = 4096,
                                   .message_bytes_max = 1024};
    fake_archive_init(&f->archive, RENDER_LINE_BYTES_MAX(REJECT_KEEP_BYTES));
    assert_ok(intake_init(&f->intake, &config));
    f->env = (struct conn_env){.intake = &f->intake,
                               .refusals = &f->refusals,
                               .scratch = &f->scratch,
                               .held_bytes_max = 1u << 20};
    f->before = *f->intake.env.payload.schemas;
    f->before.ids_are_all = false; /* as with a registry */
    f->intake.env.payload.schemas = &f->before;
    f->later = f->before;
    f->later.generation++;
    f->known = (struct schema_set_id){.id = 7, .type = f->later.entry};
    f->later.ids = &f->known;
    f->later.id_count = 1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    conn_free(f->conn, &f->env);
    intake_done(&f->intake);
    fake_archive_done(&f->archive);
    schema_cache_free(f->cache);
    buf_done(&f->scratch);
    free(f);
    return 0;
}

static void connect_to(struct fixture *f, const struct script_step *steps, size_t count)
{
    struct addr peer;

    transport_script_init(&f->script, steps, count);
    assert_ok(addr_parse("192.0.2.7", 4242, &peer));
    assert_ok(conn_new(dup(STDERR_FILENO), &peer, &f->script.base, &f->conn));
    f->conn->stage = CONN_STAGE_SNIFF;
}

static enum conn_verdict serve_at(struct fixture *f, uint64_t mono_ns,
                                  enum shard_conn_result *ret_result)
{
    f->intake.turn_mono_ns = mono_ns;
    f->intake.turn_wall_ns = RECEIVED_NS;
    f->intake.env.payload.mono_ns = mono_ns;
    batch_reset(f->intake.batch, RECEIVED_NS);
    return conn_serve(f->conn, &f->env, ret_result);
}

static void assert_lines(struct fixture *f, const char *want)
{
    test_assert_span(buf_span(&f->archive.lines[ARCHIVE_LOG]), want);
}

static const struct script_step steps[] = {
    {SCRIPT_BYTES, SPAN_LIT(PLAIN("a") OF_ID("\x07", "b") PLAIN("c"))},
    {SCRIPT_EOF, {0}},
};

static void goes_on_when_the_schema_is_there(void **state)
{
    struct fixture *f = *state;
    enum shard_conn_result result = CONN_RESULT_COUNT;

    connect_to(f, steps, TEST_COUNT(steps));
    assert_int_equal(serve_at(f, START_NS, &result), CONN_PARK);
    assert_lines(f, LINE("a"));
    assert_int_equal(serve_at(f, START_NS + SCHEMA_CACHE_WAIT_NS - 1, &result), CONN_PARK);
    f->intake.env.payload.schemas = &f->later;
    assert_int_equal(serve_at(f, START_NS + SCHEMA_CACHE_WAIT_NS - 1, &result), CONN_OVER);
    assert_int_equal(result, CONN_ENDED);
    assert_lines(f, LINE("a") LINE("b") LINE("c"));
    assert_int_equal(f->archive.lines[ARCHIVE_REJECTED].len, 0);
}

static void gives_up_after_a_while(void **state)
{
    struct fixture *f = *state;
    enum shard_conn_result result = CONN_RESULT_COUNT;

    connect_to(f, steps, TEST_COUNT(steps));
    assert_int_equal(serve_at(f, START_NS, &result), CONN_PARK);
    assert_int_equal(serve_at(f, START_NS + SCHEMA_CACHE_WAIT_NS, &result), CONN_OVER);
    assert_lines(f, LINE("a") LINE("c"));
    assert_int_equal(f->intake.stats->received[FORMAT_JSON], 3);
    assert_non_null(strstr(f->archive.lines[ARCHIVE_REJECTED].at, "\"reason\":\"schema\""));
}

static void waits_for_each_id_anew(void **state)
{
    static const struct script_step two[] = {
        {SCRIPT_BYTES, SPAN_LIT(OF_ID("\x07", "a") OF_ID("\x08", "b"))},
        {SCRIPT_EOF, {0}},
    };
    struct fixture *f = *state;
    enum shard_conn_result result = CONN_RESULT_COUNT;

    connect_to(f, two, TEST_COUNT(two));
    assert_int_equal(serve_at(f, START_NS, &result), CONN_PARK);
    assert_int_equal(serve_at(f, START_NS + SCHEMA_CACHE_WAIT_NS, &result), CONN_PARK);
    assert_int_equal(f->conn->parked_for_id, 8);
    assert_int_equal(serve_at(f, START_NS + 2 * SCHEMA_CACHE_WAIT_NS, &result), CONN_OVER);
    assert_int_equal(f->intake.stats->received[FORMAT_JSON], 2);
    assert_int_equal(f->archive.lines[ARCHIVE_LOG].len, 0);
}

static void takes_no_for_an_answer(void **state)
{
    struct fixture *f = *state;
    enum shard_conn_result result = CONN_RESULT_COUNT;

    connect_to(f, steps, TEST_COUNT(steps));
    f->known = (struct schema_set_id){.id = 7, .until_mono_ns = START_NS + 1};
    f->intake.env.payload.schemas = &f->later;
    assert_int_equal(serve_at(f, START_NS, &result), CONN_OVER);
    assert_lines(f, LINE("a") LINE("c"));
}

static void waits_no_more_at_the_end(void **state)
{
    struct fixture *f = *state;
    enum shard_conn_result result = CONN_RESULT_COUNT;

    connect_to(f, steps, TEST_COUNT(steps));
    assert_int_equal(serve_at(f, START_NS, &result), CONN_PARK);
    assert_true(conn_end(f->conn, &f->env, FRAME_END_CUT));
    assert_lines(f, LINE("a") LINE("c"));
    assert_int_equal(f->intake.stats->received[FORMAT_JSON], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_on_when_the_schema_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(gives_up_after_a_while, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_for_each_id_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_no_for_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(waits_no_more_at_the_end, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
