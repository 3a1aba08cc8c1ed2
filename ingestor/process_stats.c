/* SPDX-License-Identifier: Apache-2.0
 *
 * process_stats: proc(5) and getrusage(2). */
#include "ingestor/process_stats.h"

#include "base/limits.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Entries of a directory of /proc but "." and "..". */
static uint64_t entries_of(const char *path)
{
    uint64_t count = 0;
    DIR *dir = opendir(path);

    if (dir == NULL) {
        return 0;
    }
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        count += e->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

/* Newer kernels tell the number as the directory's size, which spares reading thousands of
 * entries; else it is counted, without the descriptor that counting takes. */
static uint64_t open_fds(void)
{
    struct stat st;

    if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0) {
        return (uint64_t)st.st_size;
    }
    uint64_t count = entries_of("/proc/self/fd");
    return count > 0 ? count - 1 : 0;
}

static void read_memory(struct process_stats *ret)
{
    unsigned long long total = 0;
    unsigned long long resident = 0;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    FILE *f = fopen("/proc/self/statm", "re");

    if (f == NULL) {
        return;
    }
    if (fscanf(f, "%llu %llu", &total, &resident) == 2) {
        ret->virtual_bytes = total * page;
        ret->resident_bytes = resident * page;
    }
    fclose(f);
}

static uint64_t ns_of(struct timeval t)
{
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_usec * NS_PER_US;
}

void process_stats_read(struct process_stats *ret)
{
    struct rusage usage;
    struct rlimit limit;

    *ret = (struct process_stats){.open_fds = open_fds(), .threads = entries_of("/proc/self/task")};
    read_memory(ret);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        ret->cpu_ns = ns_of(usage.ru_utime) + ns_of(usage.ru_stime);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        ret->max_fds = limit.rlim_cur;
    }
}
