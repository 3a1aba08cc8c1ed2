/* SPDX-License-Identifier: Apache-2.0
 *
 * The senders' members of the JSON view, with nothing and with something to tell. */
#include "ingestor/senders_json.h"

#include "ingestor/sniff.h"
#include "tests/support/test.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *render(const struct shard_stats *sum)
{
    struct buf out = {0};
    struct json_put j = {.out = &out, .err = ERR_OK};

    json_put_object(&j, NULL);
    senders_json_put(&j, sum);
    json_put_object_end(&j);
    assert_ok(j.err);
    json_t *all = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(all);
    buf_done(&out);
    return all;
}

static const json_t *first(const json_t *all, const char *key)
{
    return json_array_get(json_object_get(all, key), 0);
}

static void assert_text(const json_t *object, const char *key, const char *expected)
{
    const char *value = json_string_value(json_object_get(object, key));

    assert_non_null(value);
    assert_string_equal(value, expected);
}

static void assert_number(const json_t *object, const char *key, double expected)
{
    const json_t *value = json_object_get(object, key);

    assert_true(json_is_number(value));
    assert_true(json_number_value(value) == expected);
}

static void nothing_seen_is_empty_arrays(void **state)
{
    struct shard_stats *sum = calloc(1, sizeof(*sum));
    static const char *const keys[] = {"peers", "services", "foreign", "rejects_latest"};

    (void)state;
    assert_non_null(sum);
    json_t *all = render(sum);
    for (size_t i = 0; i < TEST_COUNT(keys); i++) {
        assert_true(json_is_array(json_object_get(all, keys[i])));
        assert_int_equal(json_array_size(json_object_get(all, keys[i])), 0);
    }
    assert_true(json_is_false(json_object_get(all, "services_sampled")));
    json_decref(all);
    free(sum);
}

static void fill(struct shard_stats *sum)
{
    static const char line[] =
        "{\"received_at\":\"x\",\"reason\":\"bad_json\",\"length\":9,\"payload\":\"<script>\"}";
    struct peer_board_entry *e =
        peer_board_find(&sum->peers, (struct peer_board_key){"192.0.2.1:1", "a\"b"}, 1000000000);
    struct foreign_board_entry seen = {.peer = "192.0.2.2",
                                       .protocol = "HTTP/1",
                                       .instead = "JSON lines",
                                       .count = 2,
                                       .last_ns = 1000000000};

    e->streams = 1u << SNIFF_NDJSON | PEER_BOARD_UDP;
    e->bytes = 7;
    e->records = 3;
    e->skew_known = true;
    e->skew_s = -90;
    IGNORE(peer_board_find(&sum->peers, (struct peer_board_key){"192.0.2.9:1", ""}, 1) == NULL,
           "it never is");
    service_board_add(&sum->services, text_of(SPAN_LIT("<b>"), TEXT_PLAIN), 3);
    service_board_add(&sum->services, text_of(SPAN_LIT("other"), TEXT_PLAIN), 1);
    foreign_board_add(&sum->foreign, &seen);
    sum->reject_samples[0] = (struct shard_sample){
        .at_ns = 1000000000, .reason = REASON_BAD_JSON, .cut = true, .len = sizeof(line) - 1};
    memcpy(sum->reject_samples[0].line, line, sizeof(line) - 1);
    sum->reject_sample_next = 1;
}

static void everything_is_told(void **state)
{
    struct shard_stats *sum = calloc(1, sizeof(*sum));

    (void)state;
    assert_non_null(sum);
    fill(sum);
    json_t *all = render(sum);
    const json_t *peer = first(all, "peers");
    assert_text(peer, "address", "192.0.2.1");
    assert_text(peer, "name", "a\"b");
    assert_text(peer, "last", "1970-01-01T00:00:01.000Z");
    assert_number(peer, "skew_s", -90);
    assert_number(peer, "bytes", 7);
    assert_int_equal(json_array_size(json_object_get(peer, "streams")), 2);
    peer = json_array_get(json_object_get(all, "peers"), 1);
    assert_true(json_is_null(json_object_get(peer, "name")));
    assert_true(json_is_null(json_object_get(peer, "skew_s")));
    assert_text(first(all, "services"), "name", "<b>");
    assert_number(first(all, "services"), "share", 0.75);
    assert_true(json_is_true(json_object_get(all, "services_sampled")));
    assert_text(first(all, "foreign"), "protocol", "HTTP/1");
    assert_text(first(all, "foreign"), "instead", "JSON lines");
    assert_number(first(all, "foreign"), "count", 2);
    const json_t *reject = first(all, "rejects_latest");
    assert_text(reject, "at", "1970-01-01T00:00:01.000Z");
    assert_text(reject, "fix", reason_fix(REASON_BAD_JSON));
    assert_text(reject, "payload", "<script>");
    assert_number(reject, "length", 9);
    assert_true(json_is_true(json_object_get(reject, "truncated")));
    json_decref(all);
    free(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_seen_is_empty_arrays),
        cmocka_unit_test(everything_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
