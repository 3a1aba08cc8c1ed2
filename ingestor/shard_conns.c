/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_conns: the list of a shard's connections, what is polled for each, and their timeouts. */
#include "ingestor/shard_conns.h"

#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <sys/epoll.h>

#define PAUSE_PATIENCE_NS (10u * NS_PER_S)

/* Watches a connection: during the handshake one event at a time, so that thousands of handshakes
 * do not fill every wait; afterwards as long as it is readable; a paused one not at all. */
void shard_conns_poll(struct shard *s, struct conn *c, int op)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};

    if (c->stage <= CONN_STAGE_HANDSHAKE) {
        bool write = c->transport->ops->wants_write(c->transport);
        event.events = (write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
    }
    int rc = epoll_ctl(s->loop_fd, op, c->fd, &event);
    assert(rc == 0);
}

void shard_conns_link(struct shard *s, struct conn *c)
{
    c->prev = NULL;
    c->next = s->conns;
    if (s->conns != NULL) {
        s->conns->prev = c;
    }
    s->conns = c;
    s->conn_count++;
    s->intake.stats->connections_accepted++;
    s->intake.stats->connections_open = s->conn_count;
}

void shard_conns_pause(struct shard *s, struct conn *c)
{
    int rc = epoll_ctl(s->loop_fd, EPOLL_CTL_DEL, c->fd, NULL);

    assert(rc == 0);
    c->paused = true;
}

static void resume_conn(struct shard *s, struct conn *c)
{
    c->paused = false;
    shard_conns_poll(s, c, EPOLL_CTL_ADD);
    conn_queue_push(&s->run, c);
}

static void unlink_conn(struct shard *s, struct conn *c)
{
    if (c->prev == NULL) {
        s->conns = c->next;
    } else {
        c->prev->next = c->next;
    }
    if (c->next != NULL) {
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

/* The oldest connection that waits for memory gives it up when it has waited long enough. */
static void resume_or_give_up(struct shard *s, struct conn *c, uint64_t mono_ns)
{
    if (s->env.held_bytes > s->env.held_bytes_max &&
        mono_ns - c->active_mono_ns > PAUSE_PATIENCE_NS && intake_is_ready(&s->intake)) {
        LOG(LOG_WARN, "shard", "event=memory_limit peer=%s partial_bytes=%zu action=close",
            c->peer_name, c->tail.len);
        if (conn_end(c, &s->env, FRAME_END_CUT)) {
            shard_conns_close(s, c, CONN_MEMORY_LIMIT);
        }
        return;
    }
    if (s->env.held_bytes <= s->env.held_bytes_max) {
        resume_conn(s, c);
    }
}

static void time_out(struct shard *s, struct conn *c, uint64_t mono_ns)
{
    uint64_t quiet_ns = mono_ns - c->active_mono_ns;
    uint64_t idle_ns = atomic_load(&s->idle_timeout_ns);

    if (mono_ns < c->active_mono_ns || c->queued) {
        return;
    }
    if (c->stage <= CONN_STAGE_HANDSHAKE) {
        if (quiet_ns > atomic_load(&s->handshake_timeout_ns)) {
            s->intake.stats->tls_failures[TLS_FAILURE_TIMEOUT]++;
            shard_conns_close(s, c, CONN_HANDSHAKE_FAILED);
        }
        return;
    }
    if (c->paused) {
        resume_or_give_up(s, c, mono_ns);
        return;
    }
    if (idle_ns > 0 && quiet_ns > idle_ns && intake_is_ready(&s->intake)) {
        if (conn_end(c, &s->env, FRAME_END_CUT)) {
            shard_conns_close(s, c, CONN_IDLE_TIMEOUT);
        }
    }
}

/* Once a second: timeouts. */
void shard_conns_sweep(struct shard *s, uint64_t mono_ns)
{
    if (mono_ns - s->swept_mono_ns < NS_PER_S) {
        return;
    }
    s->swept_mono_ns = mono_ns;
    for (struct conn *c = s->conns, *next = NULL; c != NULL; c = next) {
        next = c->next;
        time_out(s, c, mono_ns);
    }
}
