/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_loop: the turns of a shard. A turn: wait; take what others sent; UDP; one handshake step;
 * each ready connection once; flush, publish, time out. While the archive has no room only the
 * control descriptors are polled, so that readable sockets do not spin the loop; handshakes go on,
 * because their senders would give up. */
#include "ingestor/shard_loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/shard_conns.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_PER_TURN 256u
#define SERVED_PER_TURN 64u /* connections between two looks at UDP */
#define PUBLISH_BUSY_NS (100u * NS_PER_MS)
#define PUBLISH_IDLE_NS (20u * NS_PER_MS)
#define WAIT_MS_MAX     1000
#define BLOCKED_WAIT_MS 50
#define BLOCKED_LONG_NS NS_PER_S /* then connections seem quiet that are not */
#define FINISH_WAIT_MS  20

static void take_arrivals(struct shard *s)
{
    struct conn *c = ring_pop(&s->arrivals);

    for (; c != NULL; c = ring_pop(&s->arrivals)) {
        shard_conns_link(s, c);
        s->dirty = true;
        shard_conns_poll(s, c, EPOLL_CTL_ADD);
    }
}

static void read_empty(int event_fd)
{
    uint64_t count = 0;

    IGNORE(read(event_fd, &count, sizeof(count)) < 0, "empty is what it shall be");
}

static void reap(struct shard *s)
{
    read_empty(archive_wake_fd(s->config.archive, s->config.index));
    if (intake_reap(&s->intake) > 0) {
        s->dirty = true;
    }
}

static void dispatch(struct shard *s, const struct epoll_event *event)
{
    if (event->data.ptr == &s->control_fd) {
        s->control_ready = true;
        return;
    }
    if (event->data.ptr == &s->wake_fd) {
        read_empty(s->wake_fd);
        return;
    }
    if (event->data.ptr == &s->config.archive) {
        return; /* reaped every turn */
    }
    if (event->data.ptr == &s->udp) {
        s->udp_ready = true;
        return;
    }
    struct conn *c = event->data.ptr;
    conn_queue_push(c->stage <= CONN_STAGE_HANDSHAKE ? &s->handshakes : &s->run, c);
}

static void send_fin(const struct conn *c)
{
    IGNORE(shutdown(c->fd, SHUT_WR) != 0, "the peer may have closed already");
}

/* One step for one connection a turn: a signature costs as much as thousands of records. */
static void serve_handshake(struct shard *s)
{
    enum shard_conn_result result = CONN_ENDED;
    struct conn *c = conn_queue_pop(&s->handshakes);

    if (c == NULL) {
        return;
    }
    if (conn_handshake(c, &s->env, &result) == CONN_OVER) {
        shard_conns_close(s, c, result);
        return;
    }
    if (c->stage <= CONN_STAGE_HANDSHAKE) {
        shard_conns_poll(s, c, EPOLL_CTL_MOD);
        return;
    }
    shard_conns_shake_hands(s, c);
    if (s->draining) {
        send_fin(c);
    }
    conn_queue_push(&s->run, c); /* records may have come with the handshake's last bytes */
}

static void serve_conn(struct shard *s, struct conn *c)
{
    enum shard_conn_result result = CONN_ENDED;

    switch (conn_serve(c, &s->env, &result)) {
    case CONN_WAIT: /* only after the transport itself had nothing more: polling will tell */
        break;
    case CONN_AGAIN:
        conn_queue_push(&s->run, c);
        break;
    case CONN_PAUSE:
        shard_conns_pause(s, c);
        break;
    case CONN_PARK:
        shard_conns_park(s, c);
        break;
    case CONN_OVER:
        shard_conns_close(s, c, result);
        break;
    }
}

static void serve_conns(struct shard *s)
{
    const struct conn *last = s->run.last;

    for (unsigned i = 0; i < SERVED_PER_TURN && intake_is_ready(&s->intake); i++) {
        struct conn *c = conn_queue_pop(&s->run);
        if (c == NULL) {
            return;
        }
        bool was_last = c == last;
        s->dirty = true;
        serve_conn(s, c);
        if (was_last) {
            return;
        }
    }
}

static void serve_udp(struct shard *s)
{
    if (s->udp_ready && intake_is_ready(&s->intake)) {
        s->dirty = true;
        s->udp_ready = udp_serve(s->udp, &s->intake) == UDP_MORE;
    }
}

void shard_loop_publish(struct shard *s, uint64_t mono_ns)
{
    struct timespec cpu;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    s->intake.stats->busy_ns = (uint64_t)cpu.tv_sec * NS_PER_S + (uint64_t)cpu.tv_nsec;
    s->intake.stats->held_bytes = s->env.held_bytes;
    snapshot_publish(&s->snapshot, s->intake.stats);
    s->published_mono_ns = mono_ns;
    s->dirty = false;
}

static bool has_work(const struct shard *s)
{
    return s->run.first != NULL || s->handshakes.first != NULL || s->udp_ready;
}

/* How long the loop may sleep: until the next flush, publication or deadline. */
static int wait_ms(const struct shard *s, uint64_t mono_ns)
{
    uint64_t due = mono_ns + (uint64_t)WAIT_MS_MAX * NS_PER_MS;
    uint64_t flush = intake_flush_due(&s->intake, atomic_load(&s->flush_interval_ns));

    if (flush < due) {
        due = flush;
    }
    if (s->dirty && s->published_mono_ns + PUBLISH_IDLE_NS < due) {
        due = s->published_mono_ns + PUBLISH_IDLE_NS;
    }
    if ((s->draining || s->parked.first != NULL) && due > mono_ns + PUBLISH_IDLE_NS) {
        due = mono_ns + PUBLISH_IDLE_NS;
    }
    return due <= mono_ns ? 0 : (int)((due - mono_ns + NS_PER_MS - 1) / NS_PER_MS);
}

static void poll_events(struct shard *s, int epoll_fd, int timeout_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int n = epoll_wait(epoll_fd, events, EVENTS_PER_TURN, timeout_ms);

    assert(n >= 0 || errno == EINTR);
    for (int i = 0; i < n; i++) {
        dispatch(s, &events[i]);
    }
}

static void wait_blocked(struct shard *s, uint64_t mono_ns)
{
    if (!s->blocked) {
        s->intake.stats->backpressure++;
        s->dirty = true;
        s->blocked = true;
        s->blocked_mono_ns = mono_ns;
    }
    poll_events(s, s->control_fd, s->handshakes.first != NULL ? 0 : BLOCKED_WAIT_MS);
}

static void wait_for_events(struct shard *s)
{
    uint64_t now = clock_mono_ns();

    if (!intake_is_ready(&s->intake)) {
        wait_blocked(s, now);
        return;
    }
    if (s->blocked && now - s->blocked_mono_ns >= BLOCKED_LONG_NS) {
        s->read_again_mono_ns = now;
    }
    s->blocked = false;
    poll_events(s, s->loop_fd, has_work(s) ? 0 : wait_ms(s, now));
    if (s->control_ready) {
        s->control_ready = false;
        poll_events(s, s->control_fd, 0);
    }
}

static void housekeep(struct shard *s)
{
    uint64_t now = clock_mono_ns();
    uint64_t pause = has_work(s) ? PUBLISH_BUSY_NS : PUBLISH_IDLE_NS;

    intake_flush(&s->intake, now, atomic_load(&s->flush_interval_ns));
    shard_conns_sweep(s, now);
    shard_conns_resume(s, now);
    if (s->dirty && now - s->published_mono_ns >= pause) {
        shard_loop_publish(s, now);
    }
}

/* Shows that the loop goes on. Only this thread writes it: no locked instruction is needed. */
static void beat(struct shard *s)
{
    uint64_t beats = atomic_load_explicit(&s->beats, memory_order_relaxed);

    atomic_store_explicit(&s->beats, beats + 1, memory_order_relaxed);
}

static void turn(struct shard *s)
{
    beat(s);
    wait_for_events(s);
    reap(s);
    take_arrivals(s);
    intake_begin_turn(&s->intake);
    shard_conns_unpark(s);
    serve_udp(s);
    serve_handshake(s);
    serve_conns(s);
    housekeep(s);
}

/* Stops what comes from us: the peers see FIN and end. Those in a handshake follow when it is
 * done. */
static void begin_drain(struct shard *s)
{
    s->draining = true;
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c->stage > CONN_STAGE_HANDSHAKE) {
            send_fin(c);
        }
    }
}

static bool drain_is_over(const struct shard *s)
{
    bool udp_done = !s->udp_ready || s->config.udp_inherited;
    bool idle = s->conn_count == 0 && udp_done && ring_count(&s->arrivals) == 0;

    return s->draining && (idle || clock_mono_ns() >= atomic_load(&s->drain_mono_ns));
}

static void empty_queues(struct shard *s)
{
    while (conn_queue_pop(&s->run) != NULL || conn_queue_pop(&s->handshakes) != NULL ||
           conn_queue_pop(&s->paused) != NULL || conn_queue_pop(&s->parked) != NULL) {
    }
}

/* Ends the connections that are left, as far as the archive has room. */
static void end_conns(struct shard *s)
{
    while (s->conns != NULL && intake_is_ready(&s->intake)) {
        if (!conn_end(s->conns, &s->env, FRAME_END_CUT)) {
            return;
        }
        shard_conns_close(s, s->conns, CONN_SHUTDOWN);
    }
}

/* Takes what was read from the UDP socket, as far as the archive has room. Whether that is all. */
static bool end_udp(struct shard *s)
{
    while (s->udp != NULL && udp_has_rest(s->udp) && intake_is_ready(&s->intake)) {
        udp_take_rest(s->udp, &s->intake);
    }
    return s->udp == NULL || !udp_has_rest(s->udp);
}

/* After the drain: everything that was read goes to the archive; what finds no room before the
 * deadline is counted as dropped. */
static void finish(struct shard *s)
{
    struct epoll_event events[EVENTS_PER_TURN];

    empty_queues(s);
    for (;;) {
        reap(s);
        intake_begin_turn(&s->intake);
        if (clock_mono_ns() >= atomic_load(&s->stop_mono_ns)) {
            intake_discard(&s->intake);
        }
        end_conns(s);
        bool udp_ended = end_udp(s);
        intake_flush(&s->intake, clock_mono_ns(), 0);
        if (s->conns == NULL && udp_ended && intake_flush_due(&s->intake, 0) == UINT64_MAX) {
            break;
        }
        IGNORE(epoll_wait(s->control_fd, events, EVENTS_PER_TURN, FINISH_WAIT_MS) < 0,
               "an interrupted wait is a short one");
    }
    refusal_report(&s->refusals, UINT64_MAX);
    shard_loop_publish(s, clock_mono_ns());
}

void shard_loop_run(struct shard *s)
{
    while (!drain_is_over(s)) {
        turn(s);
        if (!s->draining && atomic_load(&s->drain_asked)) {
            begin_drain(s);
            /* One last look at the socket, unless the next instance reads what is left there. */
            s->udp_ready = s->udp != NULL && !s->config.udp_inherited;
        }
    }
    finish(s);
}
