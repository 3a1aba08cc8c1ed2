/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters published by one thread and read by others: never torn, never going back. */
#include "ingestor/snapshot.h"
#include "tests/support/test.h"

#include <pthread.h>
#include <stdlib.h>

#define ROUNDS 20000u

static void *publish_rounds(void *arg)
{
    struct snapshot *s = arg;
    struct shard_stats *stats = calloc(1, sizeof(*stats));

    for (uint64_t i = 1; stats != NULL && i <= ROUNDS; i++) {
        stats->received[FORMAT_JSON] = i;
        stats->archived[FORMAT_JSON] = i;
        stats->reject_sample_next = (uint32_t)i; /* the last field: a torn copy would show */
        snapshot_publish(s, stats);
    }
    free(stats);
    return NULL;
}

static void reads_whole_copies_in_order(void **state)
{
    struct shard_stats *copy = calloc(1, sizeof(*copy));
    struct snapshot s;
    pthread_t thread;
    uint64_t last = 0;

    (void)state;
    assert_non_null(copy);
    assert_ok(snapshot_init(&s));
    assert_int_equal(pthread_create(&thread, NULL, publish_rounds, &s), 0);
    while (last < ROUNDS) {
        snapshot_read(&s, copy);
        assert_true(copy->received[FORMAT_JSON] >= last);
        assert_int_equal(copy->received[FORMAT_JSON], copy->archived[FORMAT_JSON]);
        assert_int_equal(copy->received[FORMAT_JSON], copy->reject_sample_next);
        last = copy->received[FORMAT_JSON];
    }
    pthread_join(thread, NULL);
    snapshot_done(&s);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whole_copies_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
