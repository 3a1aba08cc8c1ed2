/* SPDX-License-Identifier: Apache-2.0
 *
 * reason: labels and advice, from the one list. */
#include "wire/reason.h"

#include <assert.h>

const char *reason_name(enum reason reason)
{
#define REASON_LABEL(name, label, fix) [REASON_##name] = (label),
    static const char *const names[REASON_COUNT] = {[REASON_NONE] = "none",
                                                    REASON_LIST(REASON_LABEL)};
#undef REASON_LABEL

    assert(reason < REASON_COUNT);
    return names[reason];
}

const char *reason_fix(enum reason reason)
{
#define REASON_FIX(name, label, fix) [REASON_##name] = (fix),
    static const char *const fixes[REASON_COUNT] = {[REASON_NONE] = "", REASON_LIST(REASON_FIX)};
#undef REASON_FIX

    assert(reason < REASON_COUNT);
    return fixes[reason];
}
