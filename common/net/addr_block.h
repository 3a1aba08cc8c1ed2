/* SPDX-License-Identifier: Apache-2.0
 *
 * addr_block: a block of addresses, as people write it: "10.0.0.0/8", "2001:db8::/32", or one
 * address alone. IPv4 is IPv4 whichever socket it came in on. Pure functions. */
#pragma once

#include "base/span.h"
#include "net/addr.h"

struct addr_block {
    uint8_t host[16]; /* as addr_host_key(); bits behind the prefix are 0 */
    uint8_t bits;     /* of the prefix: 0..128, IPv4 counted from 96 */
};

/* ERR_SYNTAX: no address, or more bits than it has. Bits behind the prefix are ignored. */
MUST_CHECK err_t addr_block_parse(struct span text, struct addr_block *ret);

/* Whether the address is in the block; its port does not matter. */
bool addr_block_holds(const struct addr_block *b, const struct addr *a);
