/* SPDX-License-Identifier: Apache-2.0
 *
 * api: every path of the registry, on one port: which handler answers, who may ask, what is
 * counted. */
#pragma once

#include "net/http_reply.h"
#include "net/http_request.h"
#include "registry/api_access.h"
#include "registry/registry_metrics.h"
#include "registry/registry_rules.h"

struct api {
    struct registry_rules rules;
    struct api_access access;
    struct registry_metrics metrics;
};

/* Fills in the answer, always. `arg` is the struct api. */
void api_handle(void *arg, const struct http_request *request, struct http_reply *reply);
