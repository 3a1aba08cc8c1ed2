/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors that the environment claims to be sockets are taken only if the kernel agrees. Each
 * case runs in a child whose descriptors from 3 on are what the case puts there. */
#include "net/sd_listen.h"
#include "tests/support/test.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sd_listen got;
static char why[512];

/* --- what is passed: each makes one descriptor --- */

static int tcp_socket(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 ? fd : -1;
}

static int tcp_listening(void)
{
    int fd = tcp_socket();

    return fd >= 0 && listen(fd, 5) == 0 ? fd : -1;
}

static int tcp6_listening(void)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    return fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(fd, 5) == 0
               ? fd
               : -1;
}

static int udp_unbound(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0);
}

static int udp_bound(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = udp_unbound();

    return fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0 ? fd : -1;
}

static int udp_connected(void)
{
    struct sockaddr_in peer = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = udp_bound();

    return fd >= 0 && connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0 ? fd : -1;
}

static int unix_listening(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    return bind(fd, (struct sockaddr *)&name, sizeof(sa_family_t)) == 0 && listen(fd, 5) == 0 ? fd
                                                                                              : -1;
}

static int file(void)
{
    return open("/dev/null", O_RDONLY);
}

static int nothing(void)
{
    return 99;
}

/* --- the child --- */

struct pass {
    int (*make[3])(void);
    const char *fds; /* of LISTEN_FDS; NULL: not set */
    const char *pid; /* NULL: the child's */
    const char *names;
};

static void put_descriptors(const struct pass *pass)
{
    int made[3] = {-1, -1, -1};

    for (int i = 0; i < 3 && pass->make[i] != NULL; i++) {
        int fd = pass->make[i]();
        assert(fd >= 0);
        made[i] = fd == 99 ? -1 : fcntl(fd, F_DUPFD, 100);
    }
    for (int i = 0; i < 3; i++) {
        close(3 + i);
        if (made[i] >= 0) {
            dup2(made[i], 3 + i);
        }
    }
}

static void put_environment(const struct pass *pass)
{
    char pid[16];

    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("LISTEN_PID", pass->pid == NULL ? pid : pass->pid, 1);
    if (pass->fds != NULL) {
        setenv("LISTEN_FDS", pass->fds, 1);
    }
    if (pass->names != NULL) {
        setenv("LISTEN_FDNAMES", pass->names, 1);
    }
}

static bool environment_is_clean(void)
{
    return getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL &&
           getenv("LISTEN_FDNAMES") == NULL;
}

static bool flags_are_set(void)
{
    for (unsigned i = 0; i < got.count; i++) {
        if ((fcntl(got.at[i].fd, F_GETFD) & FD_CLOEXEC) == 0 ||
            (fcntl(got.at[i].fd, F_GETFL) & O_NONBLOCK) == 0) {
            return false;
        }
    }
    return true;
}

/* What came of it: the error, or 100 and the number of sockets; 99: something else is wrong. */
static int outcome_of(const struct pass *pass, bool (*also)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        put_descriptors(pass);
        put_environment(pass);
        err_t err = sd_listen_take(&got, why, sizeof(why));
        bool good = environment_is_clean() && flags_are_set() && (err == ERR_OK || why[0] != '\0');
        if (also != NULL) {
            good = good && also();
        }
        _exit(!good ? 99 : err != ERR_OK ? (int)err : 100 + (int)got.count);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void refuses_what_is_no_number(void **state)
{
    static const char *const bad[] = {"", "-1", "1x", " 1", "99999999999999999999"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct pass count = {.make = {tcp_listening}, .fds = bad[i]};
        struct pass whose = {.make = {tcp_listening}, .fds = "1", .pid = bad[i]};
        assert_int_equal(outcome_of(&count, NULL), ERR_SYNTAX);
        assert_int_equal(outcome_of(&whose, NULL), ERR_SYNTAX);
    }
}

static void refuses_too_many(void **state)
{
    struct pass pass = {.make = {tcp_listening}, .fds = "65"};

    (void)state;
    assert_int_equal(outcome_of(&pass, NULL), ERR_LIMIT);
}

static void refuses_names_that_do_not_fit(void **state)
{
    static const char *const bad[] = {"", "tls", "tls:udp:http", ":::"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct pass pass = {.make = {tcp_listening, udp_bound}, .fds = "2", .names = bad[i]};
        assert_int_equal(outcome_of(&pass, NULL), ERR_SYNTAX);
    }
    char longest[300];
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    struct pass pass = {.make = {tcp_listening}, .fds = "1", .names = longest};
    assert_int_equal(outcome_of(&pass, NULL), ERR_SYNTAX);
}

static bool says_it_is_3(void)
{
    return strstr(why, "descriptor 3") != NULL;
}

static void refuses_what_is_no_such_socket(void **state)
{
    int (*const bad[])(void) = {tcp_socket,     udp_unbound, udp_connected,
                                unix_listening, file,        nothing};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct pass pass = {.make = {bad[i]}, .fds = "1"};
        assert_int_equal(outcome_of(&pass, says_it_is_3), ERR_UNKNOWN);
    }
    struct pass second = {.make = {tcp_listening, file}, .fds = "2"};
    assert_int_equal(outcome_of(&second, NULL), ERR_UNKNOWN);
}

static void takes_nothing_that_is_not_for_this_process(void **state)
{
    struct pass parents = {.make = {tcp_listening}, .fds = "1", .pid = "1"};
    struct pass none = {.make = {tcp_listening}, .fds = NULL};
    struct pass zero = {.make = {tcp_listening}, .fds = "0"};

    (void)state;
    assert_int_equal(outcome_of(&parents, NULL), 100);
    assert_int_equal(outcome_of(&none, NULL), 100);
    assert_int_equal(outcome_of(&zero, NULL), 100);
}

static bool are_tls_udp_and_http(void)
{
    struct sd_listen_socket *s = got.at;

    return s[0].fd == 3 && s[0].kind == SD_LISTEN_STREAM && strcmp(s[0].name, "tls") == 0 &&
           s[0].bound.storage.ss_family == AF_INET && addr_port(&s[0].bound) != 0 && s[1].fd == 4 &&
           s[1].kind == SD_LISTEN_DATAGRAM && strcmp(s[1].name, "") == 0 && s[2].fd == 5 &&
           s[2].kind == SD_LISTEN_STREAM && strcmp(s[2].name, "http") == 0 &&
           s[2].bound.storage.ss_family == AF_INET6;
}

static bool closes_them(void)
{
    sd_listen_close(&got);
    return fcntl(3, F_GETFD) == -1 && got.at[0].fd == -1;
}

static void takes_listening_and_bound_sockets(void **state)
{
    struct pass all = {
        .make = {tcp_listening, udp_bound, tcp6_listening}, .fds = "3", .names = "tls::http"};
    struct pass one = {.make = {tcp_listening}, .fds = "1"};

    (void)state;
    assert_int_equal(outcome_of(&all, are_tls_udp_and_http), 103);
    assert_int_equal(outcome_of(&one, closes_them), 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(refuses_too_many),
        cmocka_unit_test(refuses_names_that_do_not_fit),
        cmocka_unit_test(refuses_what_is_no_such_socket),
        cmocka_unit_test(takes_nothing_that_is_not_for_this_process),
        cmocka_unit_test(takes_listening_and_bound_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
