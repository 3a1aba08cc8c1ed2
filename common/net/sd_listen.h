/* SPDX-License-Identifier: Apache-2.0
 *
 * sd_listen: the sockets that a service manager has bound and passes to a program at its start, as
 * descriptors 3 and up (sd_listen_fds(3)). They stay open when the program ends, so that whoever
 * connects meanwhile waits in the kernel's queue for the next start. */
#pragma once

#include "net/addr.h"

#define SD_LISTEN_MAX        64u
#define SD_LISTEN_NAME_BYTES 256u /* a name has at most 255 bytes */

enum sd_listen_kind { SD_LISTEN_STREAM, SD_LISTEN_DATAGRAM };

struct sd_listen_socket {
    int fd; /* the receiver's from now on; non-blocking, close-on-exec */
    enum sd_listen_kind kind;
    struct addr bound;
    char name[SD_LISTEN_NAME_BYTES]; /* FileDescriptorName=; "" without */
};

struct sd_listen {
    unsigned count;
    struct sd_listen_socket at[SD_LISTEN_MAX];
};

/* Takes the sockets that the environment says were passed to this process, and removes LISTEN_FDS,
 * LISTEN_PID and LISTEN_FDNAMES from it. None if it says so, or means another process. Each must be
 * a listening TCP socket or a bound UDP socket of IPv4 or IPv6; anything else refuses them all.
 * While there is one thread only. `ret_why` (written on failure) says what is wrong.
 * Errors: ERR_SYNTAX a variable is no number, or the names are not as many as the sockets;
 * ERR_LIMIT more than SD_LISTEN_MAX; ERR_UNKNOWN a descriptor is no such socket. */
MUST_CHECK err_t sd_listen_take(struct sd_listen *ret, char *ret_why, size_t why_bytes);

/* Closes what was not handed on: every `fd` that is not -1. */
void sd_listen_close(struct sd_listen *l);
