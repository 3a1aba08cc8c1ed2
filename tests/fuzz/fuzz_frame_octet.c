/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as octet-counted messages: nothing outside the input is touched, and where
 * the pieces were cut changes nothing. */
#include "tests/support/split.h"
#include "wire/frame_octet.h"

/* Small, so that short inputs reach both sides of it. */
#define LIMIT 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_octet f;
    struct split_framing framing = split_octet(&f);
    struct span stream = {(const char *)data, size};

    frame_octet_init(&f, LIMIT);
    split_check_equal(&framing, stream);
    frame_octet_done(&f);
    return 0;
}
