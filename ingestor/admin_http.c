/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_http: routes, and what every answer says about security. Everything but start and stop runs
 * on the HTTP server's thread, so nothing here needs a lock. */
#include "ingestor/admin_http.h"

#include "base/clock.h"
#include "base/log.h"
#include "ingestor/admin_guard.h"
#include "ingestor/admin_media.h"
#include "ingestor/events.h"
#include "ingestor/metrics_json.h"
#include "ingestor/metrics_text.h"
#include "ingestor/refusal.h"
#include "ingestor/tail.h"
#include "ingestor/web_files.h"
#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>

#define ADMIN_TICK_MS 1000u

/* From three quarters on, newcomers take the places of others (net/http_server.h). */
_Static_assert(ADMIN_HTTP_CONNECTIONS_MAX / 4 * 3 > EVENTS_READERS_MAX + TAIL_READERS_MAX,
               "events leave room for scrapes");

#define STATUS_OK                 200u
#define STATUS_NOT_MODIFIED       304u
#define STATUS_BAD_REQUEST        400u
#define STATUS_UNAUTHORIZED       401u
#define STATUS_NOT_FOUND          404u
#define STATUS_METHOD_NOT_ALLOWED 405u
#define STATUS_MISDIRECTED        421u
#define STATUS_INTERNAL_ERROR     500u
#define STATUS_UNAVAILABLE        503u

static const char content_security_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct admin_http {
    struct server *server;
    struct http_server *http;
    struct admin_guard guard; /* fixed after start */

    /* HTTP thread only */
    struct events *events;
    struct history *history;
    bool history_is_new; /* since it was rendered */
    struct refusal_table refusals;
    struct metrics_view view; /* the latest */
    struct metrics_mark mark; /* of the last tick */
    struct metrics_rates rates;
    struct disk_trend disk;
    struct buf json; /* scratch */
};

/* ---- once a second ---- */

static void admin_tick(void *arg)
{
    struct admin_http *a = arg;

    refusal_report(&a->refusals, clock_mono_ns());
    metrics_read(a->server, &a->view);
    if (a->mark.mono_ns > 0) {
        metrics_rates_between(&a->mark, &a->view, &a->rates);
    }
    disk_trend_add(&a->disk, &a->view.archive, a->view.mono_ns);
    a->rates.disk = disk_trend_forecast(&a->disk, &a->view.archive, a->view.mono_ns);
    metrics_mark_set(&a->mark, &a->view);
    tail_tick(server_tail(a->server), metrics_law_total(&a->view.sum).archived);
    history_add(a->history, &a->view, &a->rates);
    a->history_is_new = true;

    a->json.len = 0;
    err_t err = metrics_json_render(&a->view, &a->rates, a->history, &a->json);
    if (err == ERR_OK) {
        err = events_publish(a->events, buf_span(&a->json));
    }
    if (err != ERR_OK) {
        LOG(LOG_WARN, "admin_http", "event=stats_failed err=%s action=skip_event", err_name(err));
    }
}

/* ---- pages ---- */

static void page_failed(struct http_reply *reply, err_t err)
{
    buf_done(&reply->body);
    LOG(LOG_WARN, "admin_http", "event=answer_failed err=%s action=status_500", err_name(err));
    http_reply_text(reply, STATUS_INTERNAL_ERROR, "no memory for this answer");
}

static void page_json(struct admin_http *a, const struct http_request *request,
                      struct http_reply *reply)
{
    (void)request;
    metrics_read(a->server, &a->view);
    err_t err = metrics_json_render(&a->view, &a->rates, a->history, &reply->body);
    if (err != ERR_OK) {
        page_failed(reply, err);
        return;
    }
    http_reply_header(reply, "Content-Type", "application/json");
}

static void page_metrics(struct admin_http *a, const struct http_request *request,
                         struct http_reply *reply)
{
    char format[16];
    enum admin_media media = admin_media_by_accept(http_request_header(request, "Accept"));

    if (http_request_query(request, "format", format, sizeof(format)) == ERR_OK) {
        media = admin_media_by_format(format, media);
    }
    http_reply_header(reply, "Vary", "Accept");
    if (media == ADMIN_MEDIA_JSON) {
        page_json(a, request, reply);
        return;
    }

    enum metrics_text_dialect dialect =
        media == ADMIN_MEDIA_OPENMETRICS ? METRICS_TEXT_OPENMETRICS : METRICS_TEXT_PROMETHEUS;
    metrics_read(a->server, &a->view);
    process_stats_read(&a->view.process);
    err_t err = metrics_text_render(&a->view, dialect, &reply->body);
    if (err != ERR_OK) {
        page_failed(reply, err);
        return;
    }
    http_reply_header(reply, "Content-Type", metrics_text_type(dialect));
}

/* Many pages that open in the same second share what they get. */
MUST_CHECK static err_t events_open(struct admin_http *a, struct http_reply_stream *ret)
{
    if (a->history_is_new) {
        a->json.len = 0;
        TRY(history_render(a->history, &a->json));
        TRY(events_set_history(a->events, buf_span(&a->json)));
        a->history_is_new = false;
    }
    return events_subscribe(a->events, ret);
}

static void page_events(struct admin_http *a, const struct http_request *request,
                        struct http_reply *reply)
{
    if (strcmp(request->method, "HEAD") != 0) {
        if (events_open(a, &reply->stream) != ERR_OK) {
            http_reply_header(reply, "Retry-After", "10");
            http_reply_text(reply, STATUS_UNAVAILABLE, "too many readers of /events; try again");
            return;
        }
    }
    http_reply_header(reply, "Content-Type", "text/event-stream");
    http_reply_header(reply, "X-Accel-Buffering", "no"); /* nginx would hold events back */
}

/* What the query asks for: ?level=warn&text=foo. */
MUST_CHECK static err_t tail_filter_of(const struct http_request *request, struct tail_filter *ret)
{
    char level[16] = "";
    err_t err = http_request_query(request, "level", level, sizeof(level));

    ENSURE(err == ERR_OK || err == ERR_UNKNOWN, err);
    TRY(tail_level(level, &ret->least));
    ret->text[0] = '\0';
    err = http_request_query(request, "text", ret->text, sizeof(ret->text));
    return err == ERR_UNKNOWN ? ERR_OK : err;
}

static void page_tail(struct admin_http *a, const struct http_request *request,
                      struct http_reply *reply)
{
    struct tail_filter filter;

    if (tail_filter_of(request, &filter) != ERR_OK) {
        http_reply_text(reply, STATUS_BAD_REQUEST,
                        "level is one of emerg alert crit err warning notice info debug trace; "
                        "text has at most 255 bytes");
        return;
    }
    if (strcmp(request->method, "HEAD") != 0 &&
        tail_subscribe(server_tail(a->server), &filter, &reply->stream) != ERR_OK) {
        http_reply_header(reply, "Retry-After", "10");
        http_reply_text(reply, STATUS_UNAVAILABLE, "too many readers of /tail; try again");
        return;
    }
    http_reply_header(reply, "Content-Type", "text/event-stream");
    http_reply_header(reply, "X-Accel-Buffering", "no");
}

static void page_settings(struct admin_http *a, const struct http_request *request,
                          struct http_reply *reply)
{
    (void)request;
    err_t err = server_read_settings(a->server, &reply->body);
    if (err != ERR_OK) {
        page_failed(reply, err);
        return;
    }
    http_reply_header(reply, "Content-Type", "application/json");
}

static void page_healthz(struct admin_http *a, const struct http_request *request,
                         struct http_reply *reply)
{
    (void)a;
    (void)request;
    http_reply_text(reply, STATUS_OK, "ok");
}

static void page_readyz(struct admin_http *a, const struct http_request *request,
                        struct http_reply *reply)
{
    enum metrics_state state = metrics_state_now(a->server);
    char text[512];

    (void)request;
    snprintf(text, sizeof(text), "%s: %s", metrics_state_name(state), metrics_state_text(state));
    http_reply_text(reply, state == METRICS_ARCHIVING ? STATUS_OK : STATUS_UNAVAILABLE, text);
}

static void page_version(struct admin_http *a, const struct http_request *request,
                         struct http_reply *reply)
{
    (void)a;
    (void)request;
    reply->fixed =
        SPAN_LIT("{\"name\":\"cordwood-ingestor\",\"version\":\"" CORDWOOD_VERSION "\"}\n");
    http_reply_header(reply, "Content-Type", "application/json");
}

/* ---- the dashboard's files ---- */

static const struct web_file *file_find(const char *path)
{
    const char *name = path;

    if (strcmp(path, "/") == 0) {
        name = "/index.html";
    } else if (strcmp(path, "/settings") == 0) {
        name = "/settings.html";
    }
    for (size_t i = 0; i < web_files_count; i++) {
        if (strcmp(name, web_files[i].path) == 0) {
            return &web_files[i];
        }
    }
    return NULL;
}

/* A browser keeps a file, but asks each time whether it is still the same. */
static void file_answer(const struct web_file *file, const struct http_request *request,
                        struct http_reply *reply)
{
    const char *known = http_request_header(request, "If-None-Match");

    http_reply_header(reply, "Cache-Control", "no-cache");
    http_reply_header(reply, "ETag", file->etag);
    if (known != NULL && strstr(known, file->etag) != NULL) {
        reply->status = STATUS_NOT_MODIFIED;
        return;
    }
    http_reply_header(reply, "Content-Type", file->content_type);
    reply->fixed = file->body;
}

/* ---- routing ---- */

enum page_access { PAGE_GUARDED, PAGE_OPEN };

static const struct page {
    const char *path;
    enum page_access access;
    void (*answer)(struct admin_http *a, const struct http_request *request,
                   struct http_reply *reply);
} pages[] = {
    {"/metrics", PAGE_GUARDED, page_metrics},   {"/metrics.json", PAGE_GUARDED, page_json},
    {"/metrics-json", PAGE_GUARDED, page_json}, {"/events", PAGE_GUARDED, page_events},
    {"/tail", PAGE_GUARDED, page_tail},         {"/settings.json", PAGE_GUARDED, page_settings},
    {"/healthz", PAGE_OPEN, page_healthz},      {"/readyz", PAGE_OPEN, page_readyz},
    {"/version", PAGE_GUARDED, page_version},
};

static const struct page *page_find(const char *path)
{
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strcmp(path, pages[i].path) == 0) {
            return &pages[i];
        }
    }
    return NULL;
}

static void refuse(struct admin_http *a, const struct http_request *request, const char *event,
                   const char *detail)
{
    struct addr peer;

    http_request_peer(request, &peer);
    refusal_log(&a->refusals, event, &peer, detail);
}

static void refuse_host(struct admin_http *a, const struct http_request *request,
                        struct http_reply *reply)
{
    char host[128];
    char detail[160];

    snprintf(detail, sizeof(detail), "status=421 host=%s",
             log_escape(span_of_str(http_request_header(request, "Host")), host, sizeof(host)));
    refuse(a, request, "http_host_refused", detail);
    http_reply_header(reply, "Cache-Control", "no-store");
    http_reply_text(reply, STATUS_MISDIRECTED,
                    "this host name is not known here: use localhost, the address this server is "
                    "bound to or the machine's name; for any other name set --http-token-file");
}

static void refuse_token(struct admin_http *a, const struct http_request *request,
                         struct http_reply *reply)
{
    refuse(a, request, "http_token_refused", "status=401");
    http_reply_header(reply, "Cache-Control", "no-store");
    http_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"cordwood\"");
    http_reply_text(reply, STATUS_UNAUTHORIZED,
                    "a token is needed: send \"Authorization: Bearer TOKEN\", or in a browser open "
                    "/?token=TOKEN");
}

/* True if the request may go on. A browser that showed the token in the address keeps a cookie, so
 * that the page's own requests, which do not repeat it, are let in too. */
static bool request_guard(struct admin_http *a, const struct http_request *request,
                          struct http_reply *reply)
{
    char token[BEARER_TOKEN_BYTES_MAX + 1];
    struct admin_guard_proof proof = {
        .authorization = http_request_header(request, "Authorization"),
        .cookies = http_request_header(request, "Cookie"),
    };

    if (!admin_guard_host_allowed(&a->guard, http_request_header(request, "Host"))) {
        refuse_host(a, request, reply);
        return false;
    }
    if (http_request_query(request, "token", token, sizeof(token)) == ERR_OK) {
        proof.query_token = token;
    }
    if (!admin_guard_token_shown(&a->guard, &proof)) {
        refuse_token(a, request, reply);
        return false;
    }
    if (a->guard.has_token && proof.query_token != NULL && strcmp(request->path, "/") == 0) {
        char cookie[HTTP_REPLY_HEADER_BYTES_MAX];
        snprintf(cookie, sizeof(cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict",
                 ADMIN_GUARD_COOKIE, a->guard.bearer.cookie);
        http_reply_header(reply, "Set-Cookie", cookie);
    }
    return true;
}

static bool method_allowed(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void admin_handle(void *arg, const struct http_request *request, struct http_reply *reply)
{
    struct admin_http *a = arg;
    const struct page *page = page_find(request->path);
    const struct web_file *file = file_find(request->path);

    http_reply_header(reply, "Content-Security-Policy", content_security_policy);
    http_reply_header(reply, "X-Content-Type-Options", "nosniff");
    http_reply_header(reply, "Referrer-Policy", "no-referrer");
    if ((page == NULL || page->access == PAGE_GUARDED) && !request_guard(a, request, reply)) {
        return;
    }
    if (!method_allowed(request->method)) {
        http_reply_header(reply, "Allow", "GET, HEAD");
        http_reply_header(reply, "Cache-Control", "no-store");
        http_reply_text(reply, STATUS_METHOD_NOT_ALLOWED, "only GET and HEAD are allowed");
        return;
    }
    if (file != NULL) {
        file_answer(file, request, reply);
        return;
    }
    http_reply_header(reply, "Cache-Control", "no-store");
    if (page == NULL) {
        http_reply_text(reply, STATUS_NOT_FOUND,
                        "not found; there are / /settings /events /tail /metrics /metrics.json "
                        "/settings.json /healthz /readyz /version");
        return;
    }
    page->answer(a, request, reply);
}

/* ---- start and stop ---- */

static err_t access_check(const struct admin_http_config *config)
{
    if (config->token != NULL || admin_guard_is_loopback(config->bind)) {
        return ERR_OK;
    }
    ENSURE(config->open, ERR_UNKNOWN);
    LOG(LOG_WARN, "admin_http",
        "event=http_open bind=%s note=\"everyone who reaches this address can read samples of the "
        "logs; --http-token-file would ask for a token\"",
        config->bind);
    return ERR_OK;
}

err_t admin_http_start(const struct admin_http_config *config, struct server *server,
                       struct admin_http **ret)
{
    struct admin_http *a = calloc(1, sizeof(*a));
    struct http_server_config http = {
        .bind = config->bind,
        .port = config->port,
        .socket = config->socket,
        .connections_max = ADMIN_HTTP_CONNECTIONS_MAX,
        .handle = admin_handle,
        .tick = admin_tick,
        .tick_ms = ADMIN_TICK_MS,
        .arg = a,
    };

    ENSURE(a != NULL, ERR_NOMEM);
    a->server = server;
    err_t err = admin_guard_init(&a->guard, config->bind, config->token);
    if (err == ERR_OK) {
        err = access_check(config);
    }
    if (err == ERR_OK) {
        err = events_new(&a->events);
    }
    if (err == ERR_OK) {
        err = history_new(&a->history);
    }
    if (err == ERR_OK) {
        err = http_server_start(&http, &a->http);
    }
    if (err != ERR_OK) {
        admin_http_stop(a);
        return err;
    }
    *ret = a;
    return ERR_OK;
}

uint64_t admin_http_beats(const struct admin_http *a)
{
    return http_server_beats(a->http);
}

uint16_t admin_http_port(const struct admin_http *a)
{
    return http_server_port(a->http);
}

void admin_http_stop(struct admin_http *a)
{
    if (a == NULL) {
        return;
    }
    http_server_stop(a->http);
    events_free(a->events);
    history_free(a->history);
    buf_done(&a->json);
    free(a);
}
