/* SPDX-License-Identifier: Apache-2.0
 *
 * addr_block: prefixes of IPv6 addresses, into which IPv4 is mapped. */
#include "net/addr_block.h"

#define BITS_MAX   128u
#define IPV4_FIRST 96u /* bits of the prefix that mapped IPv4 addresses share */
#define DIGITS_MAX 3u
#define HOST_BYTES 64u /* the longest text of an address is shorter */

static err_t parse_bits(struct span digits, unsigned max, unsigned *ret)
{
    unsigned bits = 0;

    ENSURE(digits.len >= 1 && digits.len <= DIGITS_MAX, ERR_SYNTAX);
    for (size_t i = 0; i < digits.len; i++) {
        ENSURE(digits.at[i] >= '0' && digits.at[i] <= '9', ERR_SYNTAX);
        bits = bits * 10 + (unsigned)(digits.at[i] - '0');
    }
    ENSURE(bits <= max, ERR_SYNTAX);
    *ret = bits;
    return ERR_OK;
}

/* The bits of byte `i` that belong to a prefix of `bits`. */
static uint8_t byte_mask(unsigned bits, unsigned i)
{
    unsigned before = i * 8;
    unsigned of_byte = bits <= before ? 0 : bits - before >= 8 ? 8 : bits - before;

    return (uint8_t)(0xff00u >> of_byte);
}

err_t addr_block_parse(struct span text, struct addr_block *ret)
{
    size_t slash = span_find(text, '/');
    char host[HOST_BYTES] = {0};
    struct addr addr;

    ENSURE(slash > 0 && slash < sizeof(host), ERR_SYNTAX);
    memcpy(host, text.at, slash);
    ENSURE(strlen(host) == slash, ERR_SYNTAX);
    TRY(addr_parse(host, 0, &addr));
    unsigned first = addr.storage.ss_family == AF_INET ? IPV4_FIRST : 0;
    unsigned bits = BITS_MAX - first;
    if (slash < text.len) {
        TRY(parse_bits(span_skip(text, slash + 1), bits, &bits));
    }
    addr_host_key(&addr, ret->host);
    ret->bits = (uint8_t)(first + bits);
    for (unsigned i = 0; i < sizeof(ret->host); i++) {
        ret->host[i] &= byte_mask(ret->bits, i);
    }
    return ERR_OK;
}

bool addr_block_holds(const struct addr_block *b, const struct addr *a)
{
    uint8_t host[16];

    addr_host_key(a, host);
    for (unsigned i = 0; i < sizeof(host); i++) {
        if ((host[i] & byte_mask(b->bits, i)) != b->host[i]) {
            return false;
        }
    }
    return true;
}
