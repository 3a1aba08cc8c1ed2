/* SPDX-License-Identifier: Apache-2.0
 *
 * test: helpers of the unit tests. */
#include "tests/support/test.h"

void test_assert_span(struct span got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    if (got.len > 0) {
        assert_memory_equal(got.at, want, got.len);
    }
}
