/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON view, read by jansson: memory that runs out, the keys people rely on, the law, lines of
 * logs with every kind of character. */
#include "ingestor/metrics_json.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <jansson.h>
#include <stdlib.h>

static struct metrics_view view; /* large */

static json_t *read_view(struct server *s)
{
    struct metrics_rates rates = {.logs_per_s = 12.5, .mb_per_s = 0.25, .latency_us = 85.1234};
    struct buf out = {0};
    json_error_t error;

    metrics_read(s, &view);
    assert_ok(metrics_json_render(&view, &rates, NULL, &out));
    assert_int_equal(span_find(buf_span(&out), '\n'), out.len);
    json_t *json = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(json);
    buf_done(&out);
    return json;
}

static json_int_t number(json_t *json, const char *object, const char *key)
{
    json_t *value = json_object_get(object == NULL ? json : json_object_get(json, object), key);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static err_t try_render(void *arg)
{
    struct metrics_rates rates = {0};
    struct buf out = {0};

    (void)arg;
    err_t err = metrics_json_render(&view, &rates, NULL, &out);
    assert_true(err == ERR_OK || out.len == 0);
    buf_done(&out);
    return err;
}

static void refuses_without_memory(void **state)
{
    struct server *s = fake_server_new(2);

    (void)state;
    fake_server_randomise(s, 1);
    metrics_read(s, &view);
    fail_alloc_walk(try_render, NULL);
    fake_server_free(s);
}

static void has_the_keys_of_the_go_ingestor(void **state)
{
    static const char *const reals[] = {"logs_per_sec", "mb_per_sec", "latency_us"};
    static const char *const counts[] = {"queue_length", "queue_max", "file_rotations", "dropped",
                                         "json",         "proto",     "avro",           "raw",
                                         "syslog",       "journald"};
    struct server *s = fake_server_new(2);
    json_t *json = read_view(s);

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(reals); i++) {
        assert_true(json_is_real(json_object_get(json, reals[i])));
    }
    for (size_t i = 0; i < TEST_COUNT(counts); i++) {
        assert_int_equal(number(json, NULL, counts[i]), 0);
    }
    assert_true(json_is_array(json_object_get(json_object_get(json, "samples"), "journald")));
    assert_true(json_real_value(json_object_get(json, "logs_per_sec")) == 12.5);
    assert_true(json_real_value(json_object_get(json, "latency_us")) == 85.123);
    json_decref(json);
    fake_server_free(s);
}

static void shows_what_was_counted(void **state)
{
    struct server *s = fake_server_new(2);

    (void)state;
    fake_server_archive(s, 0, FORMAT_SYSLOG, 100, 4);
    fake_server_reject(s, 1, FORMAT_JSON, REASON_BAD_UTF8, "{\"reason\":\"bad_utf8\"}");
    fake_server_drop(s, 1, FORMAT_JSON, DROP_SHUTDOWN, 5);
    s->archive.files_published = 3;
    s->archive.stalled = true;
    s->shards[0].queue_length = 6;
    s->shards[0].queue_max = 60;
    s->shards[1].queue_max = 40;
    json_t *json = read_view(s);

    assert_int_equal(number(json, NULL, "syslog"), 96);
    assert_int_equal(number(json, NULL, "dropped"), 5);
    assert_int_equal(number(json, NULL, "rejected"), 1);
    assert_int_equal(number(json, NULL, "queue_length"), 6);
    assert_int_equal(number(json, NULL, "queue_max"), 100);
    assert_int_equal(number(json, NULL, "file_rotations"), 3);
    assert_int_equal(number(json, "rejected_by_reason", "bad_utf8"), 1);
    assert_int_equal(number(json, "rejected_by_reason", "schema"), 0);
    assert_int_equal(number(json, "dropped_by_reason", "shutdown"), 5);
    assert_int_equal(number(json, "severities", "info"), 96);
    assert_int_equal(number(json, "totals", "in_flight"), 4);
    assert_int_equal(json_array_size(json_object_get(json, "shards")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "rejects")), 1);
    assert_string_equal(json_string_value(json_object_get(json, "state")), "stalled");
    assert_string_equal(json_string_value(json_object_get(json, "version")), CORDWOOD_VERSION);

    json_t *fixes = json_object_get(json, "reason_fixes");
    assert_int_equal(json_object_size(fixes), 1);
    assert_string_equal(json_string_value(json_object_get(fixes, "bad_utf8")),
                        reason_fix(REASON_BAD_UTF8));
    json_decref(json);
    fake_server_free(s);
}

static void shows_the_schemas_in_force(void **state)
{
    struct server *s = fake_server_new(1);

    (void)state;
    fake_server_type(s, "Order \"x\"", 4, 7, 2);
    s->schemas.registry = true;
    s->schemas.age_ns = 2 * NS_PER_S;
    s->schemas.ids = 7;
    s->schemas.ids_refused = 3;
    json_t *json = read_view(s);
    json_t *schemas = json_object_get(json, "schemas");
    json_t *type = json_array_get(json_object_get(schemas, "types"), 0);

    assert_true(json_is_true(json_object_get(schemas, "registry")));
    assert_true(json_is_false(json_object_get(schemas, "reachable")));
    assert_true(json_real_value(json_object_get(schemas, "age_s")) == 2.0);
    assert_string_equal(json_string_value(json_object_get(type, "type")), "Order \"x\"");
    assert_string_equal(json_string_value(json_object_get(type, "format")), "avro");
    assert_int_equal(number(schemas, NULL, "ids"), 7);
    assert_int_equal(number(schemas, NULL, "ids_refused"), 3);
    assert_int_equal(number(type, NULL, "id"), 104);
    assert_int_equal(number(type, NULL, "passed"), 7);
    assert_int_equal(number(type, NULL, "failed"), 2);
    json_decref(json);
    fake_server_free(s);
}

static void lists_files(void **state)
{
    struct server *s = fake_server_new(1);

    (void)state;
    s->open_file = (struct archive_open_file){
        .name = "rejected_0.open", .kind = ARCHIVE_REJECTED, .records = 3, .bytes_in = 30};
    s->published_file = (struct file_board_entry){
        .name = "log_0.zst", .records = 5, .bytes_out = 7, .closed_ns = NS_PER_S};
    json_t *json = read_view(s);
    json_t *files = json_object_get(json, "files");
    assert_int_equal(json_array_size(files), 2);
    json_t *open = json_array_get(files, 0);
    assert_string_equal(json_string_value(json_object_get(open, "state")), "open");
    assert_int_equal(number(open, NULL, "rejected"), 3);
    assert_int_equal(number(open, NULL, "records"), 0);
    assert_true(json_is_null(json_object_get(open, "closed")));
    json_t *published = json_array_get(files, 1);
    assert_string_equal(json_string_value(json_object_get(published, "state")), "published");
    assert_int_equal(number(published, NULL, "records"), 5);
    assert_string_equal(json_string_value(json_object_get(published, "closed")),
                        "1970-01-01T00:00:01.000Z");
    json_decref(json);
    fake_server_free(s);
}

static const char *listed(const json_t *json, size_t i, const char *key)
{
    return json_string_value(
        json_object_get(json_array_get(json_object_get(json, "schema_list"), i), key));
}

static void lists_the_schemas_and_their_registry(void **state)
{
    struct server *s = fake_server_new(1);

    (void)state;
    json_t *json = read_view(s);
    assert_true(json_is_null(json_object_get(json, "registry")));
    assert_int_equal(json_array_size(json_object_get(json, "schema_list")), 0);
    json_decref(json);

    fake_server_type(s, "Order", 1, 0, 0);
    fake_server_type(s, "Order", 2, 0, 0);
    fake_server_type(s, "Old", 3, 0, 0);
    s->schemas.types[1].version = 4;
    s->schemas.types[1].refused_version = 5;
    s->schemas.types[1].fetched_wall_ns = 1;
    s->schemas.types[2].pinned = true;
    s->schemas.registry = true;
    s->schemas.url = "http://me:hush@registry:8000";
    snprintf(s->schemas.why, sizeof(s->schemas.why), "no answer");
    json = read_view(s);
    assert_string_equal(listed(json, 0, "state"), "replaced");
    assert_string_equal(listed(json, 0, "why"), "version 4 is in use");
    assert_string_equal(listed(json, 1, "state"), "refused");
    assert_string_equal(listed(json, 1, "subject"), "Order-avro");
    assert_string_equal(listed(json, 2, "state"), "pinned");
    json_t *registry = json_object_get(json, "registry");
    assert_string_equal(json_string_value(json_object_get(registry, "url")),
                        "http://(hidden)@registry:8000");
    assert_string_equal(json_string_value(json_object_get(registry, "why")), "no answer");
    assert_true(json_is_false(json_object_get(registry, "reachable")));
    json_decref(json);
    fake_server_free(s);
}

static void keeps_the_law_as_a_reader_sees_it(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        struct server *s = fake_server_new(FAKE_SERVER_SHARDS);
        fake_server_randomise(s, seed);
        json_t *json = read_view(s);
        json_t *records = json_object_get(json, "records");
        json_int_t received = 0;
        assert_int_equal(json_object_size(records), FORMAT_COUNT);
        for (unsigned f = 0; f < FORMAT_COUNT; f++) {
            const char *name = format_name((enum format)f);
            assert_int_equal(number(records, name, "received"),
                             number(records, name, "archived") + number(records, name, "rejected") +
                                 number(records, name, "dropped") +
                                 number(records, name, "in_flight"));
            assert_int_equal(number(records, name, "archived"), number(json, NULL, name));
            received += number(records, name, "received");
        }
        assert_int_equal(number(json, "totals", "received"), received);
        json_decref(json);
        fake_server_free(s);
    }
}

static void carries_any_line(void **state)
{
    static const char line[] = "{\"m\":\"<script>\\u0001 \\\" \xC3\xBC \xE2\x80\xA8 \x7F\"}\t";
    char longest[SHARD_SAMPLE_BYTES + 1];
    struct server *s = fake_server_new(1);

    (void)state;
    memset(longest, '\\', SHARD_SAMPLE_BYTES);
    longest[SHARD_SAMPLE_BYTES] = '\0';
    fake_server_sample(s, 0, FORMAT_RAW, 1, longest);
    fake_server_sample(s, 0, FORMAT_RAW, 2, line);
    json_t *json = read_view(s);
    json_t *lines = json_object_get(json_object_get(json, "samples"), "raw");
    assert_int_equal(json_array_size(lines), 2);
    assert_string_equal(json_string_value(json_array_get(lines, 0)), line);
    assert_string_equal(json_string_value(json_array_get(lines, 1)), longest);
    json_t *peers = json_object_get(json_object_get(json, "sample_peers"), "raw");
    assert_int_equal(json_array_size(peers), 2);
    assert_string_equal(json_string_value(json_array_get(peers, 0)), "192.0.2.1:2");
    assert_string_equal(json_string_value(json_array_get(peers, 1)), "192.0.2.1:1");
    json_decref(json);
    fake_server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(has_the_keys_of_the_go_ingestor),
        cmocka_unit_test(shows_what_was_counted),
        cmocka_unit_test(shows_the_schemas_in_force),
        cmocka_unit_test(lists_the_schemas_and_their_registry),
        cmocka_unit_test(lists_files),
        cmocka_unit_test(keeps_the_law_as_a_reader_sees_it),
        cmocka_unit_test(carries_any_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
