/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy_header: what a proxy says before the first byte of a connection about whose it is. Source:
 * the PROXY protocol, versions 1 (text, at most 107 bytes) and 2 (binary). Additions of version 2
 * (TLV) are passed over, a checksum among them too. Pure functions. */
#pragma once

#include "base/span.h"
#include "net/addr.h"

#define PROXY_HEADER_V1_BYTES_MAX    107u
#define PROXY_HEADER_BLOCK_BYTES_MAX 4096u /* of addresses and additions of version 2 */

/* A header as far as it has arrived. Starts zeroed. */
struct proxy_header {
    uint8_t head[PROXY_HEADER_V1_BYTES_MAX]; /* all of version 1; the start of version 2 */
    uint32_t have;                           /* bytes of the header so far */
    uint32_t total;                          /* of version 2, once it is known */
    bool
        has_client; /* complete, and it names a client: not LOCAL, UNKNOWN, UNSPEC, a Unix socket */
    struct addr client;
    const char *why; /* what is wrong; static. After ERR_SYNTAX and ERR_UNKNOWN */
};

/* Takes what belongs to the header from the front of `in` (`*ret_taken` bytes, never more).
 * ERR_OK: it is complete; ERR_AGAIN: all of `in` belongs to it, and more; ERR_UNKNOWN: it is no
 * PROXY header; ERR_SYNTAX: it is a bad one. */
MUST_CHECK err_t proxy_header_take(struct proxy_header *p, struct span in, size_t *ret_taken);

/* Whether a connection that begins so begins with a PROXY header. */
bool proxy_header_begins(struct span head);
