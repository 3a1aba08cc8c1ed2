/* SPDX-License-Identifier: Apache-2.0
 *
 * fail_alloc: the linker's --wrap sends calls of malloc to __wrap_malloc, and gives the real one as
 * __real_malloc. */
#include "tests/support/fail_alloc.h"

#include "tests/support/test.h"

#include <errno.h>
#include <stdbool.h>

static _Thread_local bool armed;
static _Thread_local bool failed;
static _Thread_local size_t left;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *at, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *at, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);

static bool fails_now(void)
{
    if (!armed) {
        return false;
    }
    if (left > 0) {
        left--;
        return false;
    }
    failed = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t bytes)
{
    return fails_now() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails_now() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *at, size_t bytes)
{
    return fails_now() ? NULL : __real_realloc(at, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return fails_now() ? NULL : __real_aligned_alloc(alignment, bytes);
}

void fail_alloc_from(size_t n)
{
    armed = true;
    failed = false;
    left = n;
}

int fail_alloc_end(void)
{
    armed = false;
    return failed;
}

void fail_alloc_walk(err_t (*try)(void *arg), void *arg)
{
    for (size_t n = 0;; n++) {
        fail_alloc_from(n);
        err_t err = try(arg);
        if (!fail_alloc_end()) {
            assert_ok(err);
            assert_true(n > 0);
            return;
        }
        assert_err(err, ERR_NOMEM);
    }
}
