/* SPDX-License-Identifier: Apache-2.0
 *
 * span: borrowed bytes. A span owns nothing; the contract of whoever returns one says how long it
 * lives. `at` may be NULL, which means "absent", only when `len` is 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at;
    size_t len;
};

/* A span of a string literal, without its terminating NUL. */
#define SPAN_LIT(literal) ((struct span){(literal), sizeof(literal) - 1})

static inline struct span span_of(const char *at, size_t len)
{
    return (struct span){at, len};
}

/* A span of a NUL-terminated string; absent for NULL. */
static inline struct span span_of_str(const char *str)
{
    return str == NULL ? (struct span){NULL, 0} : (struct span){str, strlen(str)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_starts_with(struct span s, struct span head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

/* The span without its first `n` bytes; `n` may be at most `s.len`. */
static inline struct span span_skip(struct span s, size_t n)
{
    return (struct span){s.at + n, s.len - n};
}

/* The first `n` bytes, or all if there are fewer. */
static inline struct span span_head(struct span s, size_t n)
{
    return (struct span){s.at, n < s.len ? n : s.len};
}

/* The offset of the first `c`, or `s.len` if there is none. */
static inline size_t span_find(struct span s, char c)
{
    const char *hit = s.len == 0 ? NULL : memchr(s.at, c, s.len);

    return hit == NULL ? s.len : (size_t)(hit - s.at);
}
