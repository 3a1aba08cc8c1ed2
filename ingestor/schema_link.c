/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_link: runs on the cache's thread. */
#include "ingestor/schema_link.h"

#include "base/clock.h"
#include "base/limits.h"

#include <time.h>

/* How long a shard may take to show its latest records: its longest wait, twice. */
#define RECENT_WAIT_NS (2u * NS_PER_S)
#define RECENT_POLL_NS (2 * 1000 * 1000)

/* What judged the records of a type (recent.h). */
static enum recent_judge judge_of(const struct schema_type *type)
{
    switch (type->kind) {
    case SCHEMA_KIND_JSON:
        return type->is_entry ? RECENT_ENTRY : RECENT_JSON;
    case SCHEMA_KIND_AVRO:
        return RECENT_AVRO;
    case SCHEMA_KIND_PROTOBUF:
    case SCHEMA_KIND_COUNT:
        break;
    }
    return RECENT_PROTOBUF;
}

static void wake_shard(void *arg, unsigned shard)
{
    struct schema_link *link = arg;

    if (shard < atomic_load(&link->shards_ready)) {
        shard_wake(link->shards[shard]);
    }
}

/* Asks a shard and waits for its next turn. */
static err_t await_recent(struct shard *shard, enum recent_judge judge, uint64_t give_up_ns,
                          const struct schema_cache_recent **ret)
{
    const struct timespec pause = {.tv_nsec = RECENT_POLL_NS};
    bool fresh = true;

    err_t err = shard_read_recent(shard, judge, &fresh, ret);
    while (err == ERR_AGAIN && clock_mono_ns() < give_up_ns) {
        nanosleep(&pause, NULL);
        err = shard_read_recent(shard, judge, &fresh, ret);
    }
    return err;
}

/* On the cache's thread. What a shard has answered stays until it is asked again. */
static err_t read_recent(void *arg, const struct schema_type *type, struct schema_cache_recent *ret)
{
    const struct schema_cache_recent *parts[SHARDS_MAX];
    uint32_t counts[SHARDS_MAX];
    uint32_t take[SHARDS_MAX];
    struct schema_link *link = arg;
    unsigned shards = atomic_load(&link->shards_ready);
    uint64_t give_up_ns = clock_mono_ns() + RECENT_WAIT_NS;

    for (unsigned i = 0; i < shards; i++) {
        TRY(await_recent(link->shards[i], judge_of(type), give_up_ns, &parts[i]));
        counts[i] = parts[i]->count;
    }
    recent_share(counts, shards, take);
    for (unsigned i = 0; i < shards; i++) {
        TRY(recent_add(parts[i], take[i], ret));
    }
    return ERR_OK;
}

void schema_link_init(struct schema_link *link, struct shard *const *shards)
{
    *link = (struct schema_link){.shards = shards};
}

static err_t take_pins(struct schema_link *link, const struct ingestor_cfg *cfg)
{
    for (uint32_t i = 0; i < cfg->schema_pin.count; i++) {
        struct span type;
        TRY(ingestor_cfg_pin(cfg->schema_pin.at[i], &type, &link->pins[i].version));
        memcpy(link->pin_types[i], type.at, type.len);
        link->pins[i].type = link->pin_types[i];
    }
    return ERR_OK;
}

err_t schema_link_start(struct schema_link *link, const struct ingestor_cfg *cfg,
                        unsigned shard_count, struct schema_link_why why, struct schema_cache **ret)
{
    struct schema_cache_config config = {
        .registry = cfg->registry,
        .type = cfg->type,
        .state_dir = cfg->state_dir,
        .read_only = link->shards == NULL,
        .refresh_ns = cfg->schema_refresh_ns,
        .pins = link->pins,
        .pin_count = cfg->schema_pin.count,
        .avro_prefix = cfg->avro_prefix,
        .shard_count = shard_count,
        .record_bytes_max = (uint32_t)cfg->max_record_bytes,
        .wake = wake_shard,
        .recent = read_recent,
        .arg = link,
    };

    TRY(take_pins(link, cfg));
    return schema_cache_start(&config, why.text, why.bytes, ret);
}

void schema_link_open(struct schema_link *link, unsigned shard_count)
{
    atomic_store(&link->shards_ready, shard_count);
}
