/* SPDX-License-Identifier: Apache-2.0
 *
 * json_put: writes JSON (RFC 8259) piece by piece into a buffer; commas are put where they belong.
 * A key is given inside objects and NULL inside arrays and for the outermost value. The first
 * failure to append stays in `err` and makes the rest a no-op. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct json_put {
    struct buf *out;
    err_t err;  /* ERR_OK or ERR_NOMEM */
    bool comma; /* something stands before, in the same object or array */
};

/* Keys are plain ASCII of ours, without anything to escape. */
void json_put_object(struct json_put *j, const char *key);
void json_put_object_end(struct json_put *j);
void json_put_array(struct json_put *j, const char *key);
void json_put_array_end(struct json_put *j);

void json_put_count(struct json_put *j, const char *key, uint64_t value);
/* With three digits behind the point. `value` is finite. */
void json_put_real(struct json_put *j, const char *key, double value);
void json_put_null(struct json_put *j, const char *key);
void json_put_bool(struct json_put *j, const char *key, bool value);
/* `text` is valid UTF-8. */
void json_put_text(struct json_put *j, const char *key, struct span text);
/* Any bytes; what is no UTF-8 becomes U+FFFD, byte by byte. */
void json_put_bytes(struct json_put *j, const char *key, struct span bytes);
/* Members of an object as they are: valid JSON on one line, without the braces. */
void json_put_members(struct json_put *j, struct span members);
/* RFC 3339 in UTC with milliseconds; 0 is null. */
void json_put_time(struct json_put *j, const char *key, uint64_t wall_ns);
