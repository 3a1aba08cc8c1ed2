/* SPDX-License-Identifier: Apache-2.0
 *
 * base64: bytes as text and back. Source: RFC 4648, sections 4 and 5. Pure functions. */
#pragma once

#include "base/buf.h"

/* Characters that so many bytes become, padding included. */
#define BASE64_BYTES(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_BYTES(bytes.len) characters at `out`; returns the one behind. */
char *base64_encode(char *out, struct span bytes);

enum base64_form {
    BASE64_STRICT, /* section 4, padded */
    BASE64_LENIENT /* section 5's alphabet, too, and padding may be missing */
};

/* Appends the bytes to `out`. ERR_SYNTAX: it is no base64 of this form, or its last character says
 * more than its last byte holds (section 3.5); ERR_NOMEM. Then `out` is as it was. */
MUST_CHECK err_t base64_decode(struct span text, enum base64_form form, struct buf *out);
