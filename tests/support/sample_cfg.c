/* SPDX-License-Identifier: Apache-2.0
 *
 * sample_cfg: the table. */
#include "tests/support/sample_cfg.h"

#include "base/limits.h"
#include "base/option_help.h"
#include "tests/support/test.h"

static const char *const modes[] = {"fast", "safe", "off", NULL};

#define AT(field) .offset = offsetof(struct sample_cfg, field)

static const struct option rows[] = {
    {AT(version), .name = "config-version", .group = "first", .type = OPTION_INTEGER, .min = 1,
     .max = 1, .flags = OPTION_NO_ARG | OPTION_NO_ENV | OPTION_STATED, .default_text = "1",
     .help = "version"},
    {AT(unknown), .name = "ignore-unknown", .type = OPTION_STRING_LIST, .max = 32,
     .flags = OPTION_NO_ARG | OPTION_NO_ENV | OPTION_RELOAD, .default_text = "", .help = "keys"},
    {AT(name), .name = "name", .type = OPTION_STRING, .max = 8, .default_text = "", .help = "name"},
    {AT(path), .name = "data-dir", .type = OPTION_PATH, .flags = OPTION_NOT_EMPTY | OPTION_COMMON,
     .default_text = "./data", .help = "directory; more is not brief"},
    {AT(mode), .name = "mode", .group = "second", .type = OPTION_ENUM, .choices = modes,
     .flags = OPTION_RELOAD, .default_text = "safe", .help = "mode"},
    {AT(open), .name = "open", .type = OPTION_BOOL, .default_text = "false", .help = "open"},
    {AT(count), .name = "count", .type = OPTION_INTEGER, .min = 1, .max = 19, .default_text = "1",
     .help = "a help text that is so long that it must continue on a line of its own, or two"},
    {AT(port), .name = "http-port", .type = OPTION_PORT, .default_text = "3000", .help = "port"},
    {AT(size), .name = "rotate-bytes", .type = OPTION_BYTES, .min = 64 * KIB, .max = 1024 * GIB,
     .flags = OPTION_RELOAD, .default_text = "50MiB", .help = "size"},
    {AT(wait_ns), .name = "wait", .type = OPTION_DURATION, .min = NS_PER_S,
     .max = 7 * 86400 * NS_PER_S, .flags = OPTION_ZERO_OK | OPTION_AUTO_OK, .default_text = "auto",
     .help = "wait"},
    {AT(pace_ns), .name = "pace", .type = OPTION_DURATION, .unit = "ms", .default_text = "1000",
     .help = "pace"},
    {AT(share), .name = "min-free", .type = OPTION_SHARE, .max = 90, .default_text = "5%",
     .help = "share"},
    {AT(ports), .name = "tls-port", .type = OPTION_PORT_LIST, .default_text = "3001,3003",
     .help = "ports"},
    {AT(words), .name = "words", .type = OPTION_STRING_LIST, .flags = OPTION_RELOAD, .max = 16,
     .default_text = "", .help = "words"},
    {AT(token), .name = "token", .type = OPTION_STRING, .max = 8, .flags = OPTION_SECRET,
     .default_text = "", .help = "token"},
    {AT(hidden), .name = "hidden", .type = OPTION_BOOL, .default_text = "false", .help = "hidden",
     .flags = OPTION_NO_FILE | OPTION_NO_ENV | OPTION_HIDDEN},
    {OPTION_HELP_ROW, AT(help), .group = "first", .flags = OPTION_NO_FILE | OPTION_NO_ENV},
};

static const struct option_group groups[] = {
    {"first", "what comes first"}, {"second", "a \"second\" group"}, {NULL, NULL}};

const struct option_table sample_cfg_table = {
    .rows = rows,
    .count = TEST_COUNT(rows),
    .env_prefix = "CORDWOOD_",
    .program = "prog",
    .summary =
        "A program of the tests whose summary is so long that it does not fit into one line.",
    .operands = "FILE",
    .groups = groups,
};

struct option_set sample_cfg_init(struct sample_cfg *cfg)
{
    struct option_set set = {&sample_cfg_table, cfg, &cfg->origins};

    assert_ok(option_init(&set));
    return set;
}
