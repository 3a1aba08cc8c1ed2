/* SPDX-License-Identifier: Apache-2.0
 *
 * api_reply: answers as the Confluent API writes them: compact JSON under its media type, errors as
 * {"error_code":N,"message":"…"}. */
#pragma once

#include "net/http_reply.h"
#include "registry/api_fault.h"

#include <jansson.h>

#define API_REPLY_MEDIA_TYPE "application/vnd.schemaregistry.v1+json"

/* Takes the value over, NULL too: then there was no memory for it. */
void api_reply_json(struct http_reply *reply, json_t *value);

void api_reply_fault(struct http_reply *reply, const struct api_fault *fault);

/* A copy of any bytes under a media type (static). */
void api_reply_bytes(struct http_reply *reply, const char *type, struct span bytes);
