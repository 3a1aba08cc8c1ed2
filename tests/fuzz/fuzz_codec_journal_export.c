/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an entry of an export stream, on their whole way to each kind of output. */
#include "codec/codec_journal_export.h"
#include "tests/support/one_record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const outs[] = {"jsonl", "csv", "text"};
    static struct one_record r;

    if (r.codec == NULL) {
        one_record_init(&r, codec_journal_export);
    }
    for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
        r.out = outs[i];
        enum reason reason = one_record_run(&r, span_of((const char *)data, size));
        assert(reason == REASON_NONE || reason == REASON_BAD_FRAME || reason == REASON_TOO_LARGE ||
               reason == REASON_SERVICE_TOO_LONG || (reason == REASON_EMPTY && size == 0));
    }
    return 0;
}
