/* SPDX-License-Identifier: Apache-2.0
 *
 * service: messages by datagrams that never wait. The manager's patience at the start is renewed by
 * the calls that repairing an archive consists of, so that one that hangs is not waited for. */
#include "ingestor/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/metrics.h"
#include "ingestor/watchdog.h"
#include "net/sd_notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_INTERVAL_NS (5u * NS_PER_S)
#define EXTEND_INTERVAL_NS (1u * NS_PER_S)
#define EXTEND_BY_US       (60ull * 1000 * 1000)

struct service {
    struct sd_notify notify;
    struct watchdog watchdog;
    struct archive_io io; /* fixed after the start */
    uint64_t status_due_ns;
    struct metrics_mark mark;
    struct metrics_view view; /* here because it is large */
    bool marked;
    bool ready_due; /* the manager's queue was full */

    /* atomic */
    _Atomic bool starting;
    _Atomic uint64_t extend_due_ns;
};

static void extend_start(struct service *s)
{
    if (!atomic_load_explicit(&s->starting, memory_order_relaxed)) {
        return;
    }
    uint64_t now = clock_mono_ns();
    if (now < atomic_load(&s->extend_due_ns)) {
        return;
    }
    atomic_store(&s->extend_due_ns, now + EXTEND_INTERVAL_NS);
    IGNORE(sd_notify_send(&s->notify,
                          "EXTEND_TIMEOUT_USEC=%llu\nSTATUS=starting: repairing what an earlier "
                          "run left\n",
                          EXTEND_BY_US),
           "there is another call soon");
}

static ssize_t read_counted(void *arg, int fd, void *data, size_t bytes, off_t at)
{
    extend_start(arg);
    return archive_io_system.pread(archive_io_system.arg, fd, data, bytes, at);
}

static ssize_t write_counted(void *arg, int fd, const void *data, size_t bytes, off_t at)
{
    extend_start(arg);
    return archive_io_system.pwrite(archive_io_system.arg, fd, data, bytes, at);
}

err_t service_new(struct service **ret)
{
    struct service *s = calloc(1, sizeof(*s));

    ENSURE(s != NULL, ERR_NOMEM);
    err_t err = sd_notify_open(&s->notify);
    if (err != ERR_OK) {
        LOG(LOG_WARN, "service",
            "event=service_manager_not_understood reason=\"%s\" action=go_on_without",
            err == ERR_IO ? strerror(errno) : "NOTIFY_SOCKET, WATCHDOG_USEC or WATCHDOG_PID");
    }
    watchdog_init(&s->watchdog, s->notify.fd < 0 ? 0 : s->notify.watchdog_ns);
    s->io = archive_io_system;
    s->io.arg = s;
    s->io.pread = read_counted;
    s->io.pwrite = write_counted;
    atomic_store(&s->extend_due_ns, clock_mono_ns() + EXTEND_INTERVAL_NS);
    atomic_store(&s->starting, s->notify.fd >= 0);
    *ret = s;
    return ERR_OK;
}

void service_free(struct service *s)
{
    if (s != NULL) {
        sd_notify_close(&s->notify);
        free(s);
    }
}

const struct archive_io *service_io(struct service *s)
{
    return s->notify.fd < 0 ? &archive_io_system : &s->io;
}

/* Without this message a manager ends a program that serves, when its patience ends. */
static void send_ready(struct service *s)
{
    s->ready_due = s->notify.fd >= 0 && !sd_notify_send(&s->notify, "READY=1\n");
}

void service_ready(struct service *s)
{
    atomic_store(&s->starting, false);
    send_ready(s);
    s->status_due_ns = 0;
}

void service_reloading(struct service *s)
{
    IGNORE(sd_notify_send(&s->notify, "RELOADING=1\nMONOTONIC_USEC=%llu\n",
                          (unsigned long long)(clock_mono_ns() / NS_PER_US)),
           "as above");
}

void service_stopping(struct service *s)
{
    IGNORE(sd_notify_send(&s->notify, "STOPPING=1\nSTATUS=draining: senders are read to their end, "
                                      "then the files are published\n"),
           "as above");
}

/* One line that a person reads in `systemctl status`. */
static void send_status(struct service *s, struct server *server)
{
    struct metrics_rates rates = {0};

    metrics_read(server, &s->view);
    struct metrics_law total = metrics_law_total(&s->view.sum);
    if (s->marked) {
        metrics_rates_between(&s->mark, &s->view, &rates);
    }
    metrics_mark_set(&s->mark, &s->view);
    s->marked = true;
    IGNORE(sd_notify_send(&s->notify,
                          "STATUS=%s: %.0f records/s, %.1f MB/s, %" PRIu64 " connections; %" PRIu64
                          " received, %" PRIu64 " archived, %" PRIu64 " rejected, %" PRIu64
                          " dropped\n",
                          metrics_state_name(s->view.state), rates.logs_per_s, rates.mb_per_s,
                          s->view.sum.connections_open, total.received, total.archived,
                          total.rejected, total.dropped),
           "there is another one soon");
}

static unsigned read_beats(const struct server *server, const struct admin_http *http,
                           uint64_t beats[WATCHDOG_THREADS_MAX])
{
    unsigned count = server_shard_count(server);

    for (unsigned i = 0; i < count; i++) {
        beats[i] = server_shard_beats(server, i);
    }
    if (http != NULL) {
        beats[count++] = admin_http_beats(http);
    }
    return count;
}

static void complain(const struct service *s, const uint64_t *beats, unsigned count,
                     uint64_t mono_ns, unsigned shards)
{
    int hung = watchdog_hung(&s->watchdog, beats, count, mono_ns);

    if (hung >= 0) {
        bool is_shard = (unsigned)hung < shards;
        LOG(LOG_ERROR, "service",
            "event=thread_hangs thread=%s index=%d action=no_watchdog_message",
            is_shard ? "shard" : "http", is_shard ? hung : 0);
    }
}

static void serve_watchdog(struct service *s, struct server *server, const struct admin_http *http,
                           uint64_t mono_ns)
{
    uint64_t beats[WATCHDOG_THREADS_MAX];
    unsigned count = read_beats(server, http, beats);

    switch (watchdog_tick(&s->watchdog, beats, count, mono_ns)) {
    case WATCHDOG_TELL:
        IGNORE(sd_notify_send(&s->notify, "WATCHDOG=1\n"), "two messages may be missed");
        break;
    case WATCHDOG_ASK:
        server_wake_shards(server);
        complain(s, beats, count, mono_ns, server_shard_count(server));
        break;
    case WATCHDOG_REST:
        break;
    }
}

void service_tick(struct service *s, struct server *server, const struct admin_http *http,
                  uint64_t mono_ns)
{
    if (s->notify.fd < 0) {
        return;
    }
    if (s->ready_due) {
        send_ready(s);
    }
    serve_watchdog(s, server, http, mono_ns);
    if (mono_ns >= s->status_due_ns) {
        s->status_due_ns = mono_ns + STATUS_INTERVAL_NS;
        send_status(s, server);
    }
}
