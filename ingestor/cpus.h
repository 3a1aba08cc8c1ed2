/* SPDX-License-Identifier: Apache-2.0
 *
 * cpus: how many CPUs this process may use, and which. */
#pragma once

#include <stdbool.h>

#define CPUS_SHARDS_MAX 16u /* what is chosen without --shards */

struct cpus {
    unsigned shards;          /* min(affinity, cgroup quota rounded up, CPUS_SHARDS_MAX), >= 1 */
    bool quota;               /* a cgroup limits the CPU time: pinning would waste it */
    int cpu[CPUS_SHARDS_MAX]; /* the CPUs of the affinity mask, for the first shards */
    unsigned cpu_count;       /* of those */
};

/* Reads the affinity mask and the cgroup (v2 cpu.max, v1 cpu.cfs_quota_us) of this process. */
void cpus_read(struct cpus *ret);

/* "QUOTA PERIOD" of cpu.max, or "max PERIOD", as CPUs rounded up; 0: no limit or not understood. */
unsigned cpus_parse_quota(const char *text);
