/* SPDX-License-Identifier: Apache-2.0
 *
 * worker: the loop of a connection. */
#include "client/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "client/pace.h"
#include "client/send_tls.h"
#include "client/send_udp.h"

#include <sys/eventfd.h>

#define BACKOFF_NS_FIRST (100 * NS_PER_MS)
#define BACKOFF_NS_MAX   (5 * NS_PER_S)

/* What the thread holds. */
struct run {
    struct worker *w;
    const struct args *args;
    struct feed feed;
    struct buf batch;
    struct pace pace;
    struct send send;
    uint64_t oversized_told;
    bool ever_open;
    bool write_begun; /* the last attempt came so far */
};

/* Takes up to `wanted` of what --count allows; never more, so that what is given back counts. */
static uint32_t reserve(struct worker_job *job, uint64_t wanted)
{
    uint64_t limit = job->args->count == 0 ? UINT64_MAX : job->args->count;
    uint64_t before = atomic_load(&job->reserved);
    uint64_t granted = 0;

    do {
        granted = limit - before < wanted ? limit - before : wanted;
    } while (!atomic_compare_exchange_weak(&job->reserved, &before, before + granted));
    return (uint32_t)granted;
}

/* Nothing is left of --count: no reason to wait for the next batch's time. */
static bool all_reserved(struct worker_job *job)
{
    return job->args->count != 0 && atomic_load(&job->reserved) >= job->args->count;
}

/* Gives back what the source did not have, or not at once. */
static void unreserve(struct worker_job *job, uint32_t n)
{
    atomic_fetch_sub(&job->reserved, n);
}

/* Fills the batch; `ret_count` 0: there is nothing more to send. */
static err_t fill(struct run *r, uint32_t *ret_count)
{
    uint32_t wanted = reserve(r->w->job, r->pace.batch);

    r->batch.len = 0;
    if (wanted == 0) {
        *ret_count = 0;
        return ERR_OK;
    }
    err_t err = feed_fill(&r->feed, wanted, &r->batch, ret_count);
    if (err == ERR_SYNTAX) { /* no other record would fare better: the whole program ends */
        LOG(LOG_ERROR, "worker", "event=record_invalid reason=\"%.500s\" action=stop",
            feed_why(&r->feed));
        stop_request(r->w->job->stop);
    }
    TRY(err);
    unreserve(r->w->job, wanted - *ret_count);
    return ERR_OK;
}

static void warn(const struct run *r, const char *event, const char *action)
{
    LOG(LOG_WARN, "worker", "event=%s connection=%u host=%s port=%u reason=\"%s\" action=%s", event,
        r->w->number, r->args->address, (unsigned)r->send.dial.port, r->send.why, action);
}

static void warn_oversized(struct run *r)
{
    if (r->send.oversized > r->oversized_told) {
        LOG(LOG_WARN, "worker", "event=record_oversized allowed_bytes=%u action=send_alone",
            SEND_UDP_DATAGRAM_BYTES);
        r->oversized_told = r->send.oversized;
    }
}

/* Opens if need be and writes the batch once. */
static err_t write_once(struct run *r, struct span bytes)
{
    r->write_begun = false;
    if (!send_is_open(&r->send)) {
        TRY(send_open(&r->send));
        r->ever_open = true;
    }
    r->write_begun = true;
    uint64_t begin = clock_mono_ns();
    TRY(send_batch(&r->send, bytes));
    hist_add(&r->w->totals.write_ns, clock_mono_ns() - begin, 1);
    warn_oversized(r);
    return ERR_OK;
}

static uint64_t backoff_ns(uint64_t attempt)
{
    uint64_t ns = BACKOFF_NS_FIRST << (attempt < 10 ? attempt : 10);

    return ns < BACKOFF_NS_MAX ? ns : BACKOFF_NS_MAX;
}

/* Writes the batch, again on new connections after failures. ERR_AGAIN: the wish to stop ended it;
 * any other error: no attempt is left. */
static err_t deliver(struct run *r, struct span bytes)
{
    for (uint64_t attempt = 0;; attempt++) {
        err_t err = write_once(r, bytes);
        if (err == ERR_OK) {
            return ERR_OK;
        }
        bool again = attempt < r->args->retries && err != ERR_AGAIN;
        warn(r, "send_failed", again ? "send_again" : "count_as_failed");
        send_abandon(&r->send);
        if (!again) {
            return err;
        }
        if (stop_wait(r->send.stop, -1, 0, clock_mono_ns() + backoff_ns(attempt)) == ERR_AGAIN) {
            return ERR_AGAIN;
        }
        totals_add(&r->w->totals.batches_resent, r->write_begun ? 1 : 0);
    }
}

static void account(struct run *r, err_t err, uint32_t count)
{
    struct totals *t = &r->w->totals;

    if (err == ERR_OK) {
        totals_add(&t->batches_sent, 1);
        totals_add(&t->records, count);
        totals_add(&t->bytes, r->batch.len);
        return;
    }
    totals_add(&t->batches_failed, 1);
    totals_add(&t->records_failed, count);
}

/* Ends the connection in order. What the server did not confirm may be lost: that is told. */
static void finish(struct run *r)
{
    if (send_is_open(&r->send) && send_finish(&r->send) != ERR_OK) {
        warn(r, "close_failed", "count_as_sent");
        r->w->unclean = true;
    }
}

/* A server that ended its side gets an orderly end from us, and the next batch a new connection. */
static void check_server(struct run *r)
{
    err_t err = send_is_open(&r->send) ? send_check(&r->send) : ERR_OK;

    if (err == ERR_EOF) {
        LOG(LOG_INFO, "worker", "event=server_ended connection=%u action=reconnect", r->w->number);
        finish(r);
    } else if (err != ERR_OK) {
        warn(r, "connection_broken", "reconnect");
        r->w->unclean = true;
        send_abandon(&r->send);
    }
}

/* Waits for the moment, with an eye on the server. ERR_AGAIN: the wish to stop. */
static err_t wait_until(struct run *r, uint64_t until_mono_ns)
{
    while (clock_mono_ns() < until_mono_ns) {
        TRY(send_wait(&r->send, until_mono_ns));
        check_server(r);
    }
    return stop_requested(r->send.stop) ? ERR_AGAIN : ERR_OK;
}

/* Until everything is sent. Errors: ERR_AGAIN the wish to stop; others: it gave up. */
static err_t send_all(struct run *r)
{
    struct worker_job *job = r->w->job;
    uint64_t end =
        r->args->duration_ns == 0 ? UINT64_MAX : job->start_mono_ns + r->args->duration_ns;

    while (!all_reserved(job)) {
        uint32_t count = 0;
        TRY(wait_until(r, r->pace.due_ns < end ? r->pace.due_ns : end));
        uint64_t now = clock_mono_ns();
        if (now >= end) {
            return ERR_OK;
        }
        check_server(r);
        pace_step(&r->pace, now);
        TRY(fill(r, &count));
        if (count == 0) {
            return ERR_OK;
        }
        err_t err = deliver(r, buf_span(&r->batch));
        account(r, err, count);
        ENSURE(err == ERR_OK || r->ever_open, err);
    }
    return ERR_OK;
}

static err_t run_init(struct run *r, struct worker *w)
{
    struct worker_job *job = w->job;
    const struct args *args = job->args;

    *r = (struct run){.w = w, .args = args};
    r->send = (struct send){
        .ops = args->udp ? &send_udp_ops : &send_tls_ops,
        .settings = job->settings,
        .dial = {.kind = args->udp ? DIAL_UDP : DIAL_TCP,
                 .host = args->address,
                 .port = (uint16_t)(args->udp ? args->udp_port : args->tcp_port)},
        .stop = job->stop,
        .fd = -1,
    };
    pace_init(&r->pace, args, clock_mono_ns());
    return feed_init(&r->feed, job->source, job->seed + w->number);
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct run r;
    err_t err = run_init(&r, w);

    if (err == ERR_OK) {
        err = send_all(&r);
    }
    w->given_up = err != ERR_OK && err != ERR_AGAIN;
    finish(&r);
    feed_done(&r.feed);
    buf_done(&r.batch);
    IGNORE(eventfd_write(w->job->ended_fd, 1) != 0, "the counter is far from full");
    return NULL;
}

err_t worker_start(struct worker *w, struct worker_job *job, unsigned number)
{
    *w = (struct worker){.job = job, .number = number};
    return pthread_create(&w->thread, NULL, worker_main, w) == 0 ? ERR_OK : ERR_NOMEM;
}

void worker_join(struct worker *w)
{
    pthread_join(w->thread, NULL);
}
