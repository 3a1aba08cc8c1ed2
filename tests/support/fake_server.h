/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_server: ingestor/server.h without an ingestor: numbers that a test sets. Every function that
 * changes something keeps the law. */
#pragma once

#include "ingestor/server.h"

#include <pthread.h>

#define FAKE_SERVER_SHARDS 4u

struct server {
    pthread_mutex_t lock; /* what follows; tests without threads need not take it */
    unsigned shard_count;
    struct shard_stats shards[FAKE_SERVER_SHARDS];
    struct archive_stats archive;
    struct schema_cache_stats schemas;
    struct server_accept_stats accept;
    uint64_t udp_drops;
    uint64_t beats[FAKE_SERVER_SHARDS]; /* set by the thread that reads them */
    uint64_t started_wall_ns;
    uint64_t cert_expires_s;
    bool cert_is_development;
    enum server_state state;
    struct tail *tail;
    struct archive_open_file open_file;     /* without a name: none */
    struct file_board_entry published_file; /* likewise */
};

/* Fails the test when memory is short. */
struct server *fake_server_new(unsigned shards);
void fake_server_free(struct server *s);

/* `count` records are received and, all but `in_flight` of them, archived, each after 50 us. */
void fake_server_archive(struct server *s, unsigned shard, enum format format, uint64_t count,
                         uint64_t in_flight);
void fake_server_reject(struct server *s, unsigned shard, enum format format, enum reason reason,
                        const char *line);
/* A type in force (Avro, version 3, id 100 + slot) and what it said to records. */
void fake_server_type(struct server *s, const char *name, uint32_t slot, uint64_t passed,
                      uint64_t failed);
void fake_server_drop(struct server *s, unsigned shard, enum format format, enum shard_drop why,
                      uint64_t count);
void fake_server_sample(struct server *s, unsigned shard, enum format format, uint64_t at_ns,
                        const char *line);

/* Every counter and gauge of every shard becomes some number below 2^40; the law holds. */
void fake_server_randomise(struct server *s, unsigned seed);
