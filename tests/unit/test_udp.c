/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams over a real socket: every record of them once, in order, however often the archive has
 * no room; never more between two questions for room than the archive promises to take. */
#include "ingestor/udp.h"
#include "net/listener.h"
#include "tests/support/builtin_schemas.h"
#include "tests/support/fake_archive.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD_BYTES_MAX   4096u
#define DATAGRAM_BYTES_MAX 65507u
#define GOOD                                                                        \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"info\",\"message\":\"m\"," \
    "\"service\":\"s\"}"

struct fixture {
    struct archive archive;
    struct schema_cache *schemas;
    struct intake intake;
    struct udp *udp;
    int sender;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct schema_cache *schemas = builtin_schemas_new();
    struct intake_config config = {.archive = &f->archive,
                                   .schemas = schemas,
                                   .render = render_find(SPAN_LIT("jsonl")),
                                   .record_bytes_max = RECORD_BYTES_MAX,
                                   .message_bytes_max = 1024};
    struct listener_udp listener = {0};

    assert_non_null(f);
    f->schemas = schemas;
    fake_archive_init(&f->archive, RENDER_LINE_BYTES_MAX(REJECT_KEEP_BYTES));
    assert_ok(intake_init(&f->intake, &config));
    assert_ok(listener_udp_open("127.0.0.1", 0, 8 << 20, &listener));
    assert_ok(udp_new(listener.fd, &f->udp));
    f->sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(f->sender >= 0);
    assert_int_equal(
        connect(f->sender, (struct sockaddr *)&listener.bound.storage, listener.bound.len), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    udp_free(f->udp);
    close(f->sender);
    intake_done(&f->intake);
    schema_cache_free(f->schemas);
    fake_archive_done(&f->archive);
    free(f);
    return 0;
}

static void send_datagram(struct fixture *f, struct span bytes)
{
    assert_int_equal(send(f->sender, bytes.at, bytes.len, 0), bytes.len);
}

/* Serves as a shard does, turn after turn; returns how many it took. */
static unsigned serve(struct fixture *f)
{
    for (unsigned turns = 1; turns < 1000000; turns++) {
        intake_begin_turn(&f->intake);
        if (intake_is_ready(&f->intake) && udp_serve(f->udp, &f->intake) == UDP_DRAINED) {
            return turns;
        }
        assert_int_equal(f->intake.batch->record_count + f->intake.batch->reject_count, 0);
    }
    fail_msg("the socket is never empty");
    return 0;
}

static unsigned count_lines(const struct buf *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < b->len; i++) {
        count += b->at[i] == '\n';
    }
    return count;
}

static void takes_every_kind_of_datagram(void **state)
{
    struct fixture *f = *state;

    send_datagram(f, SPAN_LIT(GOOD "\n\r\n" GOOD));
    send_datagram(f, SPAN_LIT("<13>Nov 21 04:11:45 host app[1]: one\n"));
    send_datagram(f, SPAN_LIT(""));
    send_datagram(f, SPAN_LIT(GOOD "\n<13>no syslog here\n" GOOD "\n"));
    assert_int_equal(serve(f), 1);
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 5);
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), 2);
    assert_int_equal(f->intake.stats->udp_datagrams, 4);
    assert_int_equal(f->intake.stats->blank_lines, 1);
    assert_false(udp_has_rest(f->udp));
    fake_archive_reset(&f->archive);
}

/* The worst that datagrams can hold: one bad record for every two bytes. */
static void asks_for_room_between_batches(void **state)
{
    struct fixture *f = *state;
    static char worst[DATAGRAM_BYTES_MAX - 1];
    const unsigned each = sizeof(worst) / 2;

    for (size_t i = 0; i < sizeof(worst); i += 2) {
        memcpy(worst + i, "{\n", 2);
    }
    for (unsigned every = 0; every < 4; every++) {
        f->archive.most_since_asked = 0;
        f->archive.refuse_every = every == 1 ? 2 : every;
        send_datagram(f, SPAN_LIT(GOOD));
        send_datagram(f, span_of(worst, sizeof(worst)));
        send_datagram(f, span_of(worst, sizeof(worst)));
        send_datagram(f, SPAN_LIT(GOOD "\n" GOOD));
        assert_true(serve(f) > 1);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 3);
        assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), 2 * each);
        assert_in_range(f->archive.most_since_asked, 1, BATCH_ITEMS_MAX);
        f->archive.refuse_every = 0;
        fake_archive_reset(&f->archive);
    }
}

/* What was read when the time for reading is over is taken without reading more. */
static void takes_the_rest_without_reading(void **state)
{
    struct fixture *f = *state;
    struct buf many = {0};

    for (unsigned i = 0; i < 3 * BATCH_ITEMS_MAX; i++) {
        assert_ok(buf_append(&many, SPAN_LIT("{\n")));
    }
    send_datagram(f, buf_span(&many));
    f->archive.refuse_every = 2; /* the second question is answered no */
    f->archive.ready_calls = 0;
    intake_begin_turn(&f->intake);
    assert_true(intake_is_ready(&f->intake));
    assert_int_equal(udp_serve(f->udp, &f->intake), UDP_MORE);
    assert_true(udp_has_rest(f->udp));
    f->archive.refuse_every = 0;
    send_datagram(f, SPAN_LIT(GOOD));
    while (udp_has_rest(f->udp)) {
        udp_take_rest(f->udp, &f->intake);
    }
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_REJECTED]), 3 * BATCH_ITEMS_MAX);
    assert_int_equal(f->archive.lines[ARCHIVE_LOG].len, 0);
    assert_int_equal(serve(f), 1);
    assert_int_equal(count_lines(&f->archive.lines[ARCHIVE_LOG]), 1);
    fake_archive_reset(&f->archive);
    buf_done(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_every_kind_of_datagram, setup, teardown),
        cmocka_unit_test_setup_teardown(asks_for_room_between_batches, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_the_rest_without_reading, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
