/* SPDX-License-Identifier: Apache-2.0
 *
 * process_stats: what the process as a whole uses, as the kernel tells it. Read for a scrape. */
#pragma once

#include <stdint.h>

struct process_stats {
    uint64_t cpu_ns; /* user and system, all threads */
    uint64_t resident_bytes;
    uint64_t virtual_bytes;
    uint64_t open_fds;
    uint64_t max_fds;
    uint64_t threads;
};

/* What cannot be read (no /proc) stays 0. */
void process_stats_read(struct process_stats *ret);
