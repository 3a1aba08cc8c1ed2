/* SPDX-License-Identifier: Apache-2.0
 *
 * json_put: appending. Strings are copied in runs between the characters that must be escaped. */
#include "ingestor/json_put.h"

#include "base/rfc3339.h"
#include "wire/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

static void append(struct json_put *j, struct span bytes)
{
    if (j->err == ERR_OK) {
        j->err = buf_append(j->out, bytes);
    }
}

static void name(struct json_put *j, const char *key)
{
    if (j->comma) {
        append(j, SPAN_LIT(","));
    }
    j->comma = true;
    if (key != NULL) {
        append(j, SPAN_LIT("\""));
        append(j, span_of_str(key));
        append(j, SPAN_LIT("\":"));
    }
}

static void begin(struct json_put *j, const char *key, struct span bracket)
{
    name(j, key);
    append(j, bracket);
    j->comma = false;
}

static void end(struct json_put *j, struct span bracket)
{
    append(j, bracket);
    j->comma = true;
}

void json_put_object(struct json_put *j, const char *key)
{
    begin(j, key, SPAN_LIT("{"));
}

void json_put_object_end(struct json_put *j)
{
    end(j, SPAN_LIT("}"));
}

void json_put_array(struct json_put *j, const char *key)
{
    begin(j, key, SPAN_LIT("["));
}

void json_put_array_end(struct json_put *j)
{
    end(j, SPAN_LIT("]"));
}

void json_put_count(struct json_put *j, const char *key, uint64_t value)
{
    name(j, key);
    if (j->err == ERR_OK) {
        j->err = buf_printf(j->out, "%" PRIu64, value);
    }
}

void json_put_real(struct json_put *j, const char *key, double value)
{
    assert(isfinite(value)); /* JSON has no other numbers */
    name(j, key);
    if (j->err == ERR_OK) {
        j->err = buf_printf(j->out, "%.3f", value);
    }
}

void json_put_null(struct json_put *j, const char *key)
{
    name(j, key);
    append(j, SPAN_LIT("null"));
}

void json_put_bool(struct json_put *j, const char *key, bool value)
{
    name(j, key);
    append(j, value ? SPAN_LIT("true") : SPAN_LIT("false"));
}

static void put_escaped(struct json_put *j, struct span text)
{
    for (size_t i = 0; i < text.len;) {
        size_t from = i;
        while (i < text.len && (unsigned char)text.at[i] >= ' ' && text.at[i] != '"' &&
               text.at[i] != '\\') {
            i++;
        }
        append(j, span_of(text.at + from, i - from));
        if (i < text.len && j->err == ERR_OK) {
            j->err = buf_printf(j->out, "\\u%04x", (unsigned)(unsigned char)text.at[i]);
        }
        i++;
    }
}

void json_put_text(struct json_put *j, const char *key, struct span text)
{
    name(j, key);
    append(j, SPAN_LIT("\""));
    put_escaped(j, text);
    append(j, SPAN_LIT("\""));
}

void json_put_bytes(struct json_put *j, const char *key, struct span bytes)
{
    name(j, key);
    append(j, SPAN_LIT("\""));
    while (bytes.len > 0) {
        size_t valid = utf8_valid_prefix(bytes);
        put_escaped(j, span_head(bytes, valid));
        bytes = span_skip(bytes, valid);
        if (bytes.len > 0) {
            append(j, SPAN_LIT("\xef\xbf\xbd"));
            bytes = span_skip(bytes, 1);
        }
    }
    append(j, SPAN_LIT("\""));
}

void json_put_members(struct json_put *j, struct span members)
{
    if (members.len > 0) {
        append(j, j->comma ? SPAN_LIT(",") : SPAN_LIT(""));
        append(j, members);
        j->comma = true;
    }
}

void json_put_time(struct json_put *j, const char *key, uint64_t wall_ns)
{
    char text[RFC3339_BYTES_MAX];

    if (wall_ns == 0) {
        json_put_null(j, key);
        return;
    }
    json_put_text(j, key, span_of(text, rfc3339_format(wall_ns, 3, text)));
}
