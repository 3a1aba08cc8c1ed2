/* SPDX-License-Identifier: Apache-2.0
 *
 * The stats line: no memory, readers that do not read, intervals, and every key of the line. */
#include "base/clock.h"
#include "ingestor/stats_line.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/fake_server.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define INTERVAL_NS (10 * NS_PER_S)

static err_t try_new(void *arg)
{
    struct stats_line *line = NULL;
    err_t err = stats_line_new(STDOUT_FILENO, INTERVAL_NS, &line);

    (void)arg;
    stats_line_free(line);
    return err;
}

static void refuses_without_memory(void **state)
{
    (void)state;
    fail_alloc_walk(try_new, NULL);
    stats_line_free(NULL);
}

static int pipe_bytes(int fd)
{
    int bytes = 0;

    assert_int_equal(ioctl(fd, FIONREAD, &bytes), 0);
    return bytes;
}

/* Fills the pipe to the last byte, without changing what stats_line sees of it. */
static void pipe_fill(int fd)
{
    char bytes[4096] = {0};
    int flags = fcntl(fd, F_GETFL);

    assert_int_equal(fcntl(fd, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(fd, bytes, sizeof(bytes)) > 0) {
    }
    assert_int_equal(fcntl(fd, F_SETFL, flags), 0);
}

/* Would hang here if it waited for the reader. */
static void skips_the_line_when_the_pipe_is_full(void **state)
{
    struct server *s = fake_server_new(1);
    struct stats_line *line = NULL;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    pipe_fill(fds[1]);
    int full = pipe_bytes(fds[0]);
    assert_ok(stats_line_new(fds[1], INTERVAL_NS, &line));
    stats_line_tick(line, s, NS_PER_S);
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS);
    assert_int_equal(pipe_bytes(fds[0]), full);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);

    char bytes[65536];
    assert_int_equal(read(fds[0], bytes, (size_t)full), full);
    stats_line_tick(line, s, NS_PER_S + 2 * INTERVAL_NS);
    assert_true(pipe_bytes(fds[0]) > 0);
    stats_line_free(line);
    close(fds[0]);
    close(fds[1]);
    fake_server_free(s);
}

/* SIGPIPE, which is not ignored here, would end the test. */
static void skips_the_line_when_the_reader_has_gone(void **state)
{
    struct server *s = fake_server_new(1);
    struct stats_line *line = NULL;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    assert_ok(stats_line_new(fds[1], INTERVAL_NS, &line));
    stats_line_tick(line, s, NS_PER_S);
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS);
    stats_line_free(line);
    close(fds[1]);
    fake_server_free(s);
}

static void writes_once_an_interval(void **state)
{
    struct server *s = fake_server_new(1);
    struct stats_line *line = NULL;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_ok(stats_line_new(fds[1], INTERVAL_NS, &line));
    stats_line_tick(line, s, NS_PER_S);
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS - 1);
    assert_int_equal(pipe_bytes(fds[0]), 0);
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS);
    int one = pipe_bytes(fds[0]);
    assert_true(one > 0);
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS + 1);
    assert_int_equal(pipe_bytes(fds[0]), one);
    stats_line_tick(line, s, NS_PER_S + 3 * INTERVAL_NS);
    assert_true(pipe_bytes(fds[0]) > one);
    stats_line_free(line);

    assert_ok(stats_line_new(fds[1], 0, &line));
    int before = pipe_bytes(fds[0]);
    stats_line_tick(line, s, NS_PER_S);
    stats_line_tick(line, s, 1000 * NS_PER_S);
    assert_int_equal(pipe_bytes(fds[0]), before);
    stats_line_free(line);
    close(fds[0]);
    close(fds[1]);
    fake_server_free(s);
}

static void tells_the_numbers(void **state)
{
    struct server *s = fake_server_new(2);
    struct stats_line *line = NULL;
    char text[1024] = "";
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_ok(stats_line_new(fds[1], INTERVAL_NS, &line));
    stats_line_tick(line, s, NS_PER_S);
    fake_server_archive(s, 0, FORMAT_JSON, 100, 2);
    fake_server_archive(s, 1, FORMAT_RAW, 7, 0);
    fake_server_reject(s, 0, FORMAT_JSON, REASON_EMPTY, "");
    fake_server_drop(s, 0, FORMAT_AVRO, DROP_DISK_FULL, 4);
    s->archive.files_published = 5;
    s->archive.open_file_bytes = 12345;
    s->shards[1].queue_length = 2;
    s->shards[1].queue_max = 77;
    s->archive.stalled = true;
    stats_line_tick(line, s, NS_PER_S + INTERVAL_NS);
    ssize_t bytes = read(fds[0], text, sizeof(text) - 1);
    assert_true(bytes > 0);
    text[bytes] = '\0';
    assert_ptr_equal(strchr(text, '\n'), text + bytes - 1);
    assert_ptr_equal(strstr(text, "stats state=stalled logs_per_sec="), text);
    assert_non_null(strstr(text, " mb_per_sec="));
    assert_non_null(strstr(text, " latency_us=50.0 "));
    assert_non_null(strstr(text, " queue=2 queue_max=77 rotations=5 file_bytes=12345 dropped=4 "
                                 "rejected=1 in_flight=2 json=98 proto=0 avro=0 raw=7 syslog=0 "
                                 "journald=0 unknown=0\n"));
    stats_line_free(line);
    close(fds[0]);
    close(fds[1]);
    fake_server_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(skips_the_line_when_the_pipe_is_full),
        cmocka_unit_test(skips_the_line_when_the_reader_has_gone),
        cmocka_unit_test(writes_once_an_interval),
        cmocka_unit_test(tells_the_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
