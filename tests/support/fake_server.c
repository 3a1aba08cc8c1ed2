/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_server: numbers behind a lock. */
#include "tests/support/fake_server.h"

#include "base/clock.h"
#include "ingestor/tail.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define FAKE_LATENCY_NS (50 * NS_PER_US)
#define FAKE_LINE_BYTES 106u
#define FAKE_VALUE_MASK 0xFFFFFFFFFFull

struct server *fake_server_new(unsigned shards)
{
    struct server *s = calloc(1, sizeof(*s));

    assert(s != NULL && shards <= FAKE_SERVER_SHARDS);
    pthread_mutex_init(&s->lock, NULL);
    s->shard_count = shards;
    s->started_wall_ns = clock_wall_ns();
    s->cert_expires_s = s->started_wall_ns / NS_PER_S + 86400;
    s->archive.disk_total_bytes = 64 * GIB;
    s->archive.disk_free_bytes = 40 * GIB;
    err_t err = tail_new(shards, &s->tail);
    assert(err == ERR_OK);
    return s;
}

void fake_server_free(struct server *s)
{
    tail_free(s->tail);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void fake_server_archive(struct server *s, unsigned shard, enum format format, uint64_t count,
                         uint64_t in_flight)
{
    struct shard_stats *stats = &s->shards[shard];

    assert(in_flight <= count);
    stats->received[format] += count;
    stats->archived[format] += count - in_flight;
    stats->in_flight[format] += in_flight;
    stats->severity[SEVERITY_INFO] += count - in_flight;
    stats->bytes_received += count * FAKE_LINE_BYTES;
    stats->handed_over_bytes += count * FAKE_LINE_BYTES;
    hist_add(&stats->latency_ns, FAKE_LATENCY_NS, count);
    s->archive.bytes_in += count * FAKE_LINE_BYTES;
    s->archive.bytes_out += count * FAKE_LINE_BYTES / 8;
    s->archive.records_synced += count - in_flight;
}

static void fake_sample(struct shard_sample *sample, uint64_t at_ns, const char *line)
{
    assert(strlen(line) <= SHARD_SAMPLE_BYTES);
    sample->at_ns = at_ns;
    snprintf(sample->peer, sizeof(sample->peer), "192.0.2.1:%u", (unsigned)(at_ns % 65536));
    sample->len = (uint32_t)strlen(line);
    memcpy(sample->line, line, strlen(line));
}

void fake_server_reject(struct server *s, unsigned shard, enum format format, enum reason reason,
                        const char *line)
{
    struct shard_stats *stats = &s->shards[shard];

    stats->received[format]++;
    stats->rejected[format][reason]++;
    fake_sample(&stats->reject_samples[stats->reject_sample_next], clock_wall_ns(), line);
    stats->reject_samples[stats->reject_sample_next].reason = (uint8_t)reason;
    stats->reject_sample_next = (stats->reject_sample_next + 1) % SHARD_REJECT_SAMPLES;
}

void fake_server_type(struct server *s, const char *name, uint32_t slot, uint64_t passed,
                      uint64_t failed)
{
    struct schema_cache_type_stats *type = &s->schemas.types[s->schemas.type_count++];

    assert(s->schemas.type_count <= SCHEMA_TYPE_SLOTS && slot < SCHEMA_TYPE_SLOTS);
    snprintf(type->name, sizeof(type->name), "%s", name);
    type->kind = SCHEMA_KIND_AVRO;
    type->id = 100 + slot;
    type->version = 3;
    type->slot = slot;
    s->shards[0].schema_passed[slot] += passed;
    s->shards[0].schema_failed[slot] += failed;
}

void fake_server_drop(struct server *s, unsigned shard, enum format format, enum shard_drop why,
                      uint64_t count)
{
    s->shards[shard].received[format] += count;
    s->shards[shard].dropped[format][why] += count;
}

void fake_server_sample(struct server *s, unsigned shard, enum format format, uint64_t at_ns,
                        const char *line)
{
    struct shard_stats *stats = &s->shards[shard];

    fake_sample(&stats->samples[format][stats->sample_next[format]], at_ns, line);
    stats->sample_next[format] = (stats->sample_next[format] + 1) % SHARD_SAMPLES_PER_FORMAT;
}

/* xorshift64: the same numbers on every machine. */
static uint64_t fake_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state & FAKE_VALUE_MASK;
}

static void fake_fill(uint64_t *values, size_t count, uint64_t *state)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = fake_random(state);
    }
}

static void fake_law(struct shard_stats *stats, uint64_t *state)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        stats->archived[f] = fake_random(state);
        stats->in_flight[f] = fake_random(state);
        stats->received[f] = stats->archived[f] + stats->in_flight[f];
        for (unsigned r = REASON_NONE + 1; r < REASON_COUNT; r++) {
            stats->rejected[f][r] = fake_random(state);
            stats->received[f] += stats->rejected[f][r];
        }
        for (unsigned d = 0; d < DROP_COUNT; d++) {
            stats->dropped[f][d] = fake_random(state);
            stats->received[f] += stats->dropped[f][d];
        }
    }
}

void fake_server_randomise(struct server *s, unsigned seed)
{
    uint64_t state = 0x9E3779B97F4A7C15ull + seed;

    for (unsigned i = 0; i < s->shard_count; i++) {
        struct shard_stats *stats = &s->shards[i];
        fake_law(stats, &state);
        fake_fill(stats->severity, SEVERITY_COUNT, &state);
        fake_fill(stats->defaulted, FIELD_COUNT, &state);
        fake_fill(stats->schema_passed, SCHEMA_TYPE_SLOTS, &state);
        fake_fill(stats->schema_failed, SCHEMA_TYPE_SLOTS, &state);
        fake_fill(stats->connections_ended, CONN_RESULT_COUNT, &state);
        fake_fill(stats->tls_failures, TLS_FAILURE_COUNT, &state);
#define FAKE_COUNTER(field, metric, help) stats->field = fake_random(&state);
        SHARD_COUNTER_LIST(FAKE_COUNTER)
#undef FAKE_COUNTER
        stats->connections_accepted = fake_random(&state);
        stats->connections_open = fake_random(&state);
        stats->held_bytes = fake_random(&state);
        stats->busy_ns = fake_random(&state);
        stats->queue_length = fake_random(&state);
        stats->queue_max = fake_random(&state);
        for (unsigned n = 0; n < 100; n++) {
            hist_add(&stats->latency_ns, fake_random(&state), 1);
            hist_add(&stats->clock_ahead_s, fake_random(&state), 1);
            hist_add(&stats->clock_behind_s, fake_random(&state), 1);
        }
    }
}

/* ---- ingestor/server.h ---- */

static struct server *fake_lock(const struct server *s)
{
    union {
        const struct server *in;
        struct server *out;
    } server = {.in = s};

    pthread_mutex_lock(&server.out->lock);
    return server.out;
}

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
    struct server *locked = fake_lock(s);

    *ret = locked->shards[shard];
    pthread_mutex_unlock(&locked->lock);
}

uint64_t server_shard_beats(const struct server *s, unsigned shard)
{
    return s->beats[shard];
}

void server_wake_shards(const struct server *s)
{
    (void)s;
}

uint64_t server_udp_drops(struct server *s)
{
    return s->udp_drops;
}

void server_read_accept(const struct server *s, struct server_accept_stats *ret)
{
    struct server *locked = fake_lock(s);

    *ret = locked->accept;
    pthread_mutex_unlock(&locked->lock);
}

uint32_t server_list_open_files(struct server *s, struct archive_open_file *ret, uint32_t max)
{
    ret[0] = s->open_file;
    return max > 0 && s->open_file.name[0] != '\0' ? 1 : 0;
}

uint32_t server_list_published_files(struct server *s,
                                     struct file_board_entry ret[FILE_BOARD_PLACES])
{
    ret[0] = s->published_file;
    return s->published_file.name[0] != '\0' ? 1 : 0;
}

void server_read_schemas(const struct server *s, struct schema_cache_stats *ret)
{
    struct server *locked = fake_lock(s);

    *ret = locked->schemas;
    pthread_mutex_unlock(&locked->lock);
}

void server_read_archive(const struct server *s, struct archive_stats *ret)
{
    struct server *locked = fake_lock(s);

    *ret = locked->archive;
    pthread_mutex_unlock(&locked->lock);
}

const struct ingestor_cfg *server_cfg(const struct server *s)
{
    (void)s;
    return NULL;
}

err_t server_read_settings(struct server *s, struct buf *out)
{
    (void)s;
    return buf_append(out, SPAN_LIT("{\"settings\":[]}"));
}

enum server_state server_state_now(const struct server *s)
{
    struct server *locked = fake_lock(s);
    enum server_state state = locked->state;

    pthread_mutex_unlock(&locked->lock);
    return state;
}

uint64_t server_started_wall_ns(const struct server *s)
{
    return s->started_wall_ns;
}

uint64_t server_cert_expires_s(const struct server *s)
{
    return s->cert_expires_s;
}

bool server_cert_is_development(const struct server *s)
{
    return s->cert_is_development;
}
