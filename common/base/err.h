/* SPDX-License-Identifier: Apache-2.0
 *
 * err: the one error type, the two macros with control flow, and nothing else.
 * ERR_AGAIN ("not yet": more input is needed, or the call would block) is no failure; it is never
 * logged and never counted as one. A peer's bad input is an error; our own bug is an assert. */
#pragma once

typedef enum {
    ERR_OK = 0,
    ERR_AGAIN,   /* not yet */
    ERR_EOF,     /* the other side ended in order */
    ERR_LIMIT,   /* a bound was exceeded */
    ERR_SYNTAX,  /* the input breaks its format */
    ERR_UNKNOWN, /* no such name, format, entry */
    ERR_EXISTS,  /* the name is taken */
    ERR_NOMEM,
    ERR_IO /* the operating system refused; errno says why */
} err_t;

#define MUST_CHECK __attribute__((warn_unused_result))

/* Returns the error of `expr` to the caller. */
#define TRY(expr)                 \
    do {                          \
        err_t try_err_ = (expr);  \
        if (try_err_ != ERR_OK) { \
            return try_err_;      \
        }                         \
    } while (0)

/* Returns `err` unless `cond` holds. */
#define ENSURE(cond, err) \
    do {                  \
        if (!(cond)) {    \
            return (err); \
        }                 \
    } while (0)

/* Drops a result on purpose; `why` is for the reader. (gcc ignores a cast to void.) */
#define IGNORE(call, why) \
    do {                  \
        if (call) {       \
        }                 \
    } while (0)

/* A name for logs: "ok", "again", "eof", …. Never NULL. */
const char *err_name(err_t err);
