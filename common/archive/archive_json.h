/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_json: any bytes as a JSON string (RFC 8259 section 7), for the manifest and for salvaged
 * lines. Pure. */
#pragma once

#include "base/span.h"

/* What archive_json_string() writes at most for `bytes` bytes. */
#define ARCHIVE_JSON_STRING_MAX(bytes) (6 * (bytes) + 2)

/* Writes `bytes` in double quotes, escaped; what is no UTF-8 (RFC 3629) becomes U+FFFD, byte by
 * byte; control characters (C0, DEL, C1) and U+2028, U+2029 are escaped. The result is always valid
 * UTF-8 on one line. Returns its length; no NUL is written. */
size_t archive_json_string(struct span bytes, char *out);
