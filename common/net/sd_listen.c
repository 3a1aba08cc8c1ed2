/* SPDX-License-Identifier: Apache-2.0
 *
 * sd_listen: what the environment claims is checked with the kernel before anything is done with a
 * descriptor. Source: sd_listen_fds(3). */
#include "net/sd_listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FD 3
#define DECIMAL  10

/* Where the reason of a failure goes. */
struct why {
    char *text;
    size_t bytes;
};

static bool parse_number(const char *text, long max, long *ret)
{
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    long value = strtol(text, &end, DECIMAL);
    if (*end != '\0' || errno != 0 || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

static err_t refuse_variable(struct why why, const char *name, const char *text)
{
    snprintf(why.text, why.bytes, "%s=\"%.100s\" is no number that a service manager sets", name,
             text);
    return ERR_SYNTAX;
}

/* How many sockets are meant for this process. */
static err_t read_count(struct why why, unsigned *ret)
{
    const char *fds = getenv("LISTEN_FDS");
    const char *pid = getenv("LISTEN_PID");
    long count = 0;
    long whose = 0;

    *ret = 0;
    if (fds == NULL || pid == NULL) {
        return ERR_OK;
    }
    if (!parse_number(pid, INT32_MAX, &whose)) {
        return refuse_variable(why, "LISTEN_PID", pid);
    }
    if (whose != (long)getpid()) {
        return ERR_OK; /* left over from a parent */
    }
    if (!parse_number(fds, INT32_MAX, &count)) {
        return refuse_variable(why, "LISTEN_FDS", fds);
    }
    if (count > (long)SD_LISTEN_MAX) {
        snprintf(why.text, why.bytes, "%ld sockets were passed; allowed: at most %u", count,
                 SD_LISTEN_MAX);
        return ERR_LIMIT;
    }
    *ret = (unsigned)count;
    return ERR_OK;
}

/* "a:b:c", one name a socket. */
static err_t read_names(struct sd_listen *l, struct why why)
{
    const char *names = getenv("LISTEN_FDNAMES");
    unsigned given = 0;

    if (names == NULL) {
        return ERR_OK;
    }
    for (const char *at = names; given < l->count; given++) {
        size_t len = strcspn(at, ":");
        if (len >= SD_LISTEN_NAME_BYTES) {
            break;
        }
        memcpy(l->at[given].name, at, len);
        if (at[len] == '\0') {
            given++;
            break;
        }
        at += len + 1;
    }
    unsigned colons = 0;
    for (const char *at = strchr(names, ':'); at != NULL; at = strchr(at + 1, ':')) {
        colons++;
    }
    if (given != l->count || (l->count > 0 && colons + 1 != l->count)) {
        snprintf(why.text, why.bytes, "LISTEN_FDNAMES=\"%.200s\" does not name %u sockets", names,
                 l->count);
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static bool get_option(int fd, int name, int *ret)
{
    socklen_t len = sizeof(*ret);

    return getsockopt(fd, SOL_SOCKET, name, ret, &len) == 0;
}

static bool is_connected(int fd)
{
    struct addr peer = {.len = sizeof(peer.storage)};

    return getpeername(fd, (struct sockaddr *)&peer.storage, &peer.len) == 0;
}

/* NULL, or what is wrong with the descriptor. */
static const char *check_socket(struct sd_listen_socket *s)
{
    int type = 0;
    int listening = 0;

    s->bound.len = sizeof(s->bound.storage);
    if (!get_option(s->fd, SO_TYPE, &type) || !get_option(s->fd, SO_ACCEPTCONN, &listening) ||
        getsockname(s->fd, (struct sockaddr *)&s->bound.storage, &s->bound.len) != 0) {
        return errno == EBADF ? "is not open" : "is no socket";
    }
    if (s->bound.storage.ss_family != AF_INET && s->bound.storage.ss_family != AF_INET6) {
        return "is no socket of IPv4 or IPv6";
    }
    if (type != SOCK_STREAM && type != SOCK_DGRAM) {
        return "is neither a TCP nor a UDP socket";
    }
    s->kind = type == SOCK_STREAM ? SD_LISTEN_STREAM : SD_LISTEN_DATAGRAM;
    if (s->kind == SD_LISTEN_STREAM && listening == 0) {
        return "does not listen";
    }
    if (addr_port(&s->bound) == 0 || is_connected(s->fd)) {
        return "is not bound to a port, or connected to a peer";
    }
    return NULL;
}

static bool set_flags(int fd)
{
    int status = fcntl(fd, F_GETFL);

    return status >= 0 && fcntl(fd, F_SETFL, status | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static err_t check_all(struct sd_listen *l, struct why why)
{
    for (unsigned i = 0; i < l->count; i++) {
        const char *wrong = check_socket(&l->at[i]);
        if (wrong == NULL && !set_flags(l->at[i].fd)) {
            wrong = strerror(errno);
        }
        if (wrong != NULL) {
            snprintf(why.text, why.bytes, "passed descriptor %d (%.100s) %s", l->at[i].fd,
                     l->at[i].name, wrong);
            return ERR_UNKNOWN;
        }
    }
    return ERR_OK;
}

static err_t take(struct sd_listen *l, struct why why)
{
    unsigned count = 0;

    TRY(read_count(why, &count));
    l->count = count;
    for (unsigned i = 0; i < l->count; i++) {
        l->at[i].fd = FIRST_FD + (int)i;
    }
    TRY(read_names(l, why));
    return check_all(l, why);
}

err_t sd_listen_take(struct sd_listen *ret, char *ret_why, size_t why_bytes)
{
    memset(ret, 0, sizeof(*ret));
    err_t err = take(ret, (struct why){ret_why, why_bytes});

    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDNAMES");
    if (err != ERR_OK) {
        ret->count = 0; /* what they are is not known: they stay open, untouched */
    }
    return err;
}

void sd_listen_close(struct sd_listen *l)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (l->at[i].fd >= 0) {
            close(l->at[i].fd);
            l->at[i].fd = -1;
        }
    }
}
