/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_conns: the list of a shard's connections, what is polled for each, and their timeouts. */
#include "ingestor/shard_conns.h"

#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* After this long without a byte a connection gives back memory that it does not need, and, where
 * others wait for memory, also what it keeps of a partial record. */
#define QUIET_NS (10u * NS_PER_S)

/* Watches a connection: during the handshake one event at a time, so that thousands of handshakes
 * do not fill every wait; afterwards as long as it is readable; a paused one not at all. */
void shard_conns_poll(struct shard *s, struct conn *c, int op)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    int epoll_fd = s->loop_fd;

    if (c->stage <= CONN_STAGE_HANDSHAKE) {
        bool write = c->transport->ops->wants_write(c->transport);
        event.events = (write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
        epoll_fd = s->control_fd;
    }
    if (epoll_ctl(epoll_fd, op, c->fd, &event) != 0) {
        LOG(LOG_ERROR, "shard", "event=not_polled peer=%s reason=\"%s\" action=close", c->peer_name,
            strerror(errno));
        c->ended = ERR_NOMEM;
        conn_queue_push(&s->run, c);
    }
}

void shard_conns_link(struct shard *s, struct conn *c)
{
    c->prev = NULL;
    c->next = s->conns;
    if (s->conns != NULL) {
        s->conns->prev = c;
    }
    s->oldest = s->oldest == NULL ? c : s->oldest;
    s->conns = c;
    s->conn_count++;
    s->intake.stats->connections_accepted++;
    s->intake.stats->connections_open = s->conn_count;
}

static void unwatch(int epoll_fd, const struct conn *c)
{
    IGNORE(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL) != 0, "then it is not polled already");
}

void shard_conns_shake_hands(struct shard *s, struct conn *c)
{
    unwatch(s->control_fd, c);
    shard_conns_poll(s, c, EPOLL_CTL_ADD);
}

void shard_conns_pause(struct shard *s, struct conn *c)
{
    unwatch(s->loop_fd, c);
    conn_queue_push(&s->paused, c);
}

void shard_conns_resume(struct shard *s, uint64_t mono_ns)
{
    bool room = s->env.held_bytes <= s->env.held_bytes_max;

    if (s->paused.first == NULL || (!room && s->env.favoured != NULL)) {
        return;
    }
    struct conn *c = conn_queue_pop(&s->paused);
    if (!room) {
        s->env.favoured = c;
        s->env.favoured_mono_ns = mono_ns;
    }
    c->active_mono_ns = mono_ns; /* it was not quiet, it was not asked */
    shard_conns_poll(s, c, EPOLL_CTL_ADD);
    conn_queue_push(&s->run, c);
}

void shard_conns_park(struct shard *s, struct conn *c)
{
    unwatch(s->loop_fd, c);
    c->parked_generation = s->intake.env.payload.schemas->generation;
    conn_queue_push(&s->parked, c);
}

static void unpark(struct shard *s, struct conn *c)
{
    c->active_mono_ns = s->intake.turn_mono_ns; /* it was not quiet, it was not asked */
    shard_conns_poll(s, c, EPOLL_CTL_ADD);
    conn_queue_push(&s->run, c);
}

/* Whether a parked connection has waited enough. What it asked for may have been forgotten among
 * many: it asks again when there are new schemas and its own is not among them. */
static bool may_go_on(const struct shard *s, struct conn *c)
{
    const struct schema_set *set = s->intake.env.payload.schemas;

    if (s->intake.turn_mono_ns >= c->park_until_ns) {
        return true;
    }
    if (c->parked_generation == set->generation) {
        return false;
    }
    c->parked_generation = set->generation;
    if (schema_set_find(set, c->parked_for_id, s->intake.turn_mono_ns) != NULL) {
        return true;
    }
    schema_cache_ask(s->intake.schemas, s->intake.shard, c->parked_for_id);
    return false;
}

void shard_conns_unpark(struct shard *s)
{
    struct conn_queue waiting = s->parked;

    s->parked = (struct conn_queue){0};
    for (struct conn *c = conn_queue_pop(&waiting); c != NULL; c = conn_queue_pop(&waiting)) {
        if (may_go_on(s, c)) {
            unpark(s, c);
        } else {
            conn_queue_push(&s->parked, c);
        }
    }
}

static void unlink_conn(struct shard *s, struct conn *c)
{
    if (c->prev == NULL) {
        s->conns = c->next;
    } else {
        c->prev->next = c->next;
    }
    if (c->next == NULL) {
        s->oldest = c->prev;
    } else {
        c->next->prev = c->prev;
    }
    s->conn_count--;
    s->intake.stats->connections_open = s->conn_count;
}

void shard_conns_close(struct shard *s, struct conn *c, enum shard_conn_result result)
{
    struct addr peer = c->peer;

    assert(!c->queued);
    LOG(LOG_DEBUG, "shard", "event=closed peer=%s result=%s bytes=%llu", c->peer_name,
        shard_stats_result_label(result), (unsigned long long)c->stream_offset);
    s->intake.stats->connections_ended[result]++;
    s->dirty = true;
    unlink_conn(s, c);
    conn_free(c, &s->env);
    s->config.conn_closed(s->config.conn_closed_arg, &peer);
    atomic_fetch_sub(&s->load, 1);
}

/* Ends a connection that has been quiet for too long, if the archive has room for what it holds. */
static void give_up(struct shard *s, struct conn *c, enum shard_conn_result result)
{
    if (intake_is_ready(&s->intake) && conn_end(c, &s->env, FRAME_END_CUT)) {
        shard_conns_close(s, c, result);
    }
}

static bool keeps_memory_from_others(const struct shard *s, const struct conn *c)
{
    return s->paused.first != NULL && s->env.held_bytes > s->env.held_bytes_max &&
           c->tail.cap >= CONN_TAIL_LARGE_BYTES;
}

static void time_out_stream(struct shard *s, struct conn *c, uint64_t quiet_ns)
{
    uint64_t idle_ns = atomic_load(&s->idle_timeout_ns);

    if (quiet_ns > QUIET_NS && keeps_memory_from_others(s, c)) {
        LOG(LOG_WARN, "shard", "event=memory_limit peer=%s partial_bytes=%zu action=close",
            c->peer_name, c->tail.len);
        give_up(s, c, CONN_MEMORY_LIMIT);
        return;
    }
    if (idle_ns > 0 && quiet_ns > idle_ns) {
        give_up(s, c, CONN_IDLE_TIMEOUT);
        return;
    }
    if (quiet_ns > QUIET_NS) {
        conn_trim(c, &s->env);
    }
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A sender's quiet counts only while we would have read what it sent. Those in a queue have
 * something to do, or wait for something that is not their sender's. */
static void time_out(struct shard *s, struct conn *c, uint64_t mono_ns)
{
    if (mono_ns < c->active_mono_ns || c->queued) {
        return;
    }
    uint64_t quiet_ns = mono_ns - c->active_mono_ns;
    if (c->stage > CONN_STAGE_HANDSHAKE) {
        if (!s->blocked) {
            time_out_stream(s, c, mono_ns - later(c->active_mono_ns, s->read_again_mono_ns));
        }
        return;
    }
    if (quiet_ns > atomic_load(&s->handshake_timeout_ns)) {
        s->intake.stats->tls_failures[TLS_FAILURE_TIMEOUT]++;
        shard_conns_close(s, c, CONN_HANDSHAKE_FAILED);
    }
}

/* The favoured one that does not come to an end makes room for the next. */
static void pass_favour_on(struct shard *s, uint64_t mono_ns)
{
    if (s->paused.first != NULL && s->env.favoured != NULL &&
        mono_ns - s->env.favoured_mono_ns > QUIET_NS) {
        s->env.favoured = NULL;
    }
}

/* The oldest first, so that what must be given up is given up by those who have had their time. */
void shard_conns_sweep(struct shard *s, uint64_t mono_ns)
{
    if (mono_ns - s->swept_mono_ns < NS_PER_S) {
        return;
    }
    s->swept_mono_ns = mono_ns;
    pass_favour_on(s, mono_ns);
    refusal_report(&s->refusals, mono_ns);
    peer_board_begin_count(&s->intake.stats->peers);
    for (struct conn *c = s->oldest, *newer = NULL; c != NULL; c = newer) {
        newer = c->prev;
        if (c->stage > CONN_STAGE_HANDSHAKE) {
            peer_board_count(&s->intake.stats->peers,
                             (struct peer_board_key){c->peer_name, c->cert_name});
        }
        time_out(s, c, mono_ns);
    }
}
