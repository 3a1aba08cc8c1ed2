/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a line, on their whole way to each kind of output: no line is lost. Reaches
 * codec_syslog and codec_journal. */
#include "codec/codec_raw.h"
#include "tests/support/one_record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const outs[] = {"jsonl", "csv", "text"};
    static struct one_record r;

    if (r.codec == NULL) {
        one_record_init(&r, codec_raw_line);
    }
    for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
        r.out = outs[i];
        enum reason reason = one_record_run(&r, span_of((const char *)data, size));
        assert(reason == REASON_NONE || reason == REASON_SERVICE_TOO_LONG ||
               (reason == REASON_EMPTY && size == 0));
    }
    return 0;
}
