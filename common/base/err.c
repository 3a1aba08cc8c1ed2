/* SPDX-License-Identifier: Apache-2.0
 *
 * err: names of errors. */
#include "base/err.h"

const char *err_name(err_t err)
{
    switch (err) {
    case ERR_OK:
        return "ok";
    case ERR_AGAIN:
        return "again";
    case ERR_EOF:
        return "eof";
    case ERR_LIMIT:
        return "limit";
    case ERR_SYNTAX:
        return "syntax";
    case ERR_UNKNOWN:
        return "unknown";
    case ERR_EXISTS:
        return "exists";
    case ERR_NOMEM:
        return "nomem";
    case ERR_IO:
        return "io";
    }
    return "invalid";
}
