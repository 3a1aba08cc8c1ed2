/* SPDX-License-Identifier: Apache-2.0
 *
 * server: the running ingestor as the admin side sees it: what HTTP, metrics and the stats line
 * read. All functions are for any thread and never hold up a shard. */
#pragma once

#include "archive/archive.h"
#include "base/buf.h"
#include "ingestor/file_board.h"
#include "ingestor/schema_cache.h"
#include "ingestor/shard_stats.h"

#include <stdbool.h>

struct server;
struct tail;
struct ingestor_cfg;
struct inherit;

enum server_state { SERVER_RUNNING, SERVER_DRAINING };

unsigned server_shard_count(const struct server *s);

/* A copy of what the shard last published (at most 0.1 s old while it works). */
void server_read_shard(const struct server *s, unsigned shard, struct shard_stats *ret);

/* shard_beats() of the shard. */
uint64_t server_shard_beats(const struct server *s, unsigned shard);

/* Ends the wait for events of all shards. */
void server_wake_shards(const struct server *s);

/* Datagrams the kernel dropped because a socket buffer was full, all shards, since the start; reads
 * the sockets now. */
uint64_t server_udp_drops(struct server *s);

/* Connections refused before they had a shard (limits), and accept() failures. */
struct server_accept_stats {
    uint64_t refused_limit;      /* --max-connections */
    uint64_t refused_peer_limit; /* --max-connections-per-peer */
    uint64_t errors;
};
void server_read_accept(const struct server *s, struct server_accept_stats *ret);

void server_read_archive(const struct server *s, struct archive_stats *ret);

/* The files of the archive: those being written (at most `max`; returns how many), and those
 * published last, the newest first (returns how many). */
uint32_t server_list_open_files(struct server *s, struct archive_open_file *ret, uint32_t max);
uint32_t server_list_published_files(struct server *s,
                                     struct file_board_entry ret[FILE_BOARD_PLACES]);
void server_read_schemas(const struct server *s, struct schema_cache_stats *ret);
const struct ingestor_cfg *server_cfg(const struct server *s);

/* Appends the settings in effect (settings_json.h). ERR_NOMEM. */
MUST_CHECK err_t server_read_settings(struct server *s, struct buf *out);

/* Who watches the archived lines. */
struct tail *server_tail(struct server *s);

enum server_state server_state_now(const struct server *s);
uint64_t server_started_wall_ns(const struct server *s);

/* When the server certificate ends, seconds since 1970; whether it is the development one. */
uint64_t server_cert_expires_s(const struct server *s);
bool server_cert_is_development(const struct server *s);

/* How the server is run, all main thread only. */

/* Whether the certificate, key and client CA that were given can be used; changes nothing. On
 * failure `ret_why` says what is wrong. ERR_IO, ERR_SYNTAX, ERR_NOMEM. */
MUST_CHECK err_t server_check_files(const struct ingestor_cfg *cfg, char *ret_why,
                                    size_t why_bytes);

/* What the server is started with; all of it must outlive the server, but `inherit`. */
struct server_config {
    struct ingestor_cfg *cfg;
    const struct inherit *inherit; /* sockets that are bound already; its TLS and UDP sockets become
                                      the server's, if it starts */
    const struct archive_io *io;
};

/* Opens the archive (repairing what an earlier run left), binds the sockets, starts the shards.
 * `ret_why` (always written) says what failed. ERR_EXISTS: another process holds the data
 * directory; ERR_LIMIT: more UDP sockets than shards; ERR_IO, ERR_SYNTAX, ERR_NOMEM. */
MUST_CHECK err_t server_start(const struct server_config *config, char *ret_why, size_t why_bytes,
                              struct server **ret);

/* The listening sockets, to be polled; at most `max`. Returns how many there are. */
unsigned server_listen_fds(const struct server *s, int *ret_fds, unsigned max);

/* Accepts what waits at all listening sockets. More may wait after ERR_AGAIN (many have come, or
 * the shards are behind) and ERR_IO (out of descriptors). */
MUST_CHECK err_t server_accept(struct server *s);

/* Every second or so: logs what was held back of refused connections. */
void server_report_refusals(struct server *s, uint64_t mono_ns);

/* Writes a line "listening tls ADDR:PORT" or "listening udp ADDR:PORT" for every socket. */
MUST_CHECK err_t server_describe(const struct server *s, struct buf *out);

/* Before the settings `fresh` are adopted: loads the certificates that they name. On failure
 * nothing has changed, and `ret_why` says what is wrong: ERR_IO, ERR_SYNTAX, ERR_NOMEM. */
MUST_CHECK err_t server_prepare_reload(struct server *s, const struct ingestor_cfg *fresh,
                                       char *ret_why, size_t why_bytes);

/* After they were adopted: certificates, limits, policies. */
void server_reload(struct server *s);

/* SIGUSR1: closes and publishes the files in hand. */
void server_rotate(struct server *s);

/* Stops accepting, drains, archives, publishes; within 10 s. The counters stay readable. Who waits
 * at an inherited socket is left to the next instance. */
void server_stop(struct server *s);

void server_free(struct server *s);
