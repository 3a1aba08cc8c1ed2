/* SPDX-License-Identifier: Apache-2.0
 *
 * What an inherited socket is for: by its name, else by its port; for nothing, it is refused with a
 * text that names it. The descriptors are numbers: nothing is done with them. */
#include "ingestor/inherit.h"
#include "tests/support/test.h"

#include <stdio.h>

static struct sd_listen sockets;
static struct inherit in;
static char why[512];

static const struct ingestor_cfg usual = {
    .tls_port = {.count = 2, .at = {3001, 6514}}, .udp_port = 3002, .http_port = 3000};

static void pass(enum sd_listen_kind kind, uint16_t port, const char *name)
{
    struct sd_listen_socket *s = &sockets.at[sockets.count];

    s->fd = 3 + (int)sockets.count++;
    s->kind = kind;
    snprintf(s->name, sizeof(s->name), "%s", name);
    assert_ok(addr_parse("127.0.0.1", port, &s->bound));
}

static int set_up(void **state)
{
    (void)state;
    sockets.count = 0;
    inherit_init(&in);
    return 0;
}

static err_t sort_by(const struct ingestor_cfg *cfg)
{
    return inherit_sort(&sockets, cfg, &in, why, sizeof(why));
}

static void refuses_a_socket_that_is_for_nothing(void **state)
{
    static const struct {
        enum sd_listen_kind kind;
        uint16_t port;
        const char *name;
    } bad[] = {
        {SD_LISTEN_STREAM, 4001, "cordwood-ingestor.socket"},
        {SD_LISTEN_STREAM, 3002, "udp"},   /* of UDP, but it is TCP */
        {SD_LISTEN_DATAGRAM, 3001, "tls"}, /* and the other way round */
        {SD_LISTEN_DATAGRAM, 3000, "http"},
    };

    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        set_up(state);
        pass(SD_LISTEN_STREAM, 3001, "");
        pass(bad[i].kind, bad[i].port, bad[i].name);
        assert_err(sort_by(&usual), ERR_UNKNOWN);
        assert_non_null(strstr(why, "127.0.0.1:"));
        assert_non_null(strstr(why, "FileDescriptorName="));
        assert_int_equal(in.tls_count, 0); /* nothing is taken */
        assert_int_equal(sockets.count, 2);
    }
}

static void a_port_that_is_off_takes_no_socket(void **state)
{
    struct ingestor_cfg off = usual;

    (void)state;
    off.http_port = OPTION_PORT_DISABLED;
    pass(SD_LISTEN_STREAM, 3000, "cordwood-ingestor.socket");
    assert_err(sort_by(&off), ERR_UNKNOWN);
}

static void refuses_a_second_socket_for_http(void **state)
{
    (void)state;
    pass(SD_LISTEN_STREAM, 3000, "");
    pass(SD_LISTEN_STREAM, 8080, "http");
    assert_err(sort_by(&usual), ERR_EXISTS);
    assert_non_null(strstr(why, "3000 and 8080"));
}

static void refuses_udp_of_two_ports(void **state)
{
    (void)state;
    pass(SD_LISTEN_DATAGRAM, 3002, "");
    pass(SD_LISTEN_DATAGRAM, 514, "udp");
    assert_err(sort_by(&usual), ERR_SYNTAX);
    assert_non_null(strstr(why, "3002 and 514"));
}

static void refuses_more_udp_sockets_than_shards(void **state)
{
    (void)state;
    pass(SD_LISTEN_DATAGRAM, 3002, "");
    pass(SD_LISTEN_DATAGRAM, 3002, "");
    assert_ok(sort_by(&usual));
    assert_err(inherit_check_shards(&in, 1, why, sizeof(why)), ERR_LIMIT);
    assert_non_null(strstr(why, "2 UDP sockets for 1 shards"));
    assert_ok(inherit_check_shards(&in, 2, why, sizeof(why)));
}

static void sorts_by_port_and_by_name(void **state)
{
    (void)state;
    pass(SD_LISTEN_STREAM, 3001, "cordwood-ingestor.socket");
    pass(SD_LISTEN_DATAGRAM, 3002, "cordwood-ingestor.socket");
    pass(SD_LISTEN_STREAM, 3000, "cordwood-ingestor.socket");
    pass(SD_LISTEN_STREAM, 4001, "tls");
    pass(SD_LISTEN_DATAGRAM, 3002, "udp");
    assert_ok(sort_by(&usual));
    assert_int_equal(sockets.count, 0);
    assert_int_equal(in.tls_count, 2);
    assert_int_equal(in.tls_fds[0], 3);
    assert_int_equal(in.tls_fds[1], 6);
    assert_int_equal(addr_port(&in.tls_addrs[1]), 4001);
    assert_int_equal(in.udp_count, 2);
    assert_int_equal(in.udp_fds[1], 7);
    assert_int_equal(in.http_fd, 5);
}

/* The name beats the port, whatever the settings say. */
static void a_name_decides(void **state)
{
    (void)state;
    pass(SD_LISTEN_STREAM, 3000, "tls");
    pass(SD_LISTEN_STREAM, 3001, "http");
    assert_ok(sort_by(&usual));
    assert_int_equal(in.tls_fds[0], 3);
    assert_int_equal(in.http_fd, 4);
}

static void tells_which_port_has_no_socket(void **state)
{
    (void)state;
    assert_int_equal(inherit_missing_tls_port(&in, &usual), 0); /* none is inherited at all */
    pass(SD_LISTEN_STREAM, 3001, "");
    assert_ok(sort_by(&usual));
    assert_int_equal(inherit_missing_tls_port(&in, &usual), 6514);
    sockets.count = 0;
    pass(SD_LISTEN_STREAM, 3001, "");
    pass(SD_LISTEN_STREAM, 6514, "");
    assert_ok(sort_by(&usual));
    assert_int_equal(inherit_missing_tls_port(&in, &usual), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(refuses_a_socket_that_is_for_nothing, set_up),
        cmocka_unit_test_setup(a_port_that_is_off_takes_no_socket, set_up),
        cmocka_unit_test_setup(refuses_a_second_socket_for_http, set_up),
        cmocka_unit_test_setup(refuses_udp_of_two_ports, set_up),
        cmocka_unit_test_setup(refuses_more_udp_sockets_than_shards, set_up),
        cmocka_unit_test_setup(sorts_by_port_and_by_name, set_up),
        cmocka_unit_test_setup(a_name_decides, set_up),
        cmocka_unit_test_setup(tells_which_port_has_no_socket, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
