/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_stats: labels, from the lists. */
#include "ingestor/shard_stats.h"

#include <assert.h>

const char *shard_stats_result_label(enum shard_conn_result result)
{
    static const char *const labels[CONN_RESULT_COUNT] = {
#define LABEL(name, label) [CONN_##name] = (label),
        SHARD_CONN_RESULT_LIST(LABEL)
#undef LABEL
    };

    assert(result < CONN_RESULT_COUNT);
    return labels[result];
}

const char *shard_stats_tls_failure_label(enum shard_tls_failure failure)
{
    static const char *const labels[TLS_FAILURE_COUNT] = {
#define LABEL(name, label) [TLS_FAILURE_##name] = (label),
        SHARD_TLS_FAILURE_LIST(LABEL)
#undef LABEL
    };

    assert(failure < TLS_FAILURE_COUNT);
    return labels[failure];
}

const char *shard_stats_drop_label(enum shard_drop drop)
{
    assert(drop < DROP_COUNT);
    return drop == DROP_DISK_FULL ? "disk_full" : "shutdown";
}

const char *shard_stats_field_label(enum entry_field field)
{
    static const char *const labels[FIELD_COUNT] = {
        [FIELD_TIMESTAMP] = "timestamp",
        [FIELD_LEVEL] = "level",
        [FIELD_MESSAGE] = "message",
        [FIELD_SERVICE] = "service",
    };

    assert(field < FIELD_COUNT);
    return labels[field];
}
