/* SPDX-License-Identifier: Apache-2.0
 *
 * sd_notify: what a program tells the service manager that started it, as datagrams to the socket
 * that $NOTIFY_SOCKET names (sd_notify(3)). Without such a manager every call does nothing. Sending
 * is for any thread and never waits. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#define SD_NOTIFY_BYTES_MAX 512u

struct sd_notify {
    int fd; /* -1: nobody wants to know */
    socklen_t to_len;
    struct sockaddr_un to;
    uint64_t watchdog_ns; /* a WATCHDOG=1 is expected so often; 0: never */
};

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them from the environment, as
 * they are not for programs that this one starts. `ret` is usable in any case. ERR_SYNTAX: a value
 * is no socket name, or no number; ERR_IO with errno. While there is one thread only. */
MUST_CHECK err_t sd_notify_open(struct sd_notify *ret);
void sd_notify_close(struct sd_notify *n);

/* Sends lines of KEY=VALUE. What the manager does not take at once, and what is longer than
 * SD_NOTIFY_BYTES_MAX, is not sent. Whether it was. */
bool sd_notify_send(const struct sd_notify *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
