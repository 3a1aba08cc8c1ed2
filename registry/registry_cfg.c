/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_cfg: one row for each setting, in the order of --help. */
#include "registry/registry_cfg.h"

#include "base/option_help.h"
#include "base/option_parse.h"
#include "net/addr.h"

static const char *const log_level_choices[] = {"error", "warn", "info", "debug", NULL};

#define ROW(field) .offset = offsetof(struct registry_cfg, field)

static const struct option rows[] = {
    {.name = "port",
     ROW(port),
     .group = "network",
     .flags = OPTION_COMMON,
     .type = OPTION_PORT,
     .default_text = "8000",
     .help = "HTTP port; 0 is any free one"},
    {.name = "bind",
     ROW(bind),
     .type = OPTION_STRING,
     .arg = "ADDRESS",
     .default_text = "127.0.0.1",
     .flags = OPTION_COMMON | OPTION_NOT_EMPTY,
     .help = "address of the port; one that other machines reach takes writes only with "
             "--write-token-file"},
    {.name = "db",
     ROW(db),
     .group = "store",
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "./registry.db",
     .flags = OPTION_COMMON | OPTION_NOT_EMPTY,
     .help = "SQLite file of the schemas; made if it is missing"},
    {.name = "schemas",
     ROW(schemas),
     .flags = OPTION_COMMON,
     .type = OPTION_PATH,
     .arg = "DIR",
     .default_text = "",
     .help = "directory of schemas to register at the first start; of its files those named "
             "*.schema.json, *.avsc, *.proto"},
    {.name = "write-token-file",
     ROW(write_token_file),
     .flags = OPTION_COMMON,
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "",
     .help = "file with the token that requests must bear to change something"},
    {.name = "log-level",
     ROW(log_level),
     .group = "general",
     .type = OPTION_ENUM,
     .choices = log_level_choices,
     .default_text = "info",
     .help = "least importance of what is logged"},
    {.name = "version",
     ROW(version),
     .type = OPTION_BOOL,
     .flags = OPTION_NO_ENV,
     .default_text = "false",
     .help = "print the version and exit"},
    {.name = "print-options",
     ROW(print_options),
     .type = OPTION_BOOL,
     .flags = OPTION_NO_ENV | OPTION_HIDDEN,
     .default_text = "false",
     .help = "print this table as JSON and exit"},
    {OPTION_HELP_ROW, ROW(help), .flags = OPTION_NO_ENV},
};

static const struct option_group groups[] = {
    {"network", "address and port"},
    {"store", "where schemas are kept, who may change them"},
    {"general", "the program's own log, what only prints and exits"},
    {NULL, NULL},
};

const struct option_table registry_cfg_table = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .env_prefix = "CORDWOOD_REGISTRY_",
    .program = "cordwood-registry",
    .summary = "Keeps schemas and their versions, and answers for them by HTTP: the API of the "
               "Confluent Schema Registry and the go-client's.",
    .groups = groups,
};

static struct option_set set_of(struct registry_cfg *cfg)
{
    return (struct option_set){&registry_cfg_table, cfg, &cfg->origins};
}

static err_t load_into(const struct option_set *set, int argc, char *const *argv, char *const *env,
                       struct option_report *report)
{
    struct registry_cfg *cfg = set->config;
    struct addr addr;

    TRY(option_parse_args(set, argc, argv, report));
    if (cfg->help[0] != '\0' || cfg->version || cfg->print_options) {
        return ERR_OK;
    }
    TRY(option_parse_env(set, env, report));
    if (addr_parse(cfg->bind, 0, &addr) != ERR_OK) {
        return option_refuse(set, "bind", report,
                             "\"%.100s\" is no address; allowed: a numeric IPv4 or IPv6 address",
                             cfg->bind);
    }
    if (cfg->port == OPTION_PORT_DISABLED) {
        return option_refuse(set, "port", report, "it cannot be off; allowed: 0 to 65535");
    }
    return ERR_OK;
}

err_t registry_cfg_load(int argc, char *const *argv, char *const *env, struct registry_cfg *ret,
                        struct option_report *report)
{
    struct registry_cfg cfg = {0};
    struct option_set set = set_of(&cfg);

    TRY(option_init(&set));
    err_t err = load_into(&set, argc, argv, env, report);
    if (err != ERR_OK) {
        option_done(&set);
        return err;
    }
    *ret = cfg;
    return ERR_OK;
}

void registry_cfg_done(struct registry_cfg *cfg)
{
    struct option_set set = set_of(cfg);

    option_done(&set);
}
