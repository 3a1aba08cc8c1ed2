/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an export stream of journald: nothing outside the input is touched, and where the
 * pieces were cut changes nothing. */
#include "tests/support/split.h"
#include "wire/frame_journal.h"

/* Small, so that short inputs reach both sides of it. */
#define LIMIT 24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_journal f;
    struct split_framing framing = split_journal(&f);
    struct span stream = {(const char *)data, size};

    frame_journal_init(&f, LIMIT);
    split_check_equal(&framing, stream);
    frame_journal_done(&f);
    return 0;
}
