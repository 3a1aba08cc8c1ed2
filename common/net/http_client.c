/* SPDX-License-Identifier: Apache-2.0
 *
 * http_client: one transfer at a time in a multi handle, because that is what another thread can
 * wake; an easy handle alone notices only about once a second that it shall end. Each request is a
 * connection of its own: a registry is asked seldom, and a connection that died quietly would cost
 * more than a handshake. */
#include "net/http_client.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD_BYTES_MAX (64u * 1024u) /* status line and headers, interim answers included */
#define POLL_MS        1000
#define BODY_FIRST     4096u

_Static_assert(HTTP_CLIENT_WHY_BYTES >= CURL_ERROR_SIZE, "libcurl writes its text into ours");

struct http_client {
    CURLM *multi;
    CURL *easy;
    struct http_client_config config;
    char *ca_file;

    /* the request under way */
    struct buf *body;
    size_t head_bytes;
    err_t refused; /* why we broke it off ourselves */

    /* atomic */
    _Atomic bool stopped;
};

err_t http_client_new(const struct http_client_config *config, struct http_client **ret)
{
    struct http_client *c = calloc(1, sizeof(*c));

    ENSURE(c != NULL, ERR_NOMEM);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(c);
        return ERR_NOMEM;
    }
    c->config = *config;
    c->ca_file = strdup(config->ca_file);
    c->multi = curl_multi_init();
    c->easy = curl_easy_init();
    if (c->ca_file == NULL || c->multi == NULL || c->easy == NULL) {
        http_client_free(c);
        return ERR_NOMEM;
    }
    *ret = c;
    return ERR_OK;
}

void http_client_free(struct http_client *c)
{
    if (c == NULL) {
        return;
    }
    curl_easy_cleanup(c->easy);
    curl_multi_cleanup(c->multi);
    curl_global_cleanup();
    free(c->ca_file);
    free(c);
}

void http_client_stop(struct http_client *c)
{
    atomic_store(&c->stopped, true);
    IGNORE(curl_multi_wakeup(c->multi) != CURLM_OK, "then it ends when its poll does");
}

/* libcurl takes another count than `bytes` as an order to break off. */
static size_t break_off(struct http_client *c, err_t err, size_t bytes)
{
    c->refused = err;
    return bytes == 0 ? 1 : 0;
}

static size_t take_body(char *at, size_t size, size_t count, void *arg)
{
    struct http_client *c = arg;
    size_t bytes = size * count;

    if (bytes > c->config.body_bytes_max - c->body->len) {
        return break_off(c, ERR_LIMIT, bytes);
    }
    err_t err = buf_append(c->body, span_of(at, bytes));
    return err == ERR_OK ? bytes : break_off(c, err, bytes);
}

static size_t take_head(char *at, size_t size, size_t count, void *arg)
{
    struct http_client *c = arg;
    size_t bytes = size * count;

    (void)at;
    c->head_bytes += bytes;
    return c->head_bytes > HEAD_BYTES_MAX ? break_off(c, ERR_LIMIT, bytes) : bytes;
}

/* What setting an option can fail of. */
static err_t set(CURLcode code)
{
    return code == CURLE_OK ? ERR_OK : ERR_NOMEM;
}

/* Whom it talks to: nobody but the host of the URL, as the environment cannot change. */
MUST_CHECK static err_t set_whom(struct http_client *c, const char *url)
{
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_URL, url)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https")));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_PROXY, "")));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "*")));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED)));
    if (c->ca_file[0] != '\0') {
        TRY(set(curl_easy_setopt(c->easy, CURLOPT_CAINFO, c->ca_file)));
    }
    return ERR_OK;
}

MUST_CHECK static err_t set_bounds(struct http_client *c)
{
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)c->config.timeout_ms)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)c->config.timeout_ms)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_MAXFILESIZE_LARGE,
                             (curl_off_t)c->config.body_bytes_max)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_HTTP09_ALLOWED, 0L)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_FORBID_REUSE, 1L)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, 1L)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L)));
    /* A name server that hangs is not waited for. */
    return set(curl_easy_setopt(c->easy, CURLOPT_QUICK_EXIT, 1L));
}

MUST_CHECK static err_t set_receivers(struct http_client *c, char *why)
{
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, why)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "cordwood")));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, take_body)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c)));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, take_head)));
    return set(curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c));
}

/* All codes but these are failures of the connection. */
static err_t err_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        err_t err;
    } known[] = {
        {CURLE_OK, ERR_OK},
        {CURLE_OPERATION_TIMEDOUT, ERR_AGAIN},
        {CURLE_URL_MALFORMAT, ERR_SYNTAX},
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_SYNTAX},
        {CURLE_WEIRD_SERVER_REPLY, ERR_SYNTAX},
        {CURLE_BAD_CONTENT_ENCODING, ERR_SYNTAX},
        {CURLE_FILESIZE_EXCEEDED, ERR_LIMIT},
        {CURLE_OUT_OF_MEMORY, ERR_NOMEM},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].code == code) {
            return known[i].err;
        }
    }
    return ERR_IO;
}

/* Drives the transfer to its end. */
static err_t run(struct http_client *c, char *why)
{
    int running = 1;

    while (running > 0) {
        if (atomic_load(&c->stopped)) {
            snprintf(why, HTTP_CLIENT_WHY_BYTES, "stopped");
            return ERR_IO;
        }
        if (curl_multi_perform(c->multi, &running) != CURLM_OK) {
            return ERR_NOMEM;
        }
        if (running > 0 && curl_multi_poll(c->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK) {
            return ERR_NOMEM;
        }
    }
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(c->multi, &left);
    assert(message != NULL && message->msg == CURLMSG_DONE);
    CURLcode code = message->data.result;
    if (code != CURLE_OK && why[0] == '\0') {
        snprintf(why, HTTP_CLIENT_WHY_BYTES, "%s", curl_easy_strerror(code));
    }
    return err_of(code);
}

static err_t transfer(struct http_client *c, char *why)
{
    if (curl_multi_add_handle(c->multi, c->easy) != CURLM_OK) {
        return ERR_NOMEM;
    }
    err_t err = run(c, why);
    IGNORE(curl_multi_remove_handle(c->multi, c->easy) != CURLM_OK, "it was added above");
    if (c->refused != ERR_OK) {
        err = c->refused;
        snprintf(why, HTTP_CLIENT_WHY_BYTES, "%s",
                 err == ERR_LIMIT ? "the answer is too long" : "out of memory");
    }
    return err;
}

static err_t prepare_and_transfer(struct http_client *c, const char *url,
                                  struct curl_slist *headers, char *why)
{
    curl_easy_reset(c->easy);
    TRY(set_whom(c, url));
    TRY(set_bounds(c));
    TRY(set_receivers(c, why));
    TRY(set(curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers)));
    return transfer(c, why);
}

void http_client_answer_done(struct http_client_answer *a)
{
    buf_done(&a->body);
    *a = (struct http_client_answer){0};
}

err_t http_client_get(struct http_client *c, const char *url, const char *accept,
                      struct http_client_answer *ret)
{
    struct buf header = {0};
    long status = 0;

    ret->status = 0;
    ret->body.len = 0;
    ret->why[0] = '\0';
    c->body = &ret->body;
    c->head_bytes = 0;
    c->refused = ERR_OK;
    TRY(buf_reserve(&ret->body, BODY_FIRST));
    TRY(buf_printf(&header, "Accept: %s", accept));
    struct curl_slist *headers = curl_slist_append(NULL, header.at);
    buf_done(&header);
    ENSURE(headers != NULL, ERR_NOMEM);
    err_t err = prepare_and_transfer(c, url, headers, ret->why);
    IGNORE(set(curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, NULL)) != ERR_OK, "cannot fail");
    curl_slist_free_all(headers);
    if (err == ERR_OK) {
        IGNORE(curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK,
               "a transfer that succeeded has a status");
        ret->status = (unsigned)status;
    }
    return err;
}
