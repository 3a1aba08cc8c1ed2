/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a query value: what comes out is a string no longer than what went in, and text
 * without escapes stays as it is. */
#include "net/http_request.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {(const char *)data, size};
    char *out = malloc(size + 1);

    assert(out != NULL);
    err_t err = http_request_unescape(in, out, size + 1);
    assert(err == ERR_OK || err == ERR_SYNTAX);
    if (span_find(in, '%') == size) {
        assert(err == ERR_OK);
        assert(size == 0 || memcmp(out, data, size) == 0);
    }
    if (err == ERR_OK) {
        assert(size == 0 || memchr(data, '\0', size) != NULL || strlen(out) <= size);
        assert(size == 0 || http_request_unescape(in, out, strlen(out)) == ERR_LIMIT ||
               memchr(data, '\0', size) != NULL);
    }
    free(out);
    return 0;
}
