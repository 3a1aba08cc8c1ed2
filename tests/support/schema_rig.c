/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_rig: routes behind a lock, and a cache. */
#include "tests/support/schema_rig.h"

#include "base/base64.h"
#include "base/clock.h"
#include "schema/schema_builtin.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PATIENCE_NS (20 * NS_PER_S)
#define REFRESH_NS  (20 * NS_PER_MS)
#define RECORD_MAX  65536u

void schema_rig_nap_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

/* ---- the registry ---- */

static struct schema_rig_route *find_route(struct schema_rig *r, const char *path)
{
    for (unsigned i = 0; i < r->route_count; i++) {
        if (strcmp(r->routes[i].path, path) == 0) {
            return &r->routes[i];
        }
    }
    return NULL;
}

static void send_huge(struct http_script *h, int fd)
{
    static char filler[65536];
    bool listens = http_script_send(fd, SPAN_LIT("HTTP/1.1 200 OK\r\n\r\n{\"schema\":\""));

    memset(filler, 'x', sizeof(filler));
    while (listens && !http_script_is_over(h)) {
        listens = http_script_send(fd, span_of(filler, sizeof(filler)));
    }
}

static void answer_route(struct schema_rig *r, int fd, const char *path)
{
    struct buf body = {0};
    unsigned status = 404;

    pthread_mutex_lock(&r->lock);
    struct schema_rig_route *route = find_route(r, path);
    if (route != NULL) {
        route->asked++;
        status = route->status;
        assert_ok(buf_append(&body, buf_span(&route->body)));
    } else {
        assert_ok(buf_printf(&body, "{\"error_code\":40401,\"message\":\"not found\"}"));
    }
    pthread_mutex_unlock(&r->lock);
    http_script_answer(fd, status, buf_span(&body));
    buf_done(&body);
}

static void serve(void *arg, struct http_script *h, int fd, const char *path)
{
    struct schema_rig *r = arg;

    pthread_mutex_lock(&r->lock);
    enum schema_rig_mood mood = r->mood;
    r->asked++;
    pthread_mutex_unlock(&r->lock);
    switch (mood) {
    case MOOD_GOOD:
        answer_route(r, fd, path);
        break;
    case MOOD_SILENT:
        http_script_hang(h, fd);
        break;
    case MOOD_GARBAGE:
        http_script_answer(fd, 200, SPAN_LIT("<html>\x01\xff welcome"));
        break;
    case MOOD_HUGE:
        send_huge(h, fd);
        break;
    case MOOD_REDIRECT:
        http_script_send(fd, SPAN_LIT("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                                      "Content-Length: 0\r\n\r\n"));
        break;
    case MOOD_FAILING:
        http_script_answer(fd, 500, SPAN_LIT("{\"error_code\":50001,\"message\":\"store\"}"));
        break;
    }
}

void schema_rig_kill_registry(struct schema_rig *r)
{
    http_script_stop(r->server);
    r->server = NULL;
}

void schema_rig_revive_registry(struct schema_rig *r)
{
    r->server = http_script_start(r->port, serve, r);
    r->port = http_script_port(r->server);
}

void schema_rig_set_mood(struct schema_rig *r, enum schema_rig_mood mood)
{
    pthread_mutex_lock(&r->lock);
    r->mood = mood;
    pthread_mutex_unlock(&r->lock);
}

unsigned schema_rig_asked(struct schema_rig *r, const char *path)
{
    pthread_mutex_lock(&r->lock);
    const struct schema_rig_route *route = path == NULL ? NULL : find_route(r, path);
    unsigned asked = path == NULL ? r->asked : route == NULL ? 0 : route->asked;
    pthread_mutex_unlock(&r->lock);
    return asked;
}

void schema_rig_route(struct schema_rig *r, const char *path, unsigned status, const char *body)
{
    pthread_mutex_lock(&r->lock);
    struct schema_rig_route *route = find_route(r, path);
    if (route == NULL) {
        assert_true(r->route_count < SCHEMA_RIG_ROUTES);
        route = &r->routes[r->route_count++];
        snprintf(route->path, sizeof(route->path), "%s", path);
    }
    route->status = status;
    route->body.len = 0;
    assert_ok(buf_append(&route->body, span_of_str(body)));
    pthread_mutex_unlock(&r->lock);
}

static void put_json(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            assert_ok(buf_printf(out, "\\u%04x", c));
        } else {
            assert_ok(buf_append(out, span_of(text.at + i, 1)));
        }
    }
}

/* {"schema":…} with what may stand before it. */
static void route_schema(struct schema_rig *r, const char *path, const char *members,
                         const struct buf *schema)
{
    struct buf body = {0};

    assert_ok(buf_printf(&body, "{%s\"schema\":\"%.*s\"}", members, (int)schema->len, schema->at));
    schema_rig_route(r, path, 200, body.at);
    buf_done(&body);
}

static void register_serialized(struct schema_rig *r, const struct schema_rig_schema *schema)
{
    struct buf base64 = {0};
    char path[128];

    assert_ok(buf_reserve(&base64, BASE64_BYTES(schema->text.len)));
    base64.len = (size_t)(base64_encode(base64.at, schema->text) - base64.at);
    snprintf(path, sizeof(path), "/schemas/ids/%u?format=serialized", schema->id);
    route_schema(r, path, "", &base64);
    buf_done(&base64);
}

void schema_rig_register(struct schema_rig *r, const struct schema_rig_schema *schema)
{
    struct buf text = {0};
    char path[128];
    char members[256];

    if (schema->kind == SCHEMA_KIND_PROTOBUF) {
        register_serialized(r, schema);
        put_json(&text, SPAN_LIT("syntax = \"proto3\"; …"));
    } else {
        put_json(&text, schema->text);
    }
    snprintf(members, sizeof(members), "\"schemaType\":\"%s\",", schema_kind_type(schema->kind));
    snprintf(path, sizeof(path), "/schemas/ids/%u", schema->id);
    route_schema(r, path, members, &text);
    snprintf(path, sizeof(path), "/schemas/ids/%u/versions", schema->id);
    snprintf(members, sizeof(members), "[{\"subject\":\"%s\",\"version\":%u}]", schema->subject,
             schema->version);
    schema_rig_route(r, path, 200, members);
    snprintf(members, sizeof(members),
             "\"subject\":\"%s\",\"id\":%u,\"version\":%u,\"schemaType\":\"%s\",", schema->subject,
             schema->id, schema->version, schema_kind_type(schema->kind));
    snprintf(path, sizeof(path), "/subjects/%s/versions/%u", schema->subject, schema->version);
    route_schema(r, path, members, &text);
    snprintf(path, sizeof(path), "/subjects/%s/versions/latest", schema->subject);
    route_schema(r, path, members, &text);
    buf_done(&text);
}

struct schema_rig_schema schema_rig_builtin(enum schema_kind kind, uint32_t version, uint32_t id)
{
    static const char *const subjects[] = {
        [SCHEMA_KIND_JSON] = "LogEntry-json",
        [SCHEMA_KIND_AVRO] = "LogEntry-avro",
        [SCHEMA_KIND_PROTOBUF] = "LogEntry-proto",
    };
    struct span text = schema_builtin(kind);

    if (kind == SCHEMA_KIND_PROTOBUF) { /* the one file of the set, behind tag and length */
        size_t head = 1;
        while ((unsigned char)text.at[head] >= 0x80) {
            head++;
        }
        text = span_skip(text, head + 1);
    }
    return (struct schema_rig_schema){
        .subject = subjects[kind], .kind = kind, .version = version, .id = id, .text = text};
}

/* ---- the cache ---- */

static void wake(void *arg, unsigned shard)
{
    struct schema_rig *r = arg;

    atomic_fetch_add(&r->woken[shard], 1);
}

static err_t recent(void *arg, const struct schema_type *type, struct schema_cache_recent *ret)
{
    struct schema_rig *r = arg;

    pthread_mutex_lock(&r->lock);
    struct span record = r->recent[type->kind];
    pthread_mutex_unlock(&r->lock);
    atomic_fetch_add(&r->recent_asked, 1);
    TRY((err_t)atomic_load(&r->recent_err));
    for (unsigned i = 0; i < atomic_load(&r->recent_count) && record.len > 0; i++) {
        ret->of[ret->count].at = ret->bytes.len;
        ret->of[ret->count++].len = record.len;
        TRY(buf_append(&ret->bytes, record));
        TRY(buf_reserve(&ret->bytes, SPAN_SLACK_BYTES));
        memset(ret->bytes.at + ret->bytes.len, 0, SPAN_SLACK_BYTES);
        ret->bytes.len += SPAN_SLACK_BYTES;
    }
    return ERR_OK;
}

void schema_rig_set_recent(struct schema_rig *r, enum schema_kind kind, struct span record)
{
    pthread_mutex_lock(&r->lock);
    r->recent[kind] = record;
    pthread_mutex_unlock(&r->lock);
}

void schema_rig_open(struct schema_rig *r)
{
    *r = (struct schema_rig){0};
    pthread_mutex_init(&r->lock, NULL);
    schema_rig_revive_registry(r);
    temp_dir_make(r->dir);
    snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%u", r->port);
    r->config = (struct schema_cache_config){
        .registry = r->url,
        .type = "LogEntry",
        .state_dir = r->dir,
        .refresh_ns = REFRESH_NS,
        .shard_count = SCHEMA_RIG_SHARDS,
        .record_bytes_max = RECORD_MAX,
        .wake = wake,
        .recent = recent,
        .arg = r,
    };
}

void schema_rig_close(struct schema_rig *r)
{
    schema_rig_stop(r);
    schema_rig_kill_registry(r);
    for (unsigned i = 0; i < r->route_count; i++) {
        buf_done(&r->routes[i].body);
    }
    pthread_mutex_destroy(&r->lock);
    temp_dir_remove(r->dir);
}

void schema_rig_start(struct schema_rig *r)
{
    err_t err = schema_cache_start(&r->config, r->why, sizeof(r->why), &r->cache);

    assert_string_equal(r->why, "");
    assert_ok(err);
}

void schema_rig_stop(struct schema_rig *r)
{
    if (r->cache != NULL) {
        schema_cache_stop(r->cache);
    }
    schema_cache_free(r->cache);
    r->cache = NULL;
}

const struct schema_set *schema_rig_use(struct schema_rig *r)
{
    for (unsigned i = 1; i < SCHEMA_RIG_SHARDS; i++) {
        assert_non_null(schema_cache_use(r->cache, i));
    }
    return schema_cache_use(r->cache, 0);
}

static void check_patience(uint64_t start_ns)
{
    assert_true(clock_mono_ns() - start_ns < PATIENCE_NS);
    schema_rig_nap_ms(2);
}

void schema_rig_await_version(struct schema_rig *r, enum schema_kind kind, uint32_t version)
{
    uint64_t start = clock_mono_ns();

    for (;;) {
        const struct schema_type *type = schema_rig_use(r)->defaults[kind];
        if (type != NULL && type->version == version) {
            return;
        }
        check_patience(start);
    }
}

void schema_rig_await(_Atomic unsigned *at, unsigned least)
{
    uint64_t start = clock_mono_ns();

    while (atomic_load(at) < least) {
        check_patience(start);
    }
}

const struct schema_set_id *schema_rig_ask(struct schema_rig *r, unsigned shard, uint32_t id)
{
    unsigned before = atomic_load(&r->woken[shard]);

    schema_cache_ask(r->cache, shard, id);
    schema_rig_await(&r->woken[shard], before + 1);
    return schema_set_find(schema_rig_use(r), id, clock_mono_ns());
}

void schema_rig_await_rounds(struct schema_rig *r, unsigned rounds)
{
    static const char path[] = "/subjects/LogEntry-json/versions/latest";
    uint64_t start = clock_mono_ns();
    unsigned before = schema_rig_asked(r, path);

    while (schema_rig_asked(r, path) < before + rounds) {
        schema_rig_use(r);
        check_patience(start);
    }
}
