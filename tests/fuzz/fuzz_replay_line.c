/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a line of rejected records: a verdict, and what is to be sent is a whole frame. */
#include "client/replay_line.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum replay_line_verdict verdict = REPLAY_LINE_VERDICTS;
    struct buf payload = {0};
    uint8_t format = 0;

    err_t err = replay_line_parse(span_of((const char *)data, size), &payload, &format, &verdict);
    assert(err == ERR_OK);
    assert(verdict < REPLAY_LINE_VERDICTS);
    if (verdict == REPLAY_LINE_SEND) {
        assert(format >= 1 && format <= 4);
        assert(payload.len > 0);
    }
    buf_done(&payload);
    return 0;
}
