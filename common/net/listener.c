/* SPDX-License-Identifier: Apache-2.0
 *
 * listener: sockets and their options. */
#include "net/listener.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_BACKLOG 4096

/* Dead peers are found by probes after 2 minutes of silence, 6 of them 20 s apart. */
#define KEEPALIVE_IDLE_S     120
#define KEEPALIVE_INTERVAL_S 20
#define KEEPALIVE_COUNT      6

static err_t set_option(int fd, int level, int name, int value)
{
    ENSURE(setsockopt(fd, level, name, &value, sizeof(value)) == 0, ERR_IO);
    return ERR_OK;
}

static err_t bind_and_read(int fd, const struct addr *want, struct addr *ret_bound)
{
    if (want->storage.ss_family == AF_INET6) {
        TRY(set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0));
    }
    ENSURE(bind(fd, (const struct sockaddr *)&want->storage, want->len) == 0, ERR_IO);
    ret_bound->len = sizeof(ret_bound->storage);
    ENSURE(getsockname(fd, (struct sockaddr *)&ret_bound->storage, &ret_bound->len) == 0, ERR_IO);
    return ERR_OK;
}

/* A socket for `host`; without IPv6, "::" becomes 0.0.0.0. */
static err_t open_socket(const char *host, uint16_t port, int type, struct addr *ret_want,
                         int *ret_fd)
{
    TRY(addr_parse(host, port, ret_want));
    int fd = socket(ret_want->storage.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT && strcmp(host, "::") == 0) {
        TRY(addr_parse("0.0.0.0", port, ret_want));
        fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    ENSURE(fd >= 0, ERR_IO);
    *ret_fd = fd;
    return ERR_OK;
}

static err_t start_tcp(int fd, const struct addr *want, struct addr *ret_bound)
{
    TRY(set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1));
    TRY(bind_and_read(fd, want, ret_bound));
    ENSURE(listen(fd, LISTEN_BACKLOG) == 0, ERR_IO);
    return ERR_OK;
}

static void close_keeping_errno(int fd)
{
    int saved = errno;

    close(fd);
    errno = saved;
}

err_t listener_tcp(const char *host, uint16_t port, int *ret_fd, struct addr *ret_bound)
{
    struct addr want;
    int fd = -1;

    TRY(open_socket(host, port, SOCK_STREAM, &want, &fd));
    err_t err = start_tcp(fd, &want, ret_bound);
    if (err != ERR_OK) {
        close_keeping_errno(fd);
        return err;
    }
    *ret_fd = fd;
    return ERR_OK;
}

/* SO_RCVBUFFORCE needs CAP_NET_ADMIN; SO_RCVBUF is capped by net.core.rmem_max. The kernel doubles
 * either for its own overhead, and getsockopt tells the doubled value. */
int listener_udp_grow(int fd, int bytes)
{
    int granted = 0;
    socklen_t len = sizeof(granted);

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0) {
        IGNORE(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)),
               "what was granted is read back below");
    }
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &granted, &len) != 0) {
        return 0;
    }
    return granted / 2;
}

err_t listener_udp_is_free(const char *host, uint16_t port)
{
    struct addr want;
    struct addr bound;
    int fd = -1;

    TRY(open_socket(host, port, SOCK_DGRAM, &want, &fd));
    err_t err = bind_and_read(fd, &want, &bound);
    close_keeping_errno(fd);
    return err;
}

static err_t start_udp(int fd, const struct addr *want, struct addr *ret_bound)
{
    TRY(set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1));
    return bind_and_read(fd, want, ret_bound);
}

err_t listener_udp_open(const char *host, uint16_t port, int receive_bytes,
                        struct listener_udp *ret)
{
    struct listener_udp u = {.fd = -1};
    struct addr want;

    TRY(open_socket(host, port, SOCK_DGRAM, &want, &u.fd));
    u.receive_bytes = listener_udp_grow(u.fd, receive_bytes);
    err_t err = start_udp(u.fd, &want, &u.bound);
    if (err != ERR_OK) {
        close_keeping_errno(u.fd);
        return err;
    }
    *ret = u;
    return ERR_OK;
}

err_t listener_accept(int listen_fd, int *ret_fd, struct addr *ret_peer)
{
    int fd = -1;

    do {
        ret_peer->len = sizeof(ret_peer->storage);
        fd = accept4(listen_fd, (struct sockaddr *)&ret_peer->storage, &ret_peer->len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_AGAIN : ERR_IO;
    }
    IGNORE(set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1), "a connection works without probes");
    IGNORE(set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S), "as above");
    IGNORE(set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S), "as above");
    IGNORE(set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT), "as above");
    *ret_fd = fd;
    return ERR_OK;
}

uint32_t listener_udp_drops(int fd)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t len = sizeof(info);

    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) != 0) {
        return 0;
    }
    return info[SK_MEMINFO_DROPS];
}
