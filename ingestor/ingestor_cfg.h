/* SPDX-License-Identifier: Apache-2.0
 *
 * ingestor_cfg: the ingestor's settings: one row each in the option table (base/option.h), checked
 * as a whole. Loading and reloading belong to the main thread; other threads get copies. */
#pragma once

#include "archive/archive.h"
#include "base/log.h"
#include "base/option.h"
#include "ingestor/schema_cache.h"

/* Of the keys of the file; to be raised when a key changes its meaning. */
#define INGESTOR_CONFIG_VERSION 1u

enum ingestor_out { INGESTOR_OUT_JSONL, INGESTOR_OUT_CSV, INGESTOR_OUT_TEXT };
enum ingestor_explain_format { INGESTOR_EXPLAIN_TEXT, INGESTOR_EXPLAIN_JSON };
enum ingestor_ndjson { INGESTOR_NDJSON_ALIASES, INGESTOR_NDJSON_STRICT };

/* Texts are never NULL; "" means not given. */
struct ingestor_cfg {
    char *bind; /* an IP address, for TLS and UDP */
    char *http_bind;
    char *http_token_file;
    bool http_open;
    struct option_ports tls_port; /* one entry OPTION_PORT_DISABLED: no TLS */
    int32_t udp_port;             /* or OPTION_PORT_DISABLED */
    int32_t http_port;            /* or OPTION_PORT_DISABLED */

    char *data_dir;
    char *state_dir; /* DATA/.state if not given */
    char *instance;
    enum archive_layout layout;
    enum ingestor_out out;
    enum ingestor_ndjson ndjson;
    char *peer_field;                  /* "": none */
    char *received_field;              /* "": none */
    struct option_strings syslog_zone; /* ZONE, BLOCK=ZONE: zone_map.h */

    char *type;
    char *registry; /* URL; "": none */
    uint64_t schema_refresh_ns;
    struct option_strings schema_pin; /* TYPE=VERSION */
    enum schema_cache_avro_prefix avro_prefix;

    char *cert;
    char *key;
    char *client_ca;
    struct option_strings client_names;

    uint64_t shards; /* 0: as many as the machine suggests */
    uint64_t zstd_level;
    uint64_t rotate_bytes;
    uint64_t rotate_interval_ns; /* 0: never by time */
    uint64_t flush_interval_ns;
    enum archive_fsync fsync;
    struct option_share min_free;
    enum archive_on_full on_full;
    uint64_t retain_bytes;  /* 0: never delete */
    uint64_t retain_age_ns; /* 0: never delete */
    uint64_t rejected_bytes;

    uint64_t max_connections;
    uint64_t max_connections_per_peer; /* 0: no limit */
    uint64_t handshake_timeout_ns;
    uint64_t idle_timeout_ns; /* 0: none */
    uint64_t max_record_bytes;
    uint64_t max_message_bytes;
    uint64_t max_inflight_bytes;

    uint64_t stats_interval_ns; /* 0: never; OPTION_AUTO: 1 s on a terminal, else 60 s */
    enum log_level log_level;

    char *config;
    uint64_t config_version;
    struct option_strings ignore_unknown;
    char *explain; /* a file, "-" or "" */
    enum ingestor_explain_format explain_format;
    bool check_config;
    bool print_config;
    bool print_config_template;
    bool print_options;
    bool version;
    char *help; /* the topic */

    struct option_origins origins;
};

/* What the settings are read from; kept by the caller for a reload. */
struct ingestor_cfg_input {
    int argc;
    char *const *argv;
    char *const *env; /* ended by NULL */
};

/* Reads arguments, environment and the file that one of them names, fills in the defaults, checks
 * the whole. With --help, --version or --print-options nothing but the arguments is read. On
 * failure `ret` needs no release and `report->why` says what to tell the user. Errors: ERR_UNKNOWN,
 * ERR_SYNTAX, ERR_LIMIT (with a text); ERR_IO the file cannot be read (with a text); ERR_NOMEM
 * (without). */
MUST_CHECK err_t ingestor_cfg_load(const struct ingestor_cfg_input *input, struct ingestor_cfg *ret,
                                   struct option_report *report);

void ingestor_cfg_done(struct ingestor_cfg *cfg);

/* Moves what SIGHUP may change from `fresh`, which was loaded again, into `cfg`. The names of
 * changed settings go to `applied`, those that need a restart to `refused`, each followed by a
 * space. `fresh` stays to be released. ERR_NOMEM: `cfg` is as it was. */
MUST_CHECK err_t ingestor_cfg_adopt(struct ingestor_cfg *cfg, struct ingestor_cfg *fresh,
                                    struct buf *applied, struct buf *refused);

/* The settings with their origins, for option_show_config(). Valid as long as `cfg`. */
struct option_set ingestor_cfg_set(struct ingestor_cfg *cfg);

/* The name for render_find(). Static. */
const char *ingestor_cfg_out_name(enum ingestor_out out);

/* The item of --schema-pin; `ret->type` points into `pin` and is not ended by NUL. ERR_SYNTAX. */
MUST_CHECK err_t ingestor_cfg_pin(const char *pin, struct span *ret_type, uint32_t *ret_version);

/* What the archive takes from the settings. */
struct archive_policy ingestor_cfg_policy(const struct ingestor_cfg *cfg);
