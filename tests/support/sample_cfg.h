/* SPDX-License-Identifier: Apache-2.0
 *
 * sample_cfg: a small option table with every type and flag, for the tests of base/option*. */
#pragma once

#include "base/option.h"

enum sample_mode { SAMPLE_FAST, SAMPLE_SAFE, SAMPLE_OFF };

struct sample_cfg {
    char *name;
    char *path;
    enum sample_mode mode;
    bool open;
    uint64_t count;
    int32_t port;
    uint64_t size;
    uint64_t wait_ns;
    uint64_t pace_ns;
    struct option_share share;
    struct option_ports ports;
    struct option_strings words;
    char *token;
    uint64_t version;
    struct option_strings unknown;
    bool hidden;
    char *help;

    struct option_origins origins;
};

extern const struct option_table sample_cfg_table;

/* A set over `cfg`, with the defaults in place. Fails the test when memory is short. */
struct option_set sample_cfg_init(struct sample_cfg *cfg);
