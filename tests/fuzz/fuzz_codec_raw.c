/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a line, and as a message of a syslog stream from another zone, on their whole way to
 * each kind of output: no line is lost. Reaches codec_syslog and codec_journal. */
#include "codec/codec_raw.h"
#include "tests/support/one_record.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct one_record *r, struct span in)
{
    static const char *const outs[] = {"jsonl", "csv", "text"};

    for (size_t i = 0; i < sizeof(outs) / sizeof(outs[0]); i++) {
        r->out = outs[i];
        enum reason reason = one_record_run(r, in);
        assert(reason == REASON_NONE || reason == REASON_SERVICE_TOO_LONG ||
               (reason == REASON_EMPTY && in.len == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct one_record line;
    static struct one_record syslog;
    static struct zone zone = {"Berlin", {1, {{INT64_MIN, 0}}}};
    struct span in = span_of((const char *)data, size);

    if (line.codec == NULL) {
        one_record_init(&line, codec_raw_line);
        one_record_init(&syslog, codec_raw_syslog);
        if (tzif_apply_rule(SPAN_LIT("CET-1CEST,M3.5.0,M10.5.0/3"), &zone.table) != ERR_OK) {
            abort();
        }
        syslog.env.zone = &zone;
    }
    check(&line, in);
    check(&syslog, in);
    return 0;
}
