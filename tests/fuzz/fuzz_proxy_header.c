/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the start of a proxy's connection: bounded, and the same whole and byte by byte. */
#include "net/proxy_header.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header whole = {0};
    struct proxy_header cut = {0};
    size_t taken = 0;
    size_t at = 0;
    err_t answer = proxy_header_take(&whole, span_of((const char *)data, size), &taken);
    err_t err = ERR_AGAIN;

    assert(taken <= size && taken <= 16 + PROXY_HEADER_BLOCK_BYTES_MAX);
    while (err == ERR_AGAIN && at < size) {
        size_t one = 0;
        err = proxy_header_take(&cut, span_of((const char *)data + at, 1), &one);
        assert(one == 1);
        at++;
    }
    assert(err == answer && at == taken);
    assert(whole.has_client == cut.has_client && (!whole.has_client || answer == ERR_OK));
    assert(memcmp(&whole.client, &cut.client, sizeof(cut.client)) == 0);
    return 0;
}
