/* SPDX-License-Identifier: Apache-2.0
 *
 * Any request, METHOD SP PATH LF BODY, to a registry in memory: it answers, and what is an error is
 * one of the API's, as JSON. Protobuf texts are left out: protoc would run for each. */
#include "registry/api.h"

#include "base/log.h"

#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#define REQUESTS_PER_STORE 2000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct api api = {.access = {.is_loopback = true}};

static void open_store(void)
{
    static unsigned requests;
    bool is_new = false;

    log_set_level(LOG_ERROR);
    if (api.rules.check.match_data == NULL) {
        assert(check_json_init(&api.rules.check) == ERR_OK);
    }
    if (requests++ % REQUESTS_PER_STORE == 0) {
        store_close(api.rules.store);
        assert(store_open(":memory:", &api.rules.store, &is_new) == ERR_OK && is_new);
    }
}

static void check_error(const struct http_reply *reply, const char *path)
{
    json_error_t error;

    if (reply->status < 400 || strncmp(path, "/schema", 7) == 0) {
        return;
    }
    json_t *body = json_loadb(reply->body.at, reply->body.len, 0, &error);
    json_int_t code = json_integer_value(json_object_get(body, "error_code"));
    assert(code > 0 && json_is_string(json_object_get(body, "message")));
    assert(api_fault_status((enum api_code)code) == reply->status);
    json_decref(body);
}

static void ask(char *text, size_t size)
{
    struct span all = {text, size};
    struct span line = span_head(all, span_find(all, '\n'));
    struct span method = span_head(line, span_find(line, ' '));
    struct http_reply reply = {.status = 200};

    if (line.len == size || method.len == line.len) {
        return;
    }
    text[line.len] = '\0';
    text[method.len] = '\0';
    struct http_request request = {
        .method = text, .path = text + method.len + 1, .body = span_skip(all, line.len + 1)};
    api_handle(&api, &request, &reply);
    check_error(&reply, request.path);
    buf_done(&reply.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    assert(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    open_store();
    if (memmem(text, size, "rot", 3) == NULL && memmem(text, size, "ROT", 3) == NULL &&
        memmem(text, size, "\\u", 2) == NULL) {
        ask(text, size);
    }
    free(text);
    return 0;
}
