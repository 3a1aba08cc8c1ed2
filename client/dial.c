/* SPDX-License-Identifier: Apache-2.0
 *
 * dial: name resolution and connecting with a timeout. */
#include "client/dial.h"

#include "base/clock.h"
#include "net/addr.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool address_is_loopback(const struct addrinfo *a)
{
    struct addr addr = {.len = a->ai_addrlen};

    memcpy(&addr.storage, a->ai_addr, a->ai_addrlen);
    return addr_is_loopback(&addr);
}

/* What became of a connect() that had to wait. */
static int connect_errno(int fd)
{
    int error = 0;
    socklen_t len = sizeof(error);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* ERR_IO leaves errno. */
static err_t connect_wait(int fd, const struct addrinfo *a, struct stop *stop)
{
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
        return ERR_OK;
    }
    ENSURE(errno == EINPROGRESS, ERR_IO);
    err_t err = stop_wait(stop, fd, POLLOUT, clock_mono_ns() + DIAL_TIMEOUT_NS);
    ENSURE(err != ERR_AGAIN, ERR_AGAIN);
    errno = err == ERR_LIMIT ? ETIMEDOUT : connect_errno(fd);
    return errno == 0 ? ERR_OK : ERR_IO;
}

static err_t try_address(const struct addrinfo *a, struct stop *stop, struct dial_result *ret)
{
    int one = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    err_t err = fd < 0 ? ERR_IO : connect_wait(fd, a, stop);

    if (err != ERR_OK) {
        snprintf(ret->why, sizeof(ret->why), "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return err;
    }
    if (a->ai_socktype == SOCK_STREAM) {
        IGNORE(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0, "only slower");
    }
    ret->fd = fd;
    ret->loopback = address_is_loopback(a);
    return ERR_OK;
}

err_t dial_open(const struct dial *dial, struct stop *stop, struct dial_result *ret)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    char port[8];
    err_t err = ERR_IO;

    hints.ai_socktype = dial->kind == DIAL_TCP ? SOCK_STREAM : SOCK_DGRAM;
    snprintf(port, sizeof(port), "%u", (unsigned)dial->port);
    int failure = getaddrinfo(dial->host, port, &hints, &found);
    if (failure != 0) {
        snprintf(ret->why, sizeof(ret->why), "%s", gai_strerror(failure));
        return ERR_UNKNOWN;
    }
    for (const struct addrinfo *a = found; a != NULL && err == ERR_IO; a = a->ai_next) {
        err = try_address(a, stop, ret);
    }
    freeaddrinfo(found);
    return err;
}
