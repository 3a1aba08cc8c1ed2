/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process uses, against what this test makes it use. */
#include "ingestor/process_stats.h"

#include "base/limits.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS          7u
#define MEMORY_BYTES (16u * MIB)

static void descriptors_are_counted(void **state)
{
    struct process_stats before;
    struct process_stats after;
    struct rlimit limit;
    int fds[FDS];

    (void)state;
    process_stats_read(&before);
    for (size_t i = 0; i < FDS; i++) {
        fds[i] = dup(STDERR_FILENO);
        assert_true(fds[i] >= 0);
    }
    process_stats_read(&after);
    assert_int_equal(after.open_fds, before.open_fds + FDS);
    assert_true(before.open_fds >= 1);
    for (size_t i = 0; i < FDS; i++) {
        close(fds[i]);
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(after.max_fds, limit.rlim_cur);
    assert_true(after.threads >= 1);
}

static void memory_and_time_grow(void **state)
{
    struct process_stats before;
    struct process_stats after;
    char *memory = malloc(MEMORY_BYTES);

    (void)state;
    assert_non_null(memory);
    process_stats_read(&before);
    for (unsigned round = 0; round < 20; round++) {
        memset(memory, (int)round + 1, MEMORY_BYTES);
        __asm__ volatile("" : : "r"(memory) : "memory");
    }
    process_stats_read(&after);
    free(memory);
    assert_true(after.resident_bytes >= before.resident_bytes + MEMORY_BYTES / 2);
    assert_true(after.virtual_bytes >= after.resident_bytes);
    assert_true(after.cpu_ns > before.cpu_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(memory_and_time_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
