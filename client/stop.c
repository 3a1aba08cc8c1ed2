/* SPDX-License-Identifier: Apache-2.0
 *
 * stop: an eventfd that is never read. */
#include "client/stop.h"

#include "base/clock.h"

#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

err_t stop_init(struct stop *s)
{
    s->since_ns = 0;
    s->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return s->fd < 0 ? ERR_IO : ERR_OK;
}

void stop_done(struct stop *s)
{
    close(s->fd);
}

void stop_request(struct stop *s)
{
    uint64_t none = 0;

    if (atomic_compare_exchange_strong(&s->since_ns, &none, clock_mono_ns())) {
        IGNORE(eventfd_write(s->fd, 1) != 0, "one count always fits");
    }
}

bool stop_requested(struct stop *s)
{
    return s->since_ns != 0;
}

/* Until `until_mono_ns`, rounded up to a whole millisecond. */
static int timeout_ms(uint64_t until_mono_ns)
{
    uint64_t now = clock_mono_ns();

    if (until_mono_ns == UINT64_MAX) {
        return -1;
    }
    if (until_mono_ns <= now) {
        return 0;
    }
    uint64_t ms = (until_mono_ns - now + NS_PER_MS - 1) / NS_PER_MS;
    return ms > 1000000 ? 1000000 : (int)ms;
}

err_t stop_wait(struct stop *s, int fd, short events, uint64_t until_mono_ns)
{
    struct pollfd fds[2] = {{.fd = fd, .events = events}, {.fd = s->fd, .events = POLLIN}};

    for (;;) {
        int ready = poll(fds, 2, timeout_ms(until_mono_ns));
        if (ready > 0) {
            return fds[0].revents != 0 ? ERR_OK : ERR_AGAIN;
        }
        if (clock_mono_ns() >= until_mono_ns) {
            return ERR_LIMIT;
        }
    }
}

err_t stop_wait_finish(struct stop *s, int fd, short events, uint64_t until_mono_ns)
{
    struct pollfd one = {.fd = fd, .events = events};
    err_t err = stop_requested(s) ? ERR_AGAIN : stop_wait(s, fd, events, until_mono_ns);

    if (err != ERR_AGAIN) {
        return err;
    }
    uint64_t end = s->since_ns + STOP_GRACE_NS;
    end = end < until_mono_ns ? end : until_mono_ns;
    for (;;) {
        if (poll(&one, 1, timeout_ms(end)) > 0) {
            return ERR_OK;
        }
        if (clock_mono_ns() >= end) {
            return ERR_LIMIT;
        }
    }
}
