/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_input: a file or a pipe as a transport (net/transport.h), so that it is read as a
 * connection is. It ends in order. */
#pragma once

#include "net/transport.h"

#include <stdint.h>

struct explain_input {
    struct transport base;
    int fd;         /* borrowed */
    int read_errno; /* of a failed read; else 0 */
    uint64_t bytes; /* given so far */
};

/* Freeing the transport does nothing. */
void explain_input_init(struct explain_input *in, int fd);

/* After ERR_AGAIN: waits for more. */
void explain_input_wait(struct explain_input *in);
