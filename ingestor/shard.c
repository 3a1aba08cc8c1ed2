/* SPDX-License-Identifier: Apache-2.0
 *
 * shard: start, hand-over, end. */
#include "ingestor/shard.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/shard_loop.h"
#include "ingestor/shard_state.h"
#include "net/listener.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ARRIVAL_SLOTS 1024u

static err_t watch(int epoll_fd, int fd, void *key)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = key};

    ENSURE(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, ERR_IO);
    return ERR_OK;
}

/* The keys by which the loop tells its own descriptors from connections are addresses inside the
 * shard. */
static err_t open_descriptors(struct shard *s)
{
    int archive_fd = archive_wake_fd(s->config.archive, s->config.index);

    s->control_fd = epoll_create1(EPOLL_CLOEXEC);
    s->loop_fd = epoll_create1(EPOLL_CLOEXEC);
    s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ENSURE(s->control_fd >= 0 && s->loop_fd >= 0 && s->wake_fd >= 0, ERR_IO);
    TRY(watch(s->control_fd, s->wake_fd, &s->wake_fd));
    TRY(watch(s->control_fd, archive_fd, &s->config.archive));
    TRY(watch(s->loop_fd, s->control_fd, &s->control_fd));
    if (s->config.udp_fd >= 0) {
        TRY(udp_new(s->config.udp_fd, &s->udp));
        TRY(watch(s->loop_fd, s->config.udp_fd, &s->udp));
    }
    return ERR_OK;
}

static err_t init(struct shard *s)
{
    struct intake_config intake = {.archive = s->config.archive,
                                   .shard = s->config.index,
                                   .render = s->config.render,
                                   .schemas = s->config.schemas,
                                   .tail = s->config.tail,
                                   .stamp = s->config.stamp,
                                   .record_bytes_max = s->config.record_bytes_max,
                                   .message_bytes_max = s->config.message_bytes_max,
                                   .ndjson_strict = s->config.ndjson_strict,
                                   .zones = s->config.zones};

    s->control_fd = s->loop_fd = s->wake_fd = -1;
    TRY(snapshot_init(&s->snapshot));
    TRY(ring_init(&s->arrivals, ARRIVAL_SLOTS));
    TRY(intake_init(&s->intake, &intake));
    s->env = (struct conn_env){.intake = &s->intake,
                               .refusals = &s->refusals,
                               .scratch = &s->scratch,
                               .held_bytes_max = s->config.held_bytes_max};
    return open_descriptors(s);
}

/* Pinning is a gain, not a need: where it is forbidden the shard runs unpinned. It is then
 * forbidden to all shards, and said once. */
static void pin(const struct shard *s)
{
    static atomic_bool said;
    cpu_set_t cpus;

    if (s->config.cpu < 0) {
        return;
    }
    CPU_ZERO(&cpus);
    CPU_SET((size_t)s->config.cpu, &cpus);
    int rc = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
    if (rc != 0 && !atomic_exchange(&said, true)) {
        LOG(LOG_INFO, "shard", "event=not_pinned reason=\"%s\" action=run_unpinned", strerror(rc));
    }
}

static void *run(void *arg)
{
    struct shard *s = arg;
    char name[16];

    snprintf(name, sizeof(name), "shard-%u", s->config.index);
    IGNORE(pthread_setname_np(pthread_self(), name), "a thread works without a name");
    pin(s);
    shard_loop_run(s);
    return NULL;
}

err_t shard_start(const struct shard_config *config, const struct shard_policy *policy,
                  struct shard **ret)
{
    struct shard *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    s->config = *config;
    shard_set_policy(s, policy);
    err_t err = init(s);
    if (err == ERR_OK && pthread_create(&s->thread, NULL, run, s) != 0) {
        err = ERR_NOMEM;
    }
    if (err != ERR_OK) {
        shard_free(s);
        return err;
    }
    *ret = s;
    return ERR_OK;
}

void shard_wake(struct shard *s)
{
    uint64_t one = 1;

    if (s->wake_fd >= 0) {
        IGNORE(write(s->wake_fd, &one, sizeof(one)) < 0, "a full eventfd wakes as well");
    }
}

bool shard_has_room(const struct shard *s)
{
    return ring_room(&s->arrivals) > 0;
}

err_t shard_give(struct shard *s, struct conn *c)
{
    atomic_fetch_add(&s->load, 1);
    err_t err = ring_push(&s->arrivals, c);
    if (err != ERR_OK) {
        atomic_fetch_sub(&s->load, 1);
        return err;
    }
    shard_wake(s);
    return ERR_OK;
}

uint64_t shard_beats(const struct shard *s)
{
    return atomic_load_explicit(&s->beats, memory_order_relaxed);
}

uint32_t shard_load(const struct shard *s)
{
    return atomic_load(&s->load);
}

void shard_set_policy(struct shard *s, const struct shard_policy *policy)
{
    atomic_store(&s->flush_interval_ns, policy->flush_interval_ns);
    atomic_store(&s->handshake_timeout_ns, policy->handshake_timeout_ns);
    atomic_store(&s->idle_timeout_ns, policy->idle_timeout_ns);
}

void shard_read_stats(struct shard *s, struct shard_stats *ret)
{
    snapshot_read(&s->snapshot, ret);
}

err_t shard_read_recent(struct shard *s, enum recent_judge judge, bool *fresh,
                        const struct schema_cache_recent **ret)
{
    if (*fresh) {
        TRY(recent_ask(s->intake.recent, judge));
        *fresh = false;
        shard_wake(s);
    }
    ENSURE(recent_is_answered(s->intake.recent), ERR_AGAIN);
    *ret = &s->intake.recent->answer;
    return ERR_OK;
}

uint32_t shard_udp_drops(const struct shard *s)
{
    return s->udp == NULL ? 0 : listener_udp_drops(udp_fd(s->udp));
}

void shard_drain(struct shard *s, uint64_t drain_mono_ns, uint64_t stop_mono_ns)
{
    atomic_store(&s->drain_mono_ns, drain_mono_ns);
    atomic_store(&s->stop_mono_ns, stop_mono_ns);
    atomic_store(&s->drain_asked, true);
    shard_wake(s);
}

void shard_join(struct shard *s)
{
    int rc = pthread_join(s->thread, NULL);
    assert(rc == 0);
}

void shard_settle(struct shard *s)
{
    IGNORE(intake_reap(&s->intake) == 0, "there may be none");
    shard_loop_publish(s, clock_mono_ns());
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void shard_free(struct shard *s)
{
    if (s == NULL) {
        return;
    }
    udp_free(s->udp);
    intake_done(&s->intake);
    buf_done(&s->scratch);
    ring_done(&s->arrivals);
    snapshot_done(&s->snapshot);
    close_if_open(s->wake_fd);
    close_if_open(s->loop_fd);
    close_if_open(s->control_fd);
    free(s);
}
