/* SPDX-License-Identifier: Apache-2.0
 *
 * fd_budget: the reserve is generous where a number is not fixed: a descriptor too many costs a
 * connection, one too few costs a file. */
#include "ingestor/fd_budget.h"

#include "base/err.h"
#include "base/log.h"
#include "ingestor/admin_http.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#define OWN_DESCRIPTORS       64u /* standard streams, listeners, polling, manifest, repacking … */
#define DESCRIPTORS_PER_SHARD 8u  /* polling, wake-ups, UDP; a log and a rejected file in hand */

uint64_t fd_budget_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

uint64_t fd_budget_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            LOG(LOG_INFO, "fd_budget",
                "event=descriptors_not_raised reason=\"%s\" action=go_by_the_present_limit",
                strerror(errno));
        }
    }
    return fd_budget_limit();
}

uint32_t fd_budget_connections(uint64_t fd_limit, unsigned shards, uint64_t wanted)
{
    uint64_t reserve =
        OWN_DESCRIPTORS + ADMIN_HTTP_CONNECTIONS_MAX + (uint64_t)DESCRIPTORS_PER_SHARD * shards;

    if (reserve > fd_limit / 2) {
        reserve = fd_limit / 2;
    }
    uint64_t room = fd_limit - reserve;
    uint64_t allowed = wanted < room ? wanted : room;
    return allowed < 1 ? 1 : (uint32_t)allowed;
}

uint32_t fd_budget_grant(uint64_t wanted, unsigned shards)
{
    uint64_t limit = fd_budget_limit();
    uint32_t allowed = fd_budget_connections(limit, shards, wanted);

    if (allowed < wanted) {
        LOG(LOG_WARN, "fd_budget",
            "event=max_connections_lowered wanted=%llu allowed=%u descriptors=%llu "
            "remedy=\"raise the limit of open files (LimitNOFILE=, ulimit -Hn)\"",
            (unsigned long long)wanted, allowed, (unsigned long long)limit);
    }
    return allowed;
}
