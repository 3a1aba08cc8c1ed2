/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams: how lines are cut, what arrives, what a refusal does. */
#include "client/send_udp.h"

#include "base/clock.h"
#include "net/addr.h"
#include "tests/support/test.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A buffer of lines of these lengths, LF not counted, ended by 0. */
static struct span lines_of(struct buf *out, const size_t *lengths)
{
    out->len = 0;
    for (size_t i = 0; lengths[i] > 0; i++) {
        assert_ok(buf_reserve(out, lengths[i] + 1));
        memset(out->at + out->len, (int)('a' + i), lengths[i]);
        out->len += lengths[i];
        out->at[out->len++] = '\n';
    }
    return buf_span(out);
}

static void as_many_whole_lines_as_fit_go_together(void **state)
{
    static const struct {
        size_t lengths[8];
        size_t first; /* bytes of the first datagram, with its last LF */
    } rows[] = {
        {{1}, 2},          {{100, 100}, 202},     {{1400}, 1401},    {{699, 700}, 1401},
        {{700, 700}, 701}, {{700, 699, 1}, 1401}, {{1399, 1}, 1400}, {{1401, 5}, 1402},
        {{5, 1401}, 6},    {{3000, 3000}, 3001},
    };
    struct buf buf = {0};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_int_equal(send_udp_datagram(lines_of(&buf, rows[i].lengths)), rows[i].first);
    }
    buf_done(&buf);
}

/* A receiver on a free loopback port, and a sender to it. */
struct fixture {
    struct stop stop;
    struct send send;
    int receiver;
};

static void open_fixture(struct fixture *f)
{
    struct addr addr;

    assert_ok(stop_init(&f->stop));
    assert_ok(addr_parse("127.0.0.1", 0, &addr));
    f->receiver = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(f->receiver, (struct sockaddr *)&addr.storage, addr.len), 0);
    addr.len = sizeof(addr.storage);
    assert_int_equal(getsockname(f->receiver, (struct sockaddr *)&addr.storage, &addr.len), 0);
    f->send = (struct send){.ops = &send_udp_ops,
                            .dial = {DIAL_UDP, "127.0.0.1", addr_port(&addr)},
                            .stop = &f->stop,
                            .fd = -1};
    assert_ok(send_open(&f->send));
    assert_true(send_is_open(&f->send));
}

static void close_fixture(struct fixture *f)
{
    send_abandon(&f->send);
    assert_false(send_is_open(&f->send));
    stop_done(&f->stop);
    if (f->receiver >= 0) {
        close(f->receiver);
    }
}

static void datagrams_hold_the_lines_in_order(void **state)
{
    static const size_t lengths[] = {500, 500, 500, 2000, 10, 10, 0};
    static const struct {
        size_t at; /* in the lines */
        size_t len;
    } want[] = {{0, 1001}, {1002, 500}, {1503, 2000}, {3504, 21}};
    struct fixture f;
    struct buf lines = {0};
    char got[4096];

    (void)state;
    open_fixture(&f);
    assert_ok(send_batch(&f.send, lines_of(&lines, lengths)));
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        assert_int_equal(recv(f.receiver, got, sizeof(got), 0), want[i].len);
        assert_memory_equal(got, lines.at + want[i].at, want[i].len);
    }
    assert_int_equal(f.send.oversized, 1);
    assert_ok(send_check(&f.send));
    assert_ok(send_finish(&f.send));
    close_fixture(&f);
    buf_done(&lines);
}

static void a_port_that_nobody_reads_is_told_afterwards(void **state)
{
    struct fixture f;

    (void)state;
    open_fixture(&f);
    close(f.receiver);
    f.receiver = -1;
    assert_ok(send_batch(&f.send, SPAN_LIT("x\n")));
    assert_ok(send_wait(&f.send, clock_mono_ns() + 5 * NS_PER_S));
    assert_err(send_check(&f.send), ERR_IO);
    assert_string_equal(f.send.why, "datagram: Connection refused");
    close_fixture(&f);
}

static void a_line_no_datagram_can_hold_is_an_error(void **state)
{
    static const size_t lengths[] = {70000, 0};
    struct fixture f;
    struct buf lines = {0};

    (void)state;
    open_fixture(&f);
    assert_err(send_batch(&f.send, lines_of(&lines, lengths)), ERR_IO);
    assert_string_equal(f.send.why, "datagram: Message too long");
    close_fixture(&f);
    buf_done(&lines);
}

static void a_name_that_does_not_exist_is_told(void **state)
{
    struct fixture f;
    char name[400];

    (void)state;
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    open_fixture(&f);
    send_abandon(&f.send);
    f.send.dial.host = name;
    assert_err(send_open(&f.send), ERR_UNKNOWN);
    assert_true(strlen(f.send.why) > strlen("datagram: "));
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_whole_lines_as_fit_go_together),
        cmocka_unit_test(datagrams_hold_the_lines_in_order),
        cmocka_unit_test(a_port_that_nobody_reads_is_told_afterwards),
        cmocka_unit_test(a_line_no_datagram_can_hold_is_an_error),
        cmocka_unit_test(a_name_that_does_not_exist_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
