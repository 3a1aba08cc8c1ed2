/* SPDX-License-Identifier: Apache-2.0
 *
 * sd_notify: the protocol is one datagram a message, which is less than a library is worth.
 * Source: sd_notify(3), "Notes". */
#include "net/sd_notify.h"

#include "base/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DECIMAL 10

/* A path, or '@' and a name of the abstract name space, where NUL stands for the '@'. */
static err_t parse_address(const char *text, struct sd_notify *n)
{
    size_t len = strlen(text);

    ENSURE((text[0] == '/' || text[0] == '@') && len > 1, ERR_SYNTAX);
    ENSURE(len < sizeof(n->to.sun_path), ERR_SYNTAX);
    n->to.sun_family = AF_UNIX;
    memcpy(n->to.sun_path, text, len + 1);
    if (text[0] == '@') {
        n->to.sun_path[0] = '\0';
    } else {
        len++; /* of a path the NUL belongs to it */
    }
    n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return ERR_OK;
}

static err_t parse_number(const char *text, uint64_t *ret)
{
    char *end = NULL;

    ENSURE(text[0] >= '0' && text[0] <= '9', ERR_SYNTAX);
    errno = 0;
    unsigned long long value = strtoull(text, &end, DECIMAL);
    ENSURE(*end == '\0' && errno == 0, ERR_SYNTAX);
    *ret = value;
    return ERR_OK;
}

/* The watchdog is ours only if WATCHDOG_PID is absent or names this process. */
static err_t read_watchdog(uint64_t *ret_ns)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    uint64_t period_us = 0;
    uint64_t whose = (uint64_t)getpid();

    if (usec == NULL) {
        return ERR_OK;
    }
    TRY(parse_number(usec, &period_us));
    if (pid != NULL) {
        TRY(parse_number(pid, &whose));
    }
    ENSURE(period_us > 0 && period_us < UINT64_MAX / NS_PER_US, ERR_SYNTAX);
    if (whose == (uint64_t)getpid()) {
        *ret_ns = period_us * NS_PER_US;
    }
    return ERR_OK;
}

static err_t open_socket(struct sd_notify *n)
{
    const char *name = getenv("NOTIFY_SOCKET");

    if (name == NULL || name[0] == '\0') {
        return ERR_OK;
    }
    TRY(parse_address(name, n));
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ENSURE(n->fd >= 0, ERR_IO);
    return ERR_OK;
}

err_t sd_notify_open(struct sd_notify *ret)
{
    *ret = (struct sd_notify){.fd = -1};
    err_t err = open_socket(ret);
    err_t watchdog_err = read_watchdog(&ret->watchdog_ns);

    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return err == ERR_OK ? watchdog_err : err;
}

void sd_notify_close(struct sd_notify *n)
{
    if (n->fd >= 0) {
        close(n->fd);
    }
    n->fd = -1;
}

bool sd_notify_send(const struct sd_notify *n, const char *format, ...)
{
    char text[SD_NOTIFY_BYTES_MAX];
    va_list args;

    if (n->fd < 0) {
        return false;
    }
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len <= 0 || (size_t)len >= sizeof(text)) {
        return false;
    }
    return sendto(n->fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)&n->to, n->to_len) == (ssize_t)len;
}
