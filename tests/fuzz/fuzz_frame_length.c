/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as go-client frames: nothing outside the input is touched, and where
 * the pieces were cut changes nothing. */
#include "tests/support/split.h"
#include "wire/frame_length.h"

/* Small, so that short inputs reach both sides of it. */
#define LIMIT 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_length f;
    struct split_framing framing = split_length(&f);
    struct span stream = {(const char *)data, size};

    frame_length_init(&f, LIMIT);
    split_check_equal(&framing, stream);
    frame_length_done(&f);
    return 0;
}
