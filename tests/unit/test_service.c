/* SPDX-License-Identifier: Apache-2.0
 *
 * What the manager hears, and when: patience asked for while an archive is repaired and not after,
 * reloads in order, a line of state, and a watchdog that a thread without beats silences. */
#include "ingestor/service.h"

#include "base/clock.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WATCHDOG_US "3000000"
#define THIRD_NS    NS_PER_S

static int manager = -1;
static struct server *server;
static struct service *service;
static char got[1024];

static int set_up(void **state)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char text[64];

    (void)state;
    int len = snprintf(text, sizeof(text), "@cordwood-service-%d", (int)getpid());
    memcpy(name.sun_path, text, (size_t)len);
    name.sun_path[0] = '\0';
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len);
    assert_int_equal(bind(manager, (struct sockaddr *)&name, bytes), 0);
    setenv("NOTIFY_SOCKET", text, 1);
    setenv("WATCHDOG_USEC", WATCHDOG_US, 1);
    server = fake_server_new(2);
    assert_ok(service_new(&service));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    service_free(service);
    fake_server_free(server);
    close(manager);
    return 0;
}

/* The next message, "" if there is none. */
static const char *heard(void)
{
    ssize_t len = recv(manager, got, sizeof(got) - 1, 0);

    got[len < 0 ? 0 : len] = '\0';
    return got;
}

static void a_bad_address_is_survived(void **state)
{
    struct service *other = NULL;

    (void)state;
    setenv("NOTIFY_SOCKET", "nonsense", 1);
    assert_ok(service_new(&other));
    assert_ptr_equal(service_io(other), &archive_io_system);
    service_ready(other);
    service_tick(other, server, NULL, clock_mono_ns());
    service_free(other);
    service_free(NULL);
}

/* Reads until the manager hears of it, or for `ns`. */
static bool reading_is_told(uint64_t ns)
{
    const struct archive_io *io = service_io(service);
    uint64_t until = clock_mono_ns() + ns;
    char byte;
    int fd = open("/dev/zero", O_RDONLY);

    while (clock_mono_ns() < until) {
        assert_int_equal(io->pread(io->arg, fd, &byte, 1, 0), 1);
        if (strstr(heard(), "EXTEND_TIMEOUT_USEC=") != NULL) {
            close(fd);
            return true;
        }
    }
    close(fd);
    return false;
}

static void repairing_asks_for_patience_until_it_is_ready(void **state)
{
    (void)state;
    assert_true(reading_is_told(60 * NS_PER_S));
    assert_non_null(strstr(got, "STATUS=starting: repairing"));
    assert_true(reading_is_told(60 * NS_PER_S)); /* and again, as long as it goes on */
    service_ready(service);
    assert_string_equal(heard(), "READY=1\n");
    assert_false(reading_is_told(2 * NS_PER_S));
}

static void writing_is_progress_too(void **state)
{
    const struct archive_io *io = service_io(service);
    uint64_t until = clock_mono_ns() + 60 * NS_PER_S;
    int fd = open("/dev/null", O_WRONLY);

    (void)state;
    while (heard()[0] == '\0' && clock_mono_ns() < until) {
        assert_int_equal(io->pwrite(io->arg, fd, "x", 1, 0), 1);
    }
    assert_non_null(strstr(got, "EXTEND_TIMEOUT_USEC="));
    close(fd);
}

static void a_reload_is_told_with_its_time(void **state)
{
    unsigned long long us = 0;

    (void)state;
    service_ready(service);
    service_reloading(service);
    service_ready(service);
    assert_string_equal(heard(), "READY=1\n");
    assert_int_equal(sscanf(heard(), "RELOADING=1\nMONOTONIC_USEC=%llu\n", &us), 1);
    assert_in_range(us, 1, clock_mono_ns() / NS_PER_US);
    assert_string_equal(heard(), "READY=1\n");
    service_stopping(service);
    assert_ptr_equal(strstr(heard(), "STOPPING=1\nSTATUS=draining"), got);
}

/* Others may fill the manager's queue at that moment. */
static void ready_is_told_again_until_it_is_taken(void **state)
{
    unsigned told = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        service_reloading(service);
    }
    service_ready(service);
    while (heard()[0] != '\0') {
        assert_null(strstr(got, "READY=1"));
    }
    service_tick(service, server, NULL, NS_PER_S);
    service_tick(service, server, NULL, NS_PER_S + 1);
    while (heard()[0] != '\0') {
        told += strcmp(got, "READY=1\n") == 0 ? 1 : 0;
    }
    assert_int_equal(told, 1);
}

static void the_line_of_state_tells_the_law(void **state)
{
    (void)state;
    fake_server_archive(server, 0, FORMAT_JSON, 12, 2);
    service_tick(service, server, NULL, NS_PER_S);
    assert_string_equal(heard(), "WATCHDOG=1\n");
    assert_non_null(strstr(heard(), "STATUS=archiving: "));
    assert_non_null(strstr(got, "12 received, 10 archived, 0 rejected, 0 dropped\n"));
    service_tick(service, server, NULL, NS_PER_S + 1); /* not every turn */
    assert_string_equal(heard(), "");
}

/* Whether the watchdog is told at that time. */
static bool is_told(uint64_t mono_ns)
{
    bool told = false;

    service_tick(service, server, NULL, mono_ns);
    while (heard()[0] != '\0') {
        told = told || strcmp(got, "WATCHDOG=1\n") == 0;
    }
    return told;
}

static void a_shard_that_stands_still_silences_the_watchdog(void **state)
{
    (void)state;
    assert_true(is_told(0));
    for (unsigned hung = 0; hung < 2; hung++) {
        uint64_t now = hung * 100 * NS_PER_S;
        server->beats[0]++;
        server->beats[1]++;
        assert_true(is_told(now + THIRD_NS));
        server->beats[1 - hung]++;
        assert_false(is_told(now + 2 * THIRD_NS));
        server->beats[1 - hung]++;
        assert_false(is_told(now + 20 * THIRD_NS));
        server->beats[hung]++;
        assert_true(is_told(now + 21 * THIRD_NS));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bad_address_is_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repairing_asks_for_patience_until_it_is_ready, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(writing_is_progress_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reload_is_told_with_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ready_is_told_again_until_it_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_line_of_state_tells_the_law, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shard_that_stands_still_silences_the_watchdog, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
