/* SPDX-License-Identifier: Apache-2.0
 *
 * api_call: paths, queries and bodies of requests. */
#include "registry/api_call.h"

#include <strings.h>

/* Takes the text up to the next slash. */
static err_t take_part(struct api_call *c, struct span part)
{
    ENSURE(c->part_count < API_CALL_PARTS_MAX && part.len > 0, ERR_UNKNOWN);
    char *out = c->parts[c->part_count];
    ENSURE(http_request_unescape(part, out, STORE_SUBJECT_BYTES) == ERR_OK, ERR_UNKNOWN);
    json_t *text = json_string(out); /* NULL: no UTF-8 */
    ENSURE(text != NULL, ERR_UNKNOWN);
    json_decref(text);
    c->part_count++;
    return ERR_OK;
}

err_t api_call_split(struct api_call *c, const char *path)
{
    struct span left = span_of_str(path);

    c->part_count = 0;
    ENSURE(left.len > 0 && left.at[0] == '/', ERR_UNKNOWN);
    left = span_skip(left, 1);
    while (left.len > 0) {
        struct span part = span_head(left, span_find(left, '/'));
        TRY(take_part(c, part));
        left = span_skip(left, part.len < left.len ? part.len + 1 : part.len);
    }
    return ERR_OK;
}

bool api_call_matches(const struct api_call *c, const char *pattern)
{
    struct span left = span_skip(span_of_str(pattern), 1);
    uint32_t i = 0;

    for (; left.len > 0; i++) {
        struct span part = span_head(left, span_find(left, '/'));
        if (i == c->part_count ||
            (!span_equal(part, SPAN_LIT("_")) && !span_equal(part, span_of_str(c->parts[i])))) {
            return false;
        }
        left = span_skip(left, part.len < left.len ? part.len + 1 : part.len);
    }
    return i == c->part_count;
}

bool api_call_query(const struct api_call *c, const char *name, char *ret, size_t cap)
{
    return c->http->connection != NULL && http_request_query(c->http, name, ret, cap) == ERR_OK;
}

bool api_call_flag(const struct api_call *c, const char *name)
{
    char value[8];

    return api_call_query(c, name, value, sizeof(value)) && strcasecmp(value, "true") == 0;
}

enum store_filter api_call_filter(const struct api_call *c)
{
    if (api_call_flag(c, "deletedOnly")) {
        return STORE_DELETED;
    }
    return api_call_flag(c, "deleted") ? STORE_ALL : STORE_LIVE;
}

err_t api_call_body(struct api_call *c, json_t **ret)
{
    json_error_t error;
    struct span body = c->http->body;
    json_t *value = json_loadb(body.len == 0 ? "" : body.at, body.len, 0, &error);

    if (value == NULL) {
        return api_fault_set(&c->fault, API_BAD_REQUEST, "the body is no JSON: line %d column %d",
                             error.line, error.column);
    }
    if (!json_is_object(value)) {
        json_decref(value);
        return api_fault_set(&c->fault, API_BAD_REQUEST, "the body is no JSON object");
    }
    *ret = value;
    return ERR_OK;
}
