/* SPDX-License-Identifier: Apache-2.0
 *
 * One line a minute for an address and its refusal; what was held back is told when the minute is
 * over, when another needs the place, and at the end. */
#include "ingestor/refusal.h"

#include "base/clock.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MINUTE_NS (60u * NS_PER_S)

struct rig {
    struct refusal_table table;
    struct addr peer;
    int stderr_fd;
    int pipe_fd;
};

/* Standard error becomes a pipe, so that what is logged can be read. */
static int set_up(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));
    int fds[2];

    if (r == NULL || pipe2(fds, O_NONBLOCK) != 0 ||
        addr_parse("192.0.2.7", 4242, &r->peer) != ERR_OK) {
        return -1;
    }
    r->stderr_fd = dup(STDERR_FILENO);
    r->pipe_fd = fds[0];
    dup2(fds[1], STDERR_FILENO);
    close(fds[1]);
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;

    dup2(r->stderr_fd, STDERR_FILENO);
    close(r->stderr_fd);
    close(r->pipe_fd);
    free(r);
    return 0;
}

/* How many lines were logged since the last call; the last of them is in `ret`. */
static unsigned logged(const struct rig *r, char ret[512])
{
    char all[65536];
    ssize_t got = read(r->pipe_fd, all, sizeof(all) - 1);
    unsigned lines = 0;
    char *rest = all;

    ret[0] = '\0';
    all[got < 0 ? 0 : got] = '\0';
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        if (line[0] != '\0') {
            lines++;
            snprintf(ret, 512, "%s", line);
        }
    }
    return lines;
}

static void refuse(struct rig *r, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        refusal_log(&r->table, "test_refused", &r->peer, "why=test");
    }
}

static void what_was_held_back_is_told_after_a_minute(void **state)
{
    struct rig *r = *state;
    char line[512];

    refuse(r, 6);
    assert_int_equal(logged(r, line), 1);
    assert_non_null(strstr(line, "event=test_refused peer=192.0.2.7:4242 why=test"));
    refusal_report(&r->table, clock_mono_ns());
    assert_int_equal(logged(r, line), 0);
    refusal_report(&r->table, clock_mono_ns() + MINUTE_NS);
    assert_int_equal(logged(r, line), 1);
    assert_non_null(strstr(line, "event=test_refused peer=192.0.2.7 repeated=5 action=close"));
    refusal_report(&r->table, clock_mono_ns() + 2 * MINUTE_NS);
    assert_int_equal(logged(r, line), 0);
}

static void at_the_end_everything_is_told(void **state)
{
    struct rig *r = *state;
    char line[512];

    refuse(r, 3);
    assert_int_equal(logged(r, line), 1);
    refusal_report(&r->table, UINT64_MAX);
    assert_int_equal(logged(r, line), 1);
    assert_non_null(strstr(line, "repeated=2"));
}

static void nothing_held_back_is_nothing_to_tell(void **state)
{
    struct rig *r = *state;
    char line[512];

    refusal_report(&r->table, UINT64_MAX);
    refuse(r, 1);
    refusal_report(&r->table, UINT64_MAX);
    assert_int_equal(logged(r, line), 1);
}

static void a_lost_place_is_told_at_once(void **state)
{
    struct rig *r = *state;
    char line[512];
    uint64_t held_back = 0;

    refuse(r, 3);
    assert_int_equal(logged(r, line), 1);
    for (size_t i = 0; i < REFUSAL_SLOTS; i++) {
        if (r->table.slots[i].held_back > 0) {
            held_back = r->table.slots[i].held_back;
            r->table.slots[i].key ^= 1; /* of another refusal that came before this one */
        }
    }
    assert_int_equal(held_back, 2);
    refuse(r, 1);
    assert_int_equal(logged(r, line), 2);
}

#define REFUSAL_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REFUSAL_TEST(what_was_held_back_is_told_after_a_minute),
        REFUSAL_TEST(at_the_end_everything_is_told),
        REFUSAL_TEST(nothing_held_back_is_nothing_to_tell),
        REFUSAL_TEST(a_lost_place_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
