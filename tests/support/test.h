/* SPDX-License-Identifier: Apache-2.0
 *
 * test: what unit tests share: cmocka with the headers it wants before it, and small helpers. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define TEST_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A call that must succeed. */
#define assert_ok(expr) assert_string_equal(err_name(expr), "ok")

/* A call that must fail with exactly this error. */
#define assert_err(expr, err) assert_string_equal(err_name(expr), err_name(err))

/* Fails unless the span holds exactly these characters. */
void test_assert_span(struct span got, const char *want);
