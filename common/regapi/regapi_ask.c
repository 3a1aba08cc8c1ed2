/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_ask: URLs are made here only. A subject may hold any character, so all but the unreserved
 * ones are escaped (RFC 3986 section 2). */
#include "regapi/regapi_ask.h"

#include "base/clock.h"
#include "regapi/regapi_answer.h"

#define MEDIA_TYPE "application/vnd.schemaregistry.v1+json, application/json"

/* What a registry answers where there is no such thing: 404 and one of these. */
#define CODE_FIRST 40401u
#define CODE_LAST  40499u

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

err_t regapi_ask_add_subject(struct regapi_ask *ask, const char *subject)
{
    for (const char *c = subject; *c != '\0'; c++) {
        if (is_unreserved(*c)) {
            TRY(buf_append(&ask->path, span_of(c, 1)));
        } else {
            TRY(buf_printf(&ask->path, "%%%02X", (unsigned char)*c));
        }
    }
    return ERR_OK;
}

/* The registry's URL without the slashes at its end. */
static struct span base_of(const struct regapi *r)
{
    struct span url = span_of_str(r->url);

    while (url.len > 0 && url.at[url.len - 1] == '/') {
        url.len--;
    }
    return url;
}

/* The length of the name and password in front of a URL's host, "@" included. */
static size_t credentials_in(struct span rest)
{
    size_t host_end = span_find(rest, '/');
    size_t len = 0;

    for (size_t i = 0; i < host_end; i++) {
        len = rest.at[i] == '@' ? i + 1 : len;
    }
    return len;
}

/* Puts "URL: what" into `why`, without what nobody shall read in a log. */
static void blame(const struct regapi *r, const struct regapi_ask *ask, const char *what,
                  struct schema_why *why)
{
    struct span base = base_of(r);
    size_t scheme = span_find(base, ':') + 3; /* "://" */
    struct span rest = scheme <= base.len ? span_skip(base, scheme) : base;

    rest = span_skip(rest, credentials_in(rest));
    schema_why_set(why, "%.*s%.*s%.*s: %s", scheme <= base.len ? (int)scheme : 0, base.at,
                   (int)rest.len, rest.at, (int)ask->path.len,
                   ask->path.at == NULL ? "" : ask->path.at, what);
}

static err_t judge_status(struct regapi_ask *ask)
{
    unsigned status = ask->answer.status;
    struct schema_why message = {0};

    if (status == 200) {
        return ERR_OK;
    }
    unsigned code = regapi_answer_read_error(buf_span(&ask->answer.body), &message);
    schema_why_set(&ask->why, "status %u%s%s", status, message.text[0] == '\0' ? "" : ": ",
                   message.text);
    if (status == 404 && code >= CODE_FIRST && code <= CODE_LAST) {
        return ERR_UNKNOWN;
    }
    return status >= 500 || status == 429 ? ERR_IO : ERR_SYNTAX;
}

err_t regapi_ask_send(const struct regapi *r, struct regapi_ask *ask)
{
    struct span base = base_of(r);
    struct buf url = {0};

    if (r->until_mono_ns != 0 && clock_mono_ns() >= r->until_mono_ns) {
        schema_why_set(&ask->why, "the time for all questions is over");
        return ERR_AGAIN;
    }
    TRY(buf_printf(&url, "%.*s%.*s", (int)base.len, base.at, (int)ask->path.len, ask->path.at));
    err_t err = http_client_get(r->http, url.at, MEDIA_TYPE, &ask->answer);
    buf_done(&url);
    if (err != ERR_OK) {
        schema_why_set(&ask->why, "%s", ask->answer.why);
        return err;
    }
    return judge_status(ask);
}

err_t regapi_ask_end(const struct regapi *r, struct regapi_ask *ask, err_t err,
                     struct schema_why *ret_why)
{
    if (err != ERR_OK) {
        blame(r, ask, ask->why.text[0] == '\0' ? err_name(err) : ask->why.text, ret_why);
    }
    buf_done(&ask->path);
    http_client_answer_done(&ask->answer);
    return err;
}
