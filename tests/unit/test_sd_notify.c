/* SPDX-License-Identifier: Apache-2.0
 *
 * What the environment says of a service manager is used or refused, and gone afterwards; messages
 * arrive whole or not at all. The manager is a socket of the test's own. */
#include "net/sd_notify.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct sd_notify n;

static void set_watchdog(const char *usec, const char *pid)
{
    setenv("WATCHDOG_USEC", usec, 1);
    unsetenv("WATCHDOG_PID");
    if (pid != NULL) {
        setenv("WATCHDOG_PID", pid, 1);
    }
}

static void assert_environment_is_clean(void)
{
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    assert_null(getenv("WATCHDOG_PID"));
}

static void does_nothing_without_a_manager(void **state)
{
    (void)state;
    assert_ok(sd_notify_open(&n));
    assert_int_equal(n.watchdog_ns, 0);
    assert_false(sd_notify_send(&n, "READY=1\n"));
    sd_notify_close(&n);
    setenv("NOTIFY_SOCKET", "", 1);
    assert_ok(sd_notify_open(&n));
    assert_int_equal(n.fd, -1);
}

static void refuses_what_is_no_socket_name(void **state)
{
    static const char *const bad[] = {"run/notify", "@", "/", "vsock:2:1234"};
    char longest[200];

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        setenv("NOTIFY_SOCKET", bad[i], 1);
        set_watchdog("1000000", NULL);
        assert_err(sd_notify_open(&n), ERR_SYNTAX);
        assert_false(sd_notify_send(&n, "READY=1\n"));
        assert_environment_is_clean();
    }
    memset(longest, '/', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    setenv("NOTIFY_SOCKET", longest, 1);
    assert_err(sd_notify_open(&n), ERR_SYNTAX);
}

static void refuses_what_is_no_period(void **state)
{
    static const char *const bad[] = {
        "", "0", "-1", "1s", " 1", "99999999999999999999999", "18446744073709551615"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        set_watchdog(bad[i], NULL);
        assert_err(sd_notify_open(&n), ERR_SYNTAX);
        assert_int_equal(n.watchdog_ns, 0);
        assert_environment_is_clean();
    }
    set_watchdog("1000000", "me");
    assert_err(sd_notify_open(&n), ERR_SYNTAX);
}

static void a_watchdog_is_for_the_process_it_names(void **state)
{
    char pid[16];

    (void)state;
    set_watchdog("30000000", NULL);
    assert_ok(sd_notify_open(&n));
    assert_int_equal(n.watchdog_ns, 30000000000ull);
    set_watchdog("30000000", "1");
    assert_ok(sd_notify_open(&n));
    assert_int_equal(n.watchdog_ns, 0);
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    set_watchdog("30000000", pid);
    assert_ok(sd_notify_open(&n));
    assert_int_equal(n.watchdog_ns, 30000000000ull);
}

/* The manager's end, bound to a path, or to an abstract name if that begins with '@'. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0 && len < sizeof(address.sun_path));
    memcpy(address.sun_path, name, len + 1);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, bytes), 0);
    return fd;
}

static void assert_delivers(const char *name)
{
    char got[SD_NOTIFY_BYTES_MAX + 1];
    int fd = listen_at(name);

    setenv("NOTIFY_SOCKET", name, 1);
    assert_ok(sd_notify_open(&n));
    assert_environment_is_clean();
    assert_true(sd_notify_send(&n, "STATUS=%d\nREADY=%s\n", 7, "1"));
    ssize_t len = recv(fd, got, sizeof(got), 0);
    test_assert_span(span_of(got, (size_t)len), "STATUS=7\nREADY=1\n");

    assert_false(sd_notify_send(&n, "STATUS=%600d\n", 1)); /* not a part of it either */
    assert_int_equal(recv(fd, got, sizeof(got), 0), -1);
    close(fd);
    assert_false(sd_notify_send(&n, "READY=1\n")); /* nobody there: no signal, no wait */
    sd_notify_close(&n);
    sd_notify_close(&n);
}

static void delivers_to_a_path_and_to_an_abstract_name(void **state)
{
    char dir[TEMP_DIR_BYTES];
    char name[TEMP_DIR_BYTES + 16];

    (void)state;
    temp_dir_make(dir);
    snprintf(name, sizeof(name), "%s/notify", dir);
    assert_delivers(name);
    temp_dir_remove(dir);
    snprintf(name, sizeof(name), "@cordwood-test-%d", (int)getpid());
    assert_delivers(name);
}

static void a_full_socket_is_not_waited_for(void **state)
{
    char name[64];

    (void)state;
    snprintf(name, sizeof(name), "@cordwood-full-%d", (int)getpid());
    int fd = listen_at(name);
    setenv("NOTIFY_SOCKET", name, 1);
    assert_ok(sd_notify_open(&n));
    unsigned sent = 0;
    while (sd_notify_send(&n, "WATCHDOG=1\n") && sent < 1000000) {
        sent++;
    }
    assert_in_range(sent, 1, 999999);
    sd_notify_close(&n);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_nothing_without_a_manager),
        cmocka_unit_test(refuses_what_is_no_socket_name),
        cmocka_unit_test(refuses_what_is_no_period),
        cmocka_unit_test(a_watchdog_is_for_the_process_it_names),
        cmocka_unit_test(delivers_to_a_path_and_to_an_abstract_name),
        cmocka_unit_test(a_full_socket_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
