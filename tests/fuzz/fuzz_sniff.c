/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a stream's start: an answer, once given, survives every longer prefix, and at the
 * end of the stream there always is one. */
#include "ingestor/sniff.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span stream = {(const char *)data, size};
    struct sniff_result answer = {0};
    err_t first = ERR_AGAIN;

    for (size_t n = 0; n <= size && n <= 2 * SNIFF_PEEK_BYTES; n++) {
        struct sniff_result got = {0};
        err_t err = sniff_decide(span_head(stream, n), SNIFF_MORE, &got);
        assert(err == ERR_OK || err == ERR_AGAIN || err == ERR_UNKNOWN);
        assert(n < SNIFF_PEEK_BYTES || err != ERR_AGAIN);
        assert(err != ERR_OK || got.skip < n);
        if (first != ERR_AGAIN) {
            assert(err == first && got.kind == answer.kind && got.skip == answer.skip);
        }
        first = err;
        answer = got;
        assert(sniff_decide(span_head(stream, n), SNIFF_END, &got) != ERR_AGAIN);
    }
    return 0;
}
