/* SPDX-License-Identifier: Apache-2.0
 *
 * api: the table of routes and what surrounds each call. */
#include "registry/api.h"

#include "base/clock.h"
#include "registry/api_confluent.h"
#include "registry/api_go.h"
#include "registry/api_schema.h"
#include "registry/api_settings.h"
#include "registry/page.h"

#include <stddef.h>

enum kind { READS, WRITES };

struct route {
    const char *method;
    const char *path; /* _ is any part */
    enum kind kind;
    err_t (*handle)(struct api_call *c);
};

static err_t handle_root(struct api_call *c);
static err_t handle_healthz(struct api_call *c);
static err_t handle_metrics(struct api_call *c);

static const struct route routes[] = {
    {"GET", "/", READS, handle_root},
    {"GET", "/page.css", READS, page_style},
    {"GET", "/healthz", READS, handle_healthz},
    {"GET", "/metrics", READS, handle_metrics},

    {"POST", "/schema/register", WRITES, api_go_register},
    {"GET", "/schema/get", READS, api_go_get},
    {"GET", "/schema/list", READS, api_go_list},
    {"GET", "/schema/descriptor", READS, api_go_descriptor},
    {"POST", "/schema/validate", READS, api_go_validate},

    {"GET", "/subjects", READS, api_confluent_subjects},
    {"POST", "/subjects/_", READS, api_confluent_lookup},
    {"DELETE", "/subjects/_", WRITES, api_confluent_delete_subject},
    {"GET", "/subjects/_/versions", READS, api_confluent_versions},
    {"POST", "/subjects/_/versions", WRITES, api_confluent_register},
    {"GET", "/subjects/_/versions/_", READS, api_confluent_version},
    {"DELETE", "/subjects/_/versions/_", WRITES, api_confluent_delete_version},
    {"GET", "/subjects/_/versions/_/schema", READS, api_confluent_version_schema},
    {"GET", "/subjects/_/versions/_/referencedby", READS, api_confluent_referenced_by},

    {"GET", "/schemas/types", READS, api_schema_types},
    {"GET", "/schemas/ids/_", READS, api_schema_by_id},
    {"GET", "/schemas/ids/_/schema", READS, api_schema_text_by_id},
    {"GET", "/schemas/ids/_/subjects", READS, api_schema_subjects_by_id},
    {"GET", "/schemas/ids/_/versions", READS, api_schema_versions_by_id},

    {"POST", "/compatibility/subjects/_/versions", READS, api_confluent_compatible},
    {"POST", "/compatibility/subjects/_/versions/_", READS, api_confluent_compatible},

    {"GET", "/config", READS, api_settings_level},
    {"PUT", "/config", WRITES, api_settings_put_level},
    {"DELETE", "/config", WRITES, api_settings_delete_level},
    {"GET", "/config/_", READS, api_settings_level},
    {"PUT", "/config/_", WRITES, api_settings_put_level},
    {"DELETE", "/config/_", WRITES, api_settings_delete_level},

    {"GET", "/mode", READS, api_settings_mode},
    {"PUT", "/mode", WRITES, api_settings_put_mode},
    {"DELETE", "/mode", WRITES, api_settings_delete_mode},
    {"GET", "/mode/_", READS, api_settings_mode},
    {"PUT", "/mode/_", WRITES, api_settings_put_mode},
    {"DELETE", "/mode/_", WRITES, api_settings_delete_mode},
};

/* ---- answers that belong to no API ---- */

static err_t handle_root(struct api_call *c)
{
    const char *accept =
        c->http->connection == NULL ? NULL : http_request_header(c->http, "Accept");

    http_reply_header(c->reply, "Vary", "Accept");
    if (page_is_wanted(accept)) {
        return page_answer(c);
    }
    api_reply_json(c->reply, json_object());
    return ERR_OK;
}

static err_t handle_healthz(struct api_call *c)
{
    uint32_t id_max = 0;

    TRY(api_fault_store(&c->fault, store_id_max(c->rules->store, &id_max), c->rules->store));
    http_reply_text(c->reply, 200, "ok");
    return ERR_OK;
}

static err_t handle_metrics(struct api_call *c)
{
    struct api *a = (struct api *)((char *)c->rules - offsetof(struct api, rules));
    struct store_counts counts = {0};

    TRY(api_fault_store(&c->fault, store_count(c->rules->store, &counts), c->rules->store));
    TRY(api_fault_store(&c->fault, registry_metrics_render(&a->metrics, &counts, &c->reply->body),
                        NULL));
    http_reply_header(c->reply, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return ERR_OK;
}

/* ---- routing ---- */

/* A path that is written out comes before one with _ because "types" is no id: the table has none
 * where both match. */
static err_t find_route(struct api_call *c, const struct route **ret)
{
    const char *method = strcmp(c->http->method, "HEAD") == 0 ? "GET" : c->http->method;
    bool path_known = false;

    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!api_call_matches(c, routes[i].path)) {
            continue;
        }
        if (strcmp(routes[i].method, method) == 0) {
            *ret = &routes[i];
            return ERR_OK;
        }
        path_known = true;
    }
    return path_known ? api_fault_set(&c->fault, API_BAD_METHOD, "HTTP 405 Method Not Allowed")
                      : api_fault_set(&c->fault, API_NOT_FOUND, "HTTP 404 Not Found");
}

static void read_proof(struct api_call *c)
{
    if (c->http->connection != NULL) {
        c->proof.authorization = http_request_header(c->http, "Authorization");
        c->proof.host = http_request_header(c->http, "Host");
        c->proof.origin = http_request_header(c->http, "Origin");
    }
}

static err_t answer(struct api_call *c)
{
    const struct route *route = NULL;

    read_proof(c);
    TRY(api_access_read(c->access, &c->proof, &c->fault));
    if (api_call_split(c, c->http->path) != ERR_OK) {
        return api_fault_set(&c->fault, API_NOT_FOUND, "HTTP 404 Not Found");
    }
    TRY(find_route(c, &route));
    if (route->kind == WRITES) {
        TRY(api_access_check(c->access, &c->proof, &c->fault));
    }
    return route->handle(c);
}

void api_handle(void *arg, const struct http_request *request, struct http_reply *reply)
{
    struct api *a = arg;
    uint64_t start_ns = clock_mono_ns();
    struct api_call c = {.rules = &a->rules, .http = request, .reply = reply, .access = &a->access};

    http_reply_header(reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(reply, "Cache-Control", "no-store");
    if (answer(&c) != ERR_OK) {
        if (c.part_count > 0 && strcmp(c.parts[0], "schema") == 0) {
            api_go_refuse(reply, &c.fault);
        } else {
            api_reply_fault(reply, &c.fault);
        }
    }
    registry_metrics_add(&a->metrics, reply->status, clock_mono_ns() - start_ns);
}
