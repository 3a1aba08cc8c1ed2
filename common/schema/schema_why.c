/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_why: one text. */
#include "schema/schema_why.h"

#include "base/limits.h"
#include "wire/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void schema_why_set(struct schema_why *why, const char *format, ...)
{
    char text[SCHEMA_WHY_BYTES + SPAN_SLACK_BYTES];
    va_list args;

    if (why->text[0] != '\0') {
        return;
    }
    va_start(args, format);
    vsnprintf(text, SCHEMA_WHY_BYTES, format, args);
    va_end(args);
    size_t bytes = utf8_valid_prefix(span_of_str(text));
    memcpy(why->text, text, bytes);
    why->text[bytes] = '\0';
}
