/* SPDX-License-Identifier: Apache-2.0
 *
 * ingestor_cfg: the order in which the sources are read, and the checks that need more than one
 * setting. The table is in ingestor_cfg_table.c. */
#include "ingestor/ingestor_cfg.h"

#include "base/option_parse.h"
#include "ingestor/cfg_yaml.h"
#include "ingestor/cpus.h"
#include "ingestor/ingestor_cfg_table.h"
#include "ingestor/stamp.h"
#include "ingestor/zone_map.h"
#include "net/addr.h"
#include "schema/schema_builtin.h"

#include <inttypes.h>

#define INSTANCE_BYTES_MAX 64u

struct option_set ingestor_cfg_set(struct ingestor_cfg *cfg)
{
    return (struct option_set){&ingestor_cfg_table, cfg, &cfg->origins};
}

const char *ingestor_cfg_out_name(enum ingestor_out out)
{
    static const char *const names[] = {"jsonl", "csv", "text"};

    return names[out];
}

struct archive_policy ingestor_cfg_policy(const struct ingestor_cfg *cfg)
{
    return (struct archive_policy){
        .rotate_bytes = cfg->rotate_bytes,
        .rotate_interval_ns = cfg->rotate_interval_ns,
        .flush_interval_ns = cfg->flush_interval_ns,
        .on_full = cfg->on_full,
        .min_free_percent = (uint32_t)cfg->min_free.percent,
        .min_free_bytes = cfg->min_free.bytes,
        .retain_bytes = cfg->retain_bytes,
        .retain_age_ns = cfg->retain_age_ns,
        .rejected_bytes = cfg->rejected_bytes,
    };
}

static bool given(const char *text)
{
    return text[0] != '\0';
}

static err_t check_address(const struct option_set *set, const char *name, const char *text,
                           struct option_report *report, bool *ret_loopback)
{
    struct addr addr;

    if (addr_parse(text, 0, &addr) != ERR_OK) {
        return option_refuse(set, name, report,
                             "\"%.80s\" is no address; allowed: an IPv4 or IPv6 address", text);
    }
    *ret_loopback = addr_is_loopback(&addr);
    return ERR_OK;
}

static err_t check_http(const struct ingestor_cfg *cfg, const struct option_set *set,
                        struct option_report *report)
{
    bool loopback = false;

    TRY(check_address(set, "http-bind", cfg->http_bind, report, &loopback));
    if (given(cfg->http_token_file) && cfg->http_open) {
        return option_refuse(set, "http-open", report,
                             "contradicts http-token-file; allowed: one of them");
    }
    if (loopback || given(cfg->http_token_file) || cfg->http_open ||
        cfg->http_port == OPTION_PORT_DISABLED) {
        return ERR_OK;
    }
    return option_refuse(set, "http-bind", report,
                         "\"%.80s\" can be reached from other machines; allowed: a loopback "
                         "address, or any with http-token-file or http-open",
                         cfg->http_bind);
}

static err_t check_ports(const struct ingestor_cfg *cfg, const struct option_set *set,
                         struct option_report *report)
{
    for (uint32_t i = 0; i < cfg->tls_port.count; i++) {
        if (cfg->tls_port.at[i] == OPTION_PORT_DISABLED && cfg->tls_port.count > 1) {
            return option_refuse(set, "tls-port", report,
                                 "\"off\" stands beside other ports; allowed: off alone, or ports");
        }
    }
    if (cfg->tls_port.count == 0) {
        return option_refuse(set, "tls-port", report,
                             "no port is given; allowed: off, or at least one port");
    }
    return ERR_OK;
}

static err_t check_tls(const struct ingestor_cfg *cfg, const struct option_set *set,
                       struct option_report *report)
{
    if (given(cfg->cert) && !given(cfg->key)) {
        return option_refuse(set, "cert", report,
                             "\"%.80s\" has no private key; allowed: cert and key together",
                             cfg->cert);
    }
    if (given(cfg->key) && !given(cfg->cert)) {
        return option_refuse(set, "key", report,
                             "\"%.80s\" has no certificate; allowed: cert and key together",
                             cfg->key);
    }
    if (cfg->client_names.count > 0 && !given(cfg->client_ca)) {
        return option_refuse(set, "client-names", report,
                             "\"%.80s\" can be certified by nobody; allowed: with client-ca",
                             cfg->client_names.at[0]);
    }
    return ERR_OK;
}

static err_t check_instance(const struct ingestor_cfg *cfg, const struct option_set *set,
                            struct option_report *report)
{
    size_t len = strspn(cfg->instance, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789.-");

    if (cfg->instance[len] != '\0' || len > INSTANCE_BYTES_MAX) {
        return option_refuse(set, "instance", report,
                             "\"%.80s\" is no name; allowed: at most %u of A-Z a-z 0-9 . -",
                             cfg->instance, INSTANCE_BYTES_MAX);
    }
    return ERR_OK;
}

err_t ingestor_cfg_pin(const char *pin, struct span *ret_type, uint32_t *ret_version)
{
    struct span text = span_of_str(pin);
    size_t at = span_find(text, '=');
    uint64_t version = 0;

    ENSURE(at > 0 && at < SCHEMA_TYPE_NAME_BYTES && at + 1 < text.len && text.len - at <= 10,
           ERR_SYNTAX);
    for (size_t i = at + 1; i < text.len; i++) {
        ENSURE(text.at[i] >= '0' && text.at[i] <= '9', ERR_SYNTAX);
        version = version * 10 + (uint64_t)(text.at[i] - '0');
    }
    ENSURE(version > 0 && version <= INT32_MAX, ERR_SYNTAX);
    *ret_type = span_head(text, at);
    *ret_version = (uint32_t)version;
    return ERR_OK;
}

static err_t check_schemas(const struct ingestor_cfg *cfg, const struct option_set *set,
                           struct option_report *report)
{
    bool http = strncmp(cfg->registry, "http://", 7) == 0 && cfg->registry[7] != '\0';
    bool https = strncmp(cfg->registry, "https://", 8) == 0 && cfg->registry[8] != '\0';
    uint32_t version = 0;
    struct span type;

    if (given(cfg->registry) && !http && !https) {
        return option_refuse(set, "registry", report,
                             "\"%.80s\" is no URL; allowed: http://HOST:PORT or https://HOST:PORT",
                             cfg->registry);
    }
    if (!given(cfg->registry) && strcmp(cfg->type, SCHEMA_BUILTIN_NAME) != 0) {
        return option_refuse(set, "type", report,
                             "\"%.80s\" is not built in; allowed: %s, or any type with registry",
                             cfg->type, SCHEMA_BUILTIN_NAME);
    }
    for (uint32_t i = 0; i < cfg->schema_pin.count; i++) {
        if (ingestor_cfg_pin(cfg->schema_pin.at[i], &type, &version) != ERR_OK) {
            return option_refuse(set, "schema-pin", report,
                                 "\"%.80s\" is no pin; allowed: TYPE=VERSION, the version a number "
                                 "from 1",
                                 cfg->schema_pin.at[i]);
        }
    }
    return ERR_OK;
}

static err_t check_zones(const struct ingestor_cfg *cfg, const struct option_set *set,
                         struct option_report *report)
{
    struct zone_map_fault fault = {NULL, ""};
    struct zone_map *zones = NULL;

    err_t err = zone_map_new(&cfg->syslog_zone, &zones, &fault);
    if (err == ERR_SYNTAX) {
        return option_refuse(
            set, "syslog-zone", report,
            "\"%.120s\" %s; allowed: a name below %.120s such as Europe/Berlin, an "
            "offset such as +01:00, or UTC; for the senders of a network CIDR=ZONE, "
            "such as 10.1.0.0/16=UTC",
            fault.item, fault.why, zone_directory());
    }
    zone_map_free(zones);
    return err;
}

static err_t check_field(const char *option, const char *name, const struct option_set *set,
                         struct option_report *report)
{
    const char *allowed = given(name) ? stamp_name_fault(name) : NULL;

    if (allowed != NULL) {
        return option_refuse(set, option, report, "\"%.80s\" cannot be added; allowed: %s", name,
                             allowed);
    }
    return ERR_OK;
}

/* Names that we add: none of the record's own, and each another. */
static err_t check_fields(const struct ingestor_cfg *cfg, const struct option_set *set,
                          struct option_report *report)
{
    size_t len = strlen(cfg->peer_field);

    TRY(check_field("peer-field", cfg->peer_field, set, report));
    TRY(check_field("received-field", cfg->received_field, set, report));
    if (len > 0 && strncmp(cfg->received_field, cfg->peer_field, len) == 0 &&
        (cfg->received_field[len] == '\0' ||
         strcmp(cfg->received_field + len, STAMP_CERT_SUFFIX) == 0)) {
        return option_refuse(set, "received-field", report,
                             "\"%.80s\" is added by peer-field too; allowed: another name than "
                             "%s and %s" STAMP_CERT_SUFFIX,
                             cfg->received_field, cfg->peer_field, cfg->peer_field);
    }
    return ERR_OK;
}

static unsigned shard_count(const struct ingestor_cfg *cfg)
{
    struct cpus cpus;

    if (cfg->shards != 0) {
        return (unsigned)cfg->shards;
    }
    cpus_read(&cpus);
    return cpus.shards;
}

static err_t check_limits(const struct ingestor_cfg *cfg, const struct option_set *set,
                          struct option_report *report)
{
    if (cfg->max_message_bytes > cfg->max_record_bytes) {
        return option_refuse(set, "max-message-bytes", report,
                             "%" PRIu64 " is more than max-record-bytes; allowed: at most %" PRIu64,
                             cfg->max_message_bytes, cfg->max_record_bytes);
    }
    uint64_t inflight_min = (cfg->max_record_bytes + 1) * shard_count(cfg);
    if (cfg->max_inflight_bytes < inflight_min) {
        return option_refuse(set, "max-inflight-bytes", report,
                             "%" PRIu64 " has no room for one record a shard; allowed: at least "
                             "%" PRIu64,
                             cfg->max_inflight_bytes, inflight_min);
    }
    return ERR_OK;
}

static err_t check_whole(const struct ingestor_cfg *cfg, const struct option_set *set,
                         struct option_report *report)
{
    bool loopback = false;

    TRY(check_address(set, "bind", cfg->bind, report, &loopback));
    TRY(check_http(cfg, set, report));
    TRY(check_ports(cfg, set, report));
    TRY(check_tls(cfg, set, report));
    TRY(check_instance(cfg, set, report));
    TRY(check_schemas(cfg, set, report));
    TRY(check_fields(cfg, set, report));
    TRY(check_zones(cfg, set, report));
    return check_limits(cfg, set, report);
}

/* The state directory lies in the data directory unless it is given. */
static err_t derive_state_dir(const struct ingestor_cfg *cfg, const struct option_set *set,
                              struct option_report *report)
{
    const struct option *row = option_find(set->table, SPAN_LIT("state-dir"));
    struct option_source source = {.origin = OPTION_DEFAULT};
    struct buf path = {0};

    if (given(cfg->state_dir)) {
        return ERR_OK;
    }
    err_t err = buf_printf(&path, "%s/.state", cfg->data_dir);
    if (err == ERR_OK) {
        set->origins->of[row - set->table->rows] = OPTION_DEFAULT;
        err = option_assign(set, row, source, buf_span(&path), report);
    }
    buf_done(&path);
    return err;
}

static err_t load_into(const struct ingestor_cfg_input *input, struct ingestor_cfg *cfg,
                       const struct option_set *set, struct option_report *report)
{
    TRY(option_parse_args(set, input->argc, input->argv, report));
    if (given(cfg->help) || cfg->version || cfg->print_options) {
        return ERR_OK;
    }
    TRY(option_parse_env(set, input->env, report));
    if (given(cfg->config)) {
        TRY(cfg_yaml_read(set, cfg->config, report));
    }
    TRY(derive_state_dir(cfg, set, report));
    return check_whole(cfg, set, report);
}

err_t ingestor_cfg_load(const struct ingestor_cfg_input *input, struct ingestor_cfg *ret,
                        struct option_report *report)
{
    struct ingestor_cfg cfg;
    struct option_set set = ingestor_cfg_set(&cfg);

    TRY(option_init(&set));
    err_t err = load_into(input, &cfg, &set, report);
    if (err != ERR_OK) {
        option_done(&set);
        return err;
    }
    *ret = cfg;
    return ERR_OK;
}

void ingestor_cfg_done(struct ingestor_cfg *cfg)
{
    struct option_set set = ingestor_cfg_set(cfg);

    option_done(&set);
}

err_t ingestor_cfg_adopt(struct ingestor_cfg *cfg, struct ingestor_cfg *fresh, struct buf *applied,
                         struct buf *refused)
{
    struct option_set to = ingestor_cfg_set(cfg);
    struct option_set from = ingestor_cfg_set(fresh);

    return option_reload(&to, &from, applied, refused);
}
