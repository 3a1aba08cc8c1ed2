/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a time zone's file, and any as a rule: what is read has changes in their order and
 * answers for any time. */
#include "base/zone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct zone *z)
{
    static const int64_t times[] = {0, -1, 1795234305, 253402300799, -62167219200};

    assert(z->table.count >= 1 && z->table.count <= TZIF_CHANGES_MAX);
    for (uint32_t i = 0; i < z->table.count; i++) {
        int32_t offset = z->table.changes[i].offset;
        assert(offset > -TZIF_OFFSET_MAX && offset < TZIF_OFFSET_MAX);
        assert(i == 0 || z->table.changes[i].at > z->table.changes[i - 1].at);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        int32_t offset = zone_offset(z, times[i], 1795234305);
        assert(offset > -TZIF_OFFSET_MAX && offset < TZIF_OFFSET_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct zone z;
    struct span in = span_of((const char *)data, size);

    if (tzif_read(in, &z.table) == ERR_OK) {
        check(&z);
    }
    z.table.count = 1;
    z.table.changes[0] = (struct tzif_change){INT64_MIN, 0};
    if (tzif_apply_rule(in, &z.table) == ERR_OK) {
        check(&z);
    }
    return 0;
}
