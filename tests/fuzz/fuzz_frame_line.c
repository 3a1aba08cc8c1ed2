/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as lines, in both modes: nothing outside the input is touched, and where
 * the pieces were cut changes nothing. */
#include "tests/support/split.h"
#include "wire/frame_line.h"

/* Small, so that short inputs reach both sides of it. */
#define LIMIT 16u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_line f;
    struct split_framing framing = split_line(&f);
    struct span stream = {(const char *)data, size};

    frame_line_init(&f, FRAME_LINE_LF, LIMIT);
    split_check_equal(&framing, stream);
    frame_line_init(&f, FRAME_LINE_LF_OR_NUL, LIMIT);
    split_check_equal(&framing, stream);
    frame_line_done(&f);
    return 0;
}
