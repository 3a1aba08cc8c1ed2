/* SPDX-License-Identifier: Apache-2.0
 *
 * cpus: affinity and cgroup quota. A quota may be set on any ancestor of the process's own group,
 * so all are read up to the root. Source: Linux Documentation/admin-guide/cgroup-v2.rst,
 * cpu.max. */
#include "ingestor/cpus.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool read_text(const char *path, char *out, size_t cap)
{
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        return false;
    }
    size_t n = fread(out, 1, cap - 1, f);
    out[n] = '\0';
    fclose(f);
    return n > 0;
}

unsigned cpus_parse_quota(const char *text)
{
    char *end = NULL;
    long long quota = strtoll(text, &end, 10);

    if (end == text || quota <= 0) {
        return 0;
    }
    long long period = strtoll(end, NULL, 10);
    if (period <= 0 || quota / period > UINT_MAX - 1) {
        return 0;
    }
    return (unsigned)((quota + period - 1) / period);
}

static unsigned smaller_limit(unsigned a, unsigned b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The own group's path in the unified hierarchy: the line "0::/path" of /proc/self/cgroup. */
static bool own_group(char *out, size_t cap)
{
    char text[4096];

    if (!read_text("/proc/self/cgroup", text, sizeof(text))) {
        return false;
    }
    const char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    if (line == NULL) {
        return false;
    }
    line = strchr(line, '/');
    if (line == NULL) {
        return false;
    }
    snprintf(out, cap, "%.*s", (int)strcspn(line, "\n"), line);
    return true;
}

static unsigned quota_of_group(const char *group)
{
    char path[PATH_MAX];
    char text[64];
    int n = snprintf(path, sizeof(path), CGROUP_ROOT "%s/cpu.max", group);

    if (n < 0 || (size_t)n >= sizeof(path) || !read_text(path, text, sizeof(text))) {
        return 0;
    }
    return cpus_parse_quota(text);
}

static unsigned unified_quota(void)
{
    char group[PATH_MAX - 64];
    unsigned quota = 0;

    if (!own_group(group, sizeof(group))) {
        return 0;
    }
    for (char *slash = strrchr(group, '/'); slash != NULL; slash = strrchr(group, '/')) {
        quota = smaller_limit(quota, quota_of_group(group));
        *slash = '\0'; /* on to the parent; the root is the empty path */
    }
    return quota;
}

static unsigned legacy_quota(void)
{
    char both[128];
    char quota[32];
    char period[32];

    if (!read_text(CGROUP_ROOT "/cpu/cpu.cfs_quota_us", quota, sizeof(quota)) ||
        !read_text(CGROUP_ROOT "/cpu/cpu.cfs_period_us", period, sizeof(period))) {
        return 0;
    }
    snprintf(both, sizeof(both), "%.*s %s", (int)strcspn(quota, "\n"), quota, period);
    return cpus_parse_quota(both);
}

static void read_affinity(struct cpus *ret)
{
    cpu_set_t mask;
    unsigned count = 0;

    if (sched_getaffinity(0, sizeof(mask), &mask) != 0) {
        ret->shards = 1;
        return;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET((size_t)cpu, &mask)) {
            if (count < CPUS_SHARDS_MAX) {
                ret->cpu[count] = cpu;
            }
            count++;
        }
    }
    ret->cpu_count = count < CPUS_SHARDS_MAX ? count : CPUS_SHARDS_MAX;
    ret->shards = ret->cpu_count == 0 ? 1 : ret->cpu_count;
}

void cpus_read(struct cpus *ret)
{
    *ret = (struct cpus){0};
    read_affinity(ret);
    unsigned quota = smaller_limit(unified_quota(), legacy_quota());
    ret->quota = quota != 0;
    ret->shards = smaller_limit(ret->shards, quota);
}
