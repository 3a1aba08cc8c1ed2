/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_cache: a thread that waits on an eventfd, never for a shard. A set is published by one
 * pointer; each shard says with a number which one it has come to, and what has been replaced is
 * freed when all of them have come further. A shard that asks for an id puts it into a small ring
 * of its own: what does not fit is forgotten. */
#include "ingestor/schema_cache.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/ring.h"
#include "ingestor/schema_fetch.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ASKS_PER_SHARD 64u  /* that wait in its ring */
#define WANTED_MAX     256u /* ids that wait for their turn */
#define RETIRED_MAX    64u  /* sets that some shard may still use */
#define TURN_SETS      2u   /* that one turn of the thread may publish */
#define RETIRED_NS     (50 * NS_PER_MS)

_Static_assert(SHARDS_MAX <= 64, "the shards that want an id are bits of a number");

struct cache_shard {
    _Alignas(64) _Atomic uint64_t generation; /* of the set it uses; 0: none yet */
    struct ring asks;                         /* ids plus 1, as pointers */
};

struct wanted {
    uint32_t id;
    uint64_t shards; /* bits */
};

/* What no set from `generation` on refers to. */
struct retired {
    uint64_t generation;
    struct schema_set *set;
    struct schema_type *type;
};

struct schema_cache {
    struct schema_cache_config config; /* fixed after start */
    int wake_fd;
    pthread_t thread;
    bool has_thread;

    struct schema_board board; /* any thread */

    /* the cache's thread only, once it runs */
    struct schema_fetch fetch;
    struct schema_set *newest;
    struct retired retired[RETIRED_MAX];
    uint32_t retired_count;
    struct wanted wanted[WANTED_MAX];
    uint32_t wanted_count;
    unsigned next_shard;    /* whose asks are taken first */
    uint64_t woken_mono_ns; /* all shards, so that sets can be freed */
    uint32_t next_subject;  /* of the round under way; subject_count: none is */
    uint64_t round_mono_ns;

    /* atomic */
    _Atomic(const struct schema_set *) set;
    _Atomic uint64_t refresh_ns;
    _Atomic bool over;

    struct cache_shard shards[SHARDS_MAX];
};

/* ---- shards ---- */

const struct schema_set *schema_cache_use(struct schema_cache *c, unsigned shard)
{
    const struct schema_set *set = atomic_load_explicit(&c->set, memory_order_acquire);

    assert(shard < c->config.shard_count);
    atomic_store_explicit(&c->shards[shard].generation, set->generation, memory_order_release);
    return set;
}

static void wake_thread(struct schema_cache *c)
{
    const uint64_t one = 1;

    IGNORE(write(c->wake_fd, &one, sizeof(one)) < 0, "then it is awake already");
}

void schema_cache_ask(struct schema_cache *c, unsigned shard, uint32_t id)
{
    assert(shard < c->config.shard_count);
    if (!c->has_thread) {
        return;
    }
    if (ring_push(&c->shards[shard].asks, (void *)((uintptr_t)id + 1)) == ERR_OK) {
        wake_thread(c);
    }
}

/* ---- publication ---- */

/* Frees what all shards have left behind. */
static void reclaim(struct schema_cache *c)
{
    uint64_t oldest = UINT64_MAX;
    uint32_t kept = 0;

    for (unsigned i = 0; i < c->config.shard_count; i++) {
        uint64_t at = atomic_load_explicit(&c->shards[i].generation, memory_order_acquire);
        oldest = at < oldest ? at : oldest;
    }
    for (uint32_t i = 0; i < c->retired_count; i++) {
        if (c->retired[i].generation <= oldest) {
            schema_set_free(c->retired[i].set);
            schema_type_free(c->retired[i].type);
        } else {
            c->retired[kept++] = c->retired[i];
        }
    }
    c->retired_count = kept;
}

/* Publishes what is known now. On an error the shards go on with what they have. */
static err_t publish(struct schema_cache *c, struct schema_type *replaced)
{
    struct schema_set now = schema_fetch_set(&c->fetch);
    struct schema_set *set = NULL;

    assert(c->retired_count < RETIRED_MAX);
    now.generation = c->newest == NULL ? 1 : c->newest->generation + 1;
    TRY(schema_set_copy(&now, &set));
    atomic_store_explicit(&c->set, set, memory_order_release);
    c->retired[c->retired_count++] =
        (struct retired){.generation = set->generation, .set = c->newest, .type = replaced};
    c->newest = set;
    return ERR_OK;
}

/* The same where an error cannot be told: memory that is short now may be there later, and a type
 * that some set refers to cannot be freed before that. */
static void publish_or_wait(struct schema_cache *c, struct schema_type *replaced)
{
    const struct timespec pause = {.tv_nsec = (long)RETIRED_NS};

    while (publish(c, replaced) != ERR_OK) {
        if (atomic_load(&c->over)) {
            c->retired[c->retired_count++] =
                (struct retired){.generation = UINT64_MAX, .type = replaced};
            return;
        }
        nanosleep(&pause, NULL);
    }
}

static void wake_shards(struct schema_cache *c, uint64_t shards)
{
    for (unsigned i = 0; i < c->config.shard_count; i++) {
        if ((shards >> i & 1) != 0) {
            c->config.wake(c->config.arg, i);
        }
    }
}

/* ---- ids ---- */

static void want(struct schema_cache *c, unsigned shard, uint32_t id)
{
    uint32_t at = 0;

    while (at < c->wanted_count && c->wanted[at].id != id) {
        at++;
    }
    assert(at < WANTED_MAX); /* take_ask() has looked */
    if (at == c->wanted_count) {
        c->wanted[c->wanted_count++] = (struct wanted){.id = id};
    }
    c->wanted[at].shards |= 1ull << shard;
}

/* One id that the shard asks for, if there is one and a place for it. */
static bool take_ask(struct schema_cache *c, unsigned shard)
{
    const void *ask = c->wanted_count < WANTED_MAX ? ring_pop(&c->shards[shard].asks) : NULL;

    if (ask == NULL) {
        return false;
    }
    want(c, shard, (uint32_t)((uintptr_t)ask - 1));
    c->next_shard = (shard + 1) % c->config.shard_count;
    return true;
}

/* In turns, one of each shard, also from one call to the next: who asks for much leaves places to
 * the others. What finds none stays in its ring. */
static void take_asks(struct schema_cache *c)
{
    bool took = true;

    for (unsigned turn = 0; took && turn < ASKS_PER_SHARD; turn++) {
        unsigned first = c->next_shard;
        took = false;
        for (unsigned i = 0; i < c->config.shard_count; i++) {
            took |= take_ask(c, (first + i) % c->config.shard_count);
        }
    }
}

/* The id that has waited longest. */
static struct wanted next_wanted(struct schema_cache *c)
{
    struct wanted first = c->wanted[0];

    c->wanted_count--;
    memmove(&c->wanted[0], &c->wanted[1], c->wanted_count * sizeof(c->wanted[0]));
    return first;
}

/* Nobody can be asked: all who wait are told at once. */
static uint64_t give_up_all(struct schema_cache *c)
{
    uint64_t shards = 0;

    for (uint32_t i = 0; i < c->wanted_count; i++) {
        shards |= c->wanted[i].shards;
        if (!schema_fetch_knows(&c->fetch, c->wanted[i].id)) {
            schema_fetch_give_up(&c->fetch, c->wanted[i].id);
        }
    }
    c->wanted_count = 0;
    return shards;
}

/* Serves one id. Who asked is woken also if it was known: it may not have seen the set yet. */
static void serve_id(struct schema_cache *c)
{
    struct wanted wanted = next_wanted(c);
    struct schema_type *evicted = NULL;

    if (!schema_fetch_knows(&c->fetch, wanted.id)) {
        if (!schema_fetch_id(&c->fetch, wanted.id, &evicted)) {
            take_asks(c);
            wanted.shards |= give_up_all(c);
        }
        publish_or_wait(c, evicted);
    }
    wake_shards(c, wanted.shards);
    schema_fetch_store(&c->fetch); /* a disk that is slow keeps nobody waiting */
}

/* ---- rounds ---- */

static bool round_is_due(const struct schema_cache *c)
{
    return c->next_subject < c->fetch.subject_count ||
           clock_mono_ns() - c->round_mono_ns >= atomic_load(&c->refresh_ns);
}

/* Asks for the next subject of a round, or the first of a new one. */
static void serve_round(struct schema_cache *c)
{
    struct schema_type *replaced = NULL;
    bool changed = false;

    if (c->next_subject >= c->fetch.subject_count) {
        c->next_subject = 0;
        c->round_mono_ns = clock_mono_ns();
    }
    err_t err = schema_fetch_subject(&c->fetch, c->next_subject, &changed, &replaced);
    c->next_subject = err == ERR_OK ? c->next_subject + 1 : c->fetch.subject_count;
    if (changed) {
        publish_or_wait(c, replaced);
    }
}

/* Whether a turn has room for what its sets replace: if not, some shard has not moved for long. */
static bool can_publish(const struct schema_cache *c)
{
    return c->retired_count + TURN_SETS <= RETIRED_MAX;
}

/* A shard that is idle moves once a second: all are asked to come to the newest set, so that others
 * need not wait for that. */
static void hurry_shards(struct schema_cache *c)
{
    uint64_t now = clock_mono_ns();

    if (now - c->woken_mono_ns >= RETIRED_NS) {
        c->woken_mono_ns = now;
        wake_shards(c, UINT64_MAX);
    }
}

/* When there is nothing else to do. */
static bool compare_id(struct schema_cache *c)
{
    struct schema_type *replaced = NULL;
    bool worked = schema_fetch_compare(&c->fetch, &replaced);

    if (replaced != NULL) {
        publish_or_wait(c, replaced);
    }
    return worked;
}

/* Waits until something is asked or due. */
static void wait_for_work(struct schema_cache *c)
{
    struct pollfd ready = {.fd = c->wake_fd, .events = POLLIN};
    uint64_t due = c->round_mono_ns + atomic_load(&c->refresh_ns);
    uint64_t now = clock_mono_ns();
    uint64_t wait_ns = due > now ? due - now : 0;
    uint64_t told;

    if (c->retired_count > 0 && wait_ns > NS_PER_S) {
        wait_ns = NS_PER_S;
    }
    if (!can_publish(c)) {
        hurry_shards(c);
        wait_ns = RETIRED_NS;
    }
    const struct timespec wait = {.tv_sec = (time_t)(wait_ns / NS_PER_S),
                                  .tv_nsec = (long)(wait_ns % NS_PER_S)};
    IGNORE(ppoll(&ready, 1, &wait, NULL) < 0, "then it looks again");
    IGNORE(read(c->wake_fd, &told, sizeof(told)) < 0, "the time was over");
}

static void *run(void *arg)
{
    struct schema_cache *c = arg;

    while (!atomic_load(&c->over)) {
        take_asks(c);
        reclaim(c);
        bool worked = false;
        if (can_publish(c) && c->wanted_count > 0) {
            serve_id(c);
            worked = true;
        }
        if (can_publish(c) && !atomic_load(&c->over) && round_is_due(c)) {
            serve_round(c);
            worked = true;
        }
        if (!worked && !(can_publish(c) && compare_id(c))) {
            wait_for_work(c);
        }
    }
    return NULL;
}

/* ---- life ---- */

static err_t start_thread(struct schema_cache *c)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&c->thread, NULL, run, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    ENSURE(failed == 0, ERR_NOMEM);
    IGNORE(pthread_setname_np(c->thread, "schemas") != 0, "the name is for people only");
    c->has_thread = true;
    return ERR_OK;
}

static err_t start(struct schema_cache *c, struct schema_why *why)
{
    c->fetch.config = &c->config;
    c->fetch.env.board = &c->board;
    c->fetch.env.registry.over = &c->over;
    TRY(schema_fetch_start(&c->fetch, why));
    TRY(publish(c, NULL));
    if (c->fetch.http == NULL) {
        return ERR_OK;
    }
    c->next_subject = c->fetch.subject_count;
    c->round_mono_ns = clock_mono_ns();
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ENSURE(c->wake_fd >= 0, ERR_IO);
    for (unsigned i = 0; i < c->config.shard_count; i++) {
        TRY(ring_init(&c->shards[i].asks, ASKS_PER_SHARD));
    }
    return start_thread(c);
}

err_t schema_cache_start(const struct schema_cache_config *config, char *ret_why, size_t why_bytes,
                         struct schema_cache **ret)
{
    struct schema_why why = {0};

    assert(config->shard_count > 0 && config->shard_count <= SHARDS_MAX);
    snprintf(ret_why, why_bytes, "out of memory");
    struct schema_cache *c = aligned_alloc(_Alignof(struct schema_cache), sizeof(*c));
    ENSURE(c != NULL, ERR_NOMEM);
    memset(c, 0, sizeof(*c));
    c->config = *config;
    c->wake_fd = -1;
    atomic_store(&c->refresh_ns, config->refresh_ns);
    schema_board_init(&c->board, config->registry[0] != '\0');
    err_t err = start(c, &why);
    if (err != ERR_OK) {
        snprintf(ret_why, why_bytes, "%s", why.text[0] != '\0' ? why.text : err_name(err));
        schema_cache_free(c);
        return err;
    }
    ret_why[0] = '\0';
    *ret = c;
    return ERR_OK;
}

void schema_cache_read_stats(struct schema_cache *c, struct schema_cache_stats *ret)
{
    schema_board_read(&c->board, ret);
    ret->url = ret->registry ? c->config.registry : NULL;
    for (uint32_t i = 0; i < ret->type_count; i++) {
        struct schema_cache_type_stats *type = &ret->types[i];
        uint32_t pin = schema_fetch_pin_of(&c->config, type->name, type->kind);
        type->pinned = pin != 0 && pin == type->version;
    }
}

void schema_cache_set_refresh(struct schema_cache *c, uint64_t refresh_ns)
{
    atomic_store(&c->refresh_ns, refresh_ns);
    if (c->has_thread) {
        wake_thread(c);
    }
}

void schema_cache_stop(struct schema_cache *c)
{
    if (!c->has_thread || atomic_exchange(&c->over, true)) {
        return;
    }
    http_client_stop(c->fetch.http);
    wake_thread(c);
    pthread_join(c->thread, NULL);
}

void schema_cache_free(struct schema_cache *c)
{
    if (c == NULL) {
        return;
    }
    schema_cache_stop(c);
    for (uint32_t i = 0; i < c->retired_count; i++) {
        schema_set_free(c->retired[i].set);
        schema_type_free(c->retired[i].type);
    }
    schema_set_free(c->newest);
    schema_fetch_done(&c->fetch);
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        ring_done(&c->shards[i].asks);
    }
    if (c->wake_fd >= 0) {
        close(c->wake_fd);
    }
    schema_board_done(&c->board);
    free(c);
}
