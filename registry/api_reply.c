/* SPDX-License-Identifier: Apache-2.0
 *
 * api_reply: jansson values as bodies. */
#include "registry/api_reply.h"

#include "base/log.h"

#include <stdlib.h>

#define STATUS_INTERNAL_ERROR 500u

static void no_memory(struct http_reply *reply)
{
    LOG(LOG_ERROR, "api_reply", "event=no_memory action=answer_500");
    reply->status = STATUS_INTERNAL_ERROR;
    reply->fixed = SPAN_LIT("{\"error_code\":50001,\"message\":\"out of memory\"}");
}

static int append(const char *bytes, size_t count, void *arg)
{
    return buf_append(arg, span_of(bytes, count)) == ERR_OK ? 0 : -1;
}

void api_reply_json(struct http_reply *reply, json_t *value)
{
    http_reply_header(reply, "Content-Type", API_REPLY_MEDIA_TYPE);
    if (value == NULL ||
        json_dump_callback(value, append, &reply->body, JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        buf_done(&reply->body);
        no_memory(reply);
    }
    json_decref(value);
}

void api_reply_fault(struct http_reply *reply, const struct api_fault *fault)
{
    reply->status = api_fault_status(fault->code);
    api_reply_json(
        reply, json_pack("{s:i,s:s}", "error_code", (int)fault->code, "message", fault->message));
}

void api_reply_bytes(struct http_reply *reply, const char *type, struct span bytes)
{
    http_reply_header(reply, "Content-Type", type);
    if (buf_append(&reply->body, bytes) != ERR_OK) {
        no_memory(reply);
    }
}
