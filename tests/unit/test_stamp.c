/* SPDX-License-Identifier: Apache-2.0
 *
 * What is added to every record: which names may be added, and what a batch is stamped with. */
#include "ingestor/stamp.h"
#include "net/addr.h"
#include "net/tls_cert_name.h"
#include "tests/support/test.h"

#include <stdlib.h>

#define RECORD_BYTES_MAX 1024u
#define RECEIVED_NS      1795234305123456000ull /* 2026-11-21T04:11:45.123456Z */

static void refuses_names(void **state)
{
    static const char *const bad[] = {
        "",
        "timestamp",
        "level",
        "message",
        "service",
        "type",
        "time_source",
        "truncated_bytes",
        "message_missing",
        "invalid_utf8",
        "raw_base64",
        "_peer",
        "0",
        "-a",
        ".a",
        "a b",
        "a\"",
        "a\\",
        "a\n",
        "\xc3\xa4",
        "a\x7f",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 65 */
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_non_null(stamp_name_fault(bad[i]));
    }
}

static void allows_names(void **state)
{
    static const char *const good[] = {"peer", "@peer", "Received_At", "source.ip",
                                       "x-1",  "Level", "timestamps",  "hostname"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        assert_null(stamp_name_fault(good[i]));
    }
}

struct rig {
    struct batch batch;
    struct stamp stamp;
};

static struct rig *rig_new(const char *peer_field, const char *received_field)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    struct stamp_config config = {peer_field, received_field};

    assert_non_null(rig);
    assert_ok(batch_init(&rig->batch, RECORD_BYTES_MAX));
    batch_reset(&rig->batch, RECEIVED_NS);
    rig->batch.record_count = 2;
    stamp_init(&rig->stamp, &config);
    return rig;
}

static void rig_free(struct rig *rig)
{
    batch_done(&rig->batch);
    free(rig);
}

static void is_off_without_names(void **state)
{
    struct stamp_config none = {NULL, NULL};
    struct stamp stamp;
    struct rig *rig = rig_new("", "");

    (void)state;
    assert_false(stamp_is_on(&rig->stamp));
    stamp_init(&stamp, &none);
    assert_false(stamp_is_on(&stamp));
    rig_free(rig);
}

static void stamps_every_record(void **state)
{
    struct rig *rig = rig_new("peer", "at");
    const struct record *records = rig->batch.records;

    (void)state;
    assert_true(stamp_is_on(&rig->stamp));
    stamp_put(&rig->stamp, "10.0.0.4:5555", "web-1", &rig->batch);
    assert_ptr_equal(records[0].stamp, records[1].stamp);
    assert_null(records[2].stamp);
    assert_int_equal(records[0].stamp->name_count, 3);
    test_assert_span(records[0].stamp->names[1], "peer_cert");
    test_assert_span(records[0].stamp->members,
                     ",\"peer\":\"10.0.0.4:5555\",\"peer_cert\":\"web-1\","
                     "\"at\":\"2026-11-21T04:11:45.123456Z\"");

    stamp_put(&rig->stamp, "[::1]:1", "", &rig->batch);
    test_assert_span(records[0].stamp->members,
                     ",\"peer\":\"[::1]:1\",\"at\":\"2026-11-21T04:11:45.123456Z\"");
    rig_free(rig);
}

static void either_alone(void **state)
{
    struct rig *rig = rig_new("", "at");

    (void)state;
    stamp_put(&rig->stamp, "[::1]:1", "web-1", &rig->batch);
    assert_int_equal(rig->stamp.record.name_count, 1);
    test_assert_span(rig->stamp.record.members, ",\"at\":\"2026-11-21T04:11:45.123456Z\"");
    rig_free(rig);

    rig = rig_new("from", "");
    stamp_put(&rig->stamp, "[::1]:1", "CN=\"a\"\n", &rig->batch);
    assert_int_equal(rig->stamp.record.name_count, 2);
    test_assert_span(rig->stamp.record.members,
                     ",\"from\":\"[::1]:1\",\"from_cert\":\"CN=\\\"a\\\"\\n\"");
    rig_free(rig);
}

/* The longest names and the dearest certificate fit (the sanitizer watches). */
static void the_longest_fits(void **state)
{
    char name[STAMP_NAME_BYTES_MAX + 1] = {0};
    char other[STAMP_NAME_BYTES_MAX + 1] = {0};
    char cert[TLS_CERT_NAME_BYTES_MAX + 1] = {0};
    char peer[ADDR_TEXT_BYTES] = {0};

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    memset(other, 'o', sizeof(other) - 1);
    memset(cert, '\x01', sizeof(cert) - 1);
    memset(peer, '\x01', sizeof(peer) - 1);
    assert_null(stamp_name_fault(name));
    struct rig *rig = rig_new(name, other);
    stamp_put(&rig->stamp, peer, cert, &rig->batch);
    assert_true(rig->stamp.record.members.len <= RECORD_STAMP_BYTES_MAX);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_names),        cmocka_unit_test(allows_names),
        cmocka_unit_test(is_off_without_names), cmocka_unit_test(stamps_every_record),
        cmocka_unit_test(either_alone),         cmocka_unit_test(the_longest_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
