/* SPDX-License-Identifier: Apache-2.0
 *
 * api_call: one request on its way through a handler: its path in parts, its query, its body. */
#pragma once

#include "net/http_request.h"
#include "registry/api_access.h"
#include "registry/api_reply.h"
#include "registry/registry_rules.h"

#define API_CALL_PARTS_MAX 6u

struct api_call {
    struct registry_rules *rules;
    const struct http_request *http; /* `connection` NULL: no headers and no query */
    struct http_reply *reply;
    const struct api_access *access;
    struct api_access_proof proof;
    struct api_fault fault;
    uint32_t part_count;
    char parts[API_CALL_PARTS_MAX][STORE_SUBJECT_BYTES]; /* unescaped */
};

/* Splits the path, then unescapes the parts; one trailing slash is dropped. ERR_UNKNOWN: no path of
 * ours (too many or too long parts, an empty one, a bad escape, no UTF-8). */
MUST_CHECK err_t api_call_split(struct api_call *c, const char *path);

/* Whether the parts are those of "/subjects/_/versions", where _ is any one. */
bool api_call_matches(const struct api_call *c, const char *pattern);

/* A query parameter; false: there is none (or it is too long or wrongly escaped). */
bool api_call_query(const struct api_call *c, const char *name, char *ret, size_t cap);

/* Whether it is "true", in any case. */
bool api_call_flag(const struct api_call *c, const char *name);

/* By the parameters `deleted` and `deletedOnly`. */
enum store_filter api_call_filter(const struct api_call *c);

/* The body, a JSON object to be released. Fault API_BAD_REQUEST. */
MUST_CHECK err_t api_call_body(struct api_call *c, json_t **ret);
