/* SPDX-License-Identifier: Apache-2.0
 *
 * server: what the ingestor consists of, made, read and ended in one place. */
#include "ingestor/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/acceptor.h"
#include "ingestor/archive_log.h"
#include "ingestor/cpus.h"
#include "ingestor/fd_budget.h"
#include "ingestor/ingestor_cfg.h"
#include "ingestor/schema_link.h"
#include "ingestor/settings_json.h"
#include "ingestor/shard.h"
#include "ingestor/sockets.h"
#include "ingestor/tail.h"
#include "ingestor/zone_map.h"
#include "net/tls.h"
#include "net/tls_name.h"
#include "schema/schema_json_pattern.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SIGTERM: everything is over within 10 s. Senders get most of it, files the rest. */
#define DRAIN_NS       (7u * NS_PER_S)
#define WRITE_OUT_NS   (8500u * NS_PER_MS)
#define SERVER_STOP_NS (9400u * NS_PER_MS) /* and a little for threads that hang */

#define ACCEPT_LAST_NS (1u * NS_PER_S) /* then the rest of the kernel's queue is reset */

/* Where the reason of a failure goes, for the user. */
struct why {
    char *text;
    size_t bytes;
};

struct server {
    struct ingestor_cfg *cfg;
    const struct archive_io *io;
    uint64_t started_wall_ns;
    struct cpus cpus;
    struct archive *archive;
    struct schema_cache *schemas;
    struct tail *tail;
    struct schema_link link;
    struct settings_json settings;
    struct file_board files;
    struct zone_map *zones;
    struct acceptor *acceptor;
    unsigned shards_wanted;
    unsigned shard_count; /* started */
    struct shard *shards[SHARDS_MAX];

    struct sockets sockets;
    struct tls_server *tls;
    struct tls_server *tls_next; /* loaded, not in use yet */
    bool running;                /* everything was started */

    /* atomic */
    _Atomic int state; /* enum server_state */
    _Atomic uint64_t cert_expires_s;
    _Atomic bool cert_development;

    pthread_mutex_t lock; /* what follows */
    uint64_t udp_drops;
    uint32_t udp_drops_seen[SHARDS_MAX]; /* modulo 2^32, as the kernel counts */
};

unsigned server_shard_count(const struct server *s)
{
    return s->shard_count;
}

struct tail *server_tail(struct server *s)
{
    return s->tail;
}

void server_read_shard(const struct server *s, unsigned shard, struct shard_stats *ret)
{
    assert(shard < s->shard_count);
    shard_read_stats(s->shards[shard], ret);
}

uint64_t server_shard_beats(const struct server *s, unsigned shard)
{
    assert(shard < s->shard_count);
    return shard_beats(s->shards[shard]);
}

void server_wake_shards(const struct server *s)
{
    for (unsigned i = 0; i < s->shard_count; i++) {
        shard_wake(s->shards[i]);
    }
}

uint64_t server_udp_drops(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->shard_count; i++) {
        uint32_t drops = shard_udp_drops(s->shards[i]);
        s->udp_drops += (uint32_t)(drops - s->udp_drops_seen[i]);
        s->udp_drops_seen[i] = drops;
    }
    uint64_t total = s->udp_drops;
    pthread_mutex_unlock(&s->lock);
    return total;
}

void server_read_accept(const struct server *s, struct server_accept_stats *ret)
{
    acceptor_read_stats(s->acceptor, ret);
}

void server_read_archive(const struct server *s, struct archive_stats *ret)
{
    archive_read_stats(s->archive, ret);
}

uint32_t server_list_open_files(struct server *s, struct archive_open_file *ret, uint32_t max)
{
    return archive_list_open(s->archive, ret, max);
}

uint32_t server_list_published_files(struct server *s,
                                     struct file_board_entry ret[FILE_BOARD_PLACES])
{
    return file_board_read(&s->files, ret);
}

static void note_archive_event(void *arg, const struct archive_event *event)
{
    struct server *s = arg;

    file_board_note(&s->files, event);
    archive_log_event(NULL, event);
}

void server_read_schemas(const struct server *s, struct schema_cache_stats *ret)
{
    schema_cache_read_stats(s->schemas, ret);
}

const struct ingestor_cfg *server_cfg(const struct server *s)
{
    return s->cfg;
}

err_t server_read_settings(struct server *s, struct buf *out)
{
    return settings_json_read(&s->settings, out);
}

static err_t publish_settings(struct server *s)
{
    const struct option_set set = ingestor_cfg_set(s->cfg);

    return settings_json_publish(&s->settings, &set);
}

enum server_state server_state_now(const struct server *s)
{
    return (enum server_state)atomic_load(&s->state);
}

uint64_t server_started_wall_ns(const struct server *s)
{
    return s->started_wall_ns;
}

uint64_t server_cert_expires_s(const struct server *s)
{
    return atomic_load(&s->cert_expires_s);
}

bool server_cert_is_development(const struct server *s)
{
    return atomic_load(&s->cert_development);
}

/* What recovery takes for a good frame goes by the first; what is written by the second. */
_Static_assert(RENDER_LINE_BYTES_MAX(RECORD_BYTES_LARGEST) <= ARCHIVE_LINE_BYTES_MAX,
               "the line of every record that may be taken in is one that recovery keeps");

/* Of a record, or of a reject: what is kept of it may be more than a small record limit. */
static size_t longest_line(const struct ingestor_cfg *cfg)
{
    size_t payload = cfg->max_record_bytes;

    return RENDER_LINE_BYTES_MAX(payload > REJECT_KEEP_BYTES ? payload : REJECT_KEEP_BYTES);
}

static err_t open_archive(struct server *s, char *why, size_t why_bytes)
{
    const struct ingestor_cfg *cfg = s->cfg;
    const struct render *render = render_find(span_of_str(ingestor_cfg_out_name(cfg->out)));
    struct archive_config config = {
        .data_dir = cfg->data_dir,
        .state_dir = cfg->state_dir,
        .instance = cfg->instance,
        .layout = cfg->layout,
        .fsync = cfg->fsync,
        .suffix = render->suffix,
        .header = render->header,
        .zstd_level = (int)cfg->zstd_level,
        .shard_count = s->shards_wanted,
        .line_bytes_max = longest_line(cfg),
        .policy = ingestor_cfg_policy(cfg),
        .io = s->io,
        .report = note_archive_event,
        .report_arg = s,
    };

    return archive_open(&config, why, why_bytes, &s->archive);
}

/* With a state directory beside the settings: they may name one that needs a restart. */
static err_t make_tls(const struct ingestor_cfg *cfg, const char *state_dir, struct why why,
                      struct tls_server **ret)
{
    struct tls_server_config config = {
        .cert_file = cfg->cert,
        .key_file = cfg->key,
        .client_ca_file = cfg->client_ca,
        .client_names = (const char *const *)cfg->client_names.at,
        .client_name_count = cfg->client_names.count,
        .state_dir = state_dir,
    };

    return tls_server_new(&config, why.text, why.bytes, ret);
}

err_t server_check_files(const struct ingestor_cfg *cfg, char *ret_why, size_t why_bytes)
{
    struct tls_server *tls = NULL;

    if (cfg->cert[0] == '\0') { /* the development certificate is made at the start */
        return cfg->client_ca[0] == '\0'
                   ? ERR_OK
                   : tls_server_check_client_ca(cfg->client_ca, ret_why, why_bytes);
    }
    TRY(make_tls(cfg, cfg->state_dir, (struct why){ret_why, why_bytes}, &tls));
    tls_server_free(tls);
    return ERR_OK;
}

/* A name that lets nobody in is most likely meant otherwise, but it endangers nothing. */
static void warn_of_names(const struct ingestor_cfg *cfg)
{
    char name[256];

    for (uint32_t i = 0; i < cfg->client_names.count; i++) {
        struct span text = span_of_str(cfg->client_names.at[i]);
        if (!tls_name_is_pattern(text)) {
            LOG_EACH(
                LOG_WARN, "server",
                "event=client_name_matches_nothing name=%s allowed=\"a whole name, or *. and a "
                "domain\"",
                log_escape(text, name, sizeof(name)));
        }
    }
}

/* The certificate and what belongs to it, for use_tls(). A bad one keeps the old. */
static err_t load_tls(struct server *s, const struct ingestor_cfg *cfg, char *why, size_t why_bytes)
{
    struct tls_server *fresh = NULL;

    TRY(make_tls(cfg, s->cfg->state_dir, (struct why){why, why_bytes}, &fresh));
    tls_server_free(s->tls_next);
    s->tls_next = fresh;
    warn_of_names(cfg);
    return ERR_OK;
}

/* From now on, for connections to come. */
static void use_tls(struct server *s)
{
    tls_server_free(s->tls);
    s->tls = s->tls_next;
    s->tls_next = NULL;
    acceptor_set_tls(s->acceptor, s->tls);
    atomic_store(&s->cert_expires_s, tls_server_expires_s(s->tls));
    atomic_store(&s->cert_development, tls_server_is_development(s->tls));
}

static void conn_closed(void *arg, const struct addr *peer)
{
    acceptor_conn_closed(arg, peer);
}

static err_t conn_proxied(void *arg, const struct addr *proxy, const struct addr *client)
{
    return acceptor_conn_proxied(arg, proxy, client);
}

static struct shard_policy shard_policy_of(const struct ingestor_cfg *cfg)
{
    return (struct shard_policy){.flush_interval_ns = cfg->flush_interval_ns,
                                 .handshake_timeout_ns = cfg->handshake_timeout_ns,
                                 .idle_timeout_ns = cfg->idle_timeout_ns};
}

static err_t start_schemas(struct server *s, char *why, size_t why_bytes)
{
    struct schema_link_why link_why = {why, why_bytes};

    schema_link_init(&s->link, s->shards);
    return schema_link_start(&s->link, s->cfg, s->shards_wanted, link_why, &s->schemas);
}

static err_t start_shards(struct server *s)
{
    const struct ingestor_cfg *cfg = s->cfg;
    struct shard_policy policy = shard_policy_of(cfg);
    bool pinned = !s->cpus.quota && cfg->shards == 0;
    struct zone_map_fault fault;

    TRY(zone_map_new(&cfg->syslog_zone, &s->zones, &fault));

    TRY(tail_new(s->shards_wanted, &s->tail));
    for (unsigned i = 0; i < s->shards_wanted; i++) {
        struct shard_config config = {
            .index = i,
            .cpu = pinned && i < s->cpus.cpu_count ? s->cpus.cpu[i] : -1,
            .archive = s->archive,
            .render = render_find(span_of_str(ingestor_cfg_out_name(cfg->out))),
            .record_bytes_max = (uint32_t)cfg->max_record_bytes,
            .message_bytes_max = (uint32_t)cfg->max_message_bytes,
            .schemas = s->schemas,
            .stamp = {cfg->peer_field, cfg->received_field},
            .tail = s->tail,
            .ndjson_strict = cfg->ndjson == INGESTOR_NDJSON_STRICT,
            .zones = s->zones,
            .held_bytes_max = cfg->max_inflight_bytes / s->shards_wanted,
            .udp_fd = s->sockets.udp_fds[i],
            .udp_inherited = s->sockets.udp_inherited,
            .conn_closed = conn_closed,
            .conn_closed_arg = s->acceptor,
            .conn_proxied = conn_proxied,
        };
        s->sockets.udp_fds[i] = -1;
        TRY(shard_start(&config, &policy, &s->shards[i]));
        s->shard_count++;
    }
    schema_link_open(&s->link, s->shard_count);
    return ERR_OK;
}

static err_t start_acceptor(struct server *s)
{
    struct acceptor_config config = {
        .shards = s->shards,
        .shard_count = s->shards_wanted,
        .connections_max = fd_budget_grant((uint64_t)s->cfg->max_connections, s->shards_wanted),
        .connections_per_peer_max = (uint32_t)s->cfg->max_connections_per_peer,
    };

    TRY(acceptor_new(&config, &s->acceptor));
    acceptor_set_proxies(s->acceptor, &s->cfg->proxy_protocol);
    return ERR_OK;
}

static err_t open_sockets(struct server *s, const struct inherit *inherit, char *why,
                          size_t why_bytes)
{
    const struct sockets_config config = {s->cfg, inherit, s->shards_wanted};

    TRY(sockets_open(&s->sockets, &config, why, why_bytes));
    memcpy(s->udp_drops_seen, s->sockets.udp_drops, sizeof(s->udp_drops_seen));
    return ERR_OK;
}

/* What a hardened service may not do costs speed, and nothing else. */
static void tell_what_is_forbidden(void)
{
    if (!schema_json_pattern_has_code()) {
        LOG(LOG_INFO, "server",
            "event=patterns_not_compiled reason=\"memory may not be written and "
            "executed\" action=interpret_patterns");
    }
}

static err_t start(struct server *s, const struct inherit *inherit, char *why, size_t why_bytes)
{
    tell_what_is_forbidden();
    TRY(publish_settings(s));
    TRY(open_archive(s, why, why_bytes));
    TRY(start_schemas(s, why, why_bytes));
    TRY(start_acceptor(s));
    TRY(load_tls(s, s->cfg, why, why_bytes));
    use_tls(s);
    TRY(open_sockets(s, inherit, why, why_bytes));
    TRY(start_shards(s));
    s->running = true;
    return ERR_OK;
}

err_t server_start(const struct server_config *config, char *ret_why, size_t why_bytes,
                   struct server **ret)
{
    struct server *s = calloc(1, sizeof(*s));
    struct ingestor_cfg *cfg = config->cfg;

    snprintf(ret_why, why_bytes, "out of memory or descriptors");
    ENSURE(s != NULL, ERR_NOMEM);
    s->cfg = cfg;
    s->io = config->io;
    s->started_wall_ns = clock_wall_ns();
    pthread_mutex_init(&s->lock, NULL);
    settings_json_init(&s->settings);
    file_board_init(&s->files);
    cpus_read(&s->cpus);
    s->shards_wanted = cfg->shards == 0 ? s->cpus.shards : (unsigned)cfg->shards;
    assert(s->shards_wanted <= SHARDS_MAX);
    sockets_init(&s->sockets);
    err_t err = start(s, config->inherit, ret_why, why_bytes);
    if (err != ERR_OK) {
        server_stop(s);
        server_free(s);
        return err;
    }
    *ret = s;
    return ERR_OK;
}

unsigned server_listen_fds(const struct server *s, int *ret_fds, unsigned max)
{
    unsigned n = s->sockets.tls_count < max ? s->sockets.tls_count : max;

    memcpy(ret_fds, s->sockets.tls_fds, n * sizeof(*ret_fds));
    return n;
}

err_t server_accept(struct server *s)
{
    err_t result = ERR_OK;

    for (unsigned i = 0; i < s->sockets.tls_count; i++) {
        err_t err = acceptor_accept(s->acceptor, s->sockets.tls_fds[i],
                                    (enum sniff_port)s->sockets.tls_for[i]);
        if (err == ERR_IO) {
            return err;
        }
        result = err == ERR_OK ? result : err;
    }
    return result;
}

void server_report_refusals(struct server *s, uint64_t mono_ns)
{
    acceptor_report_refusals(s->acceptor, mono_ns);
}

err_t server_describe(const struct server *s, struct buf *out)
{
    return sockets_describe(&s->sockets, out);
}

err_t server_prepare_reload(struct server *s, const struct ingestor_cfg *fresh, char *ret_why,
                            size_t why_bytes)
{
    return load_tls(s, fresh, ret_why, why_bytes);
}

void server_reload(struct server *s)
{
    struct archive_policy policy = ingestor_cfg_policy(s->cfg);
    struct shard_policy shard_policy = shard_policy_of(s->cfg);

    archive_set_policy(s->archive, &policy);
    for (unsigned i = 0; i < s->shard_count; i++) {
        shard_set_policy(s->shards[i], &shard_policy);
    }
    schema_cache_set_refresh(s->schemas, s->cfg->schema_refresh_ns);
    acceptor_set_limits(s->acceptor,
                        fd_budget_grant((uint64_t)s->cfg->max_connections, s->shards_wanted),
                        (uint32_t)s->cfg->max_connections_per_peer);
    acceptor_set_proxies(s->acceptor, &s->cfg->proxy_protocol);
    use_tls(s);
    if (publish_settings(s) != ERR_OK) {
        LOG(LOG_WARN, "server", "event=settings_not_shown err=nomem action=show_earlier_ones");
    }
}

void server_rotate(struct server *s)
{
    archive_rotate(s->archive);
}

/* Connections that the kernel completed but nobody accepted have senders that believe in them. At a
 * socket that others have too they wait for the next instance. */
static void close_listeners(struct server *s)
{
    uint64_t give_up_ns = clock_mono_ns() + ACCEPT_LAST_NS;

    while (s->running && !s->sockets.tls_inherited && server_accept(s) == ERR_AGAIN &&
           clock_mono_ns() < give_up_ns) {
        sched_yield(); /* the shards are taking over what they were given */
    }
    sockets_close_tls(&s->sockets);
}

/* After the shards, which may need a schema while they drain. */
static void stop_schemas(struct server *s)
{
    if (s->schemas != NULL) {
        schema_cache_stop(s->schemas);
    }
}

void server_stop(struct server *s)
{
    uint64_t now = clock_mono_ns();

    atomic_store(&s->state, SERVER_DRAINING);
    close_listeners(s);
    if (s->acceptor != NULL) {
        acceptor_report_refusals(s->acceptor, UINT64_MAX);
    }
    for (unsigned i = 0; i < s->shard_count; i++) {
        shard_drain(s->shards[i], now + DRAIN_NS, now + WRITE_OUT_NS);
    }
    for (unsigned i = 0; i < s->shard_count; i++) {
        shard_join(s->shards[i]);
    }
    stop_schemas(s);
    if (s->archive != NULL) {
        archive_stop(s->archive, now + SERVER_STOP_NS);
    }
    for (unsigned i = 0; i < s->shard_count; i++) {
        shard_settle(s->shards[i]);
    }
}

void server_free(struct server *s)
{
    if (s == NULL) {
        return;
    }
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        shard_free(s->shards[i]);
    }
    sockets_close(&s->sockets);
    tail_free(s->tail);
    schema_cache_free(s->schemas);
    zone_map_free(s->zones);
    acceptor_free(s->acceptor);
    tls_server_free(s->tls_next);
    tls_server_free(s->tls);
    archive_free(s->archive);
    settings_json_done(&s->settings);
    file_board_done(&s->files);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
