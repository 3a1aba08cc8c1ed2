/* SPDX-License-Identifier: Apache-2.0
 *
 * page: HTML without scripts. */
#include "registry/page.h"

static const char policy[] = "default-src 'none'; style-src 'self'; base-uri 'none'; "
                             "form-action 'none'; frame-ancestors 'none'";

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#f4f4f4;color:#111;padding:1rem;overflow:auto;white-space:pre-wrap}"
    "td,th{text-align:left;padding:.2rem 1.5rem .2rem 0}\n";

bool page_is_wanted(const char *accept)
{
    return accept != NULL && strstr(accept, "text/html") != NULL;
}

err_t page_escape(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.at[i]) {
        case '&':
            TRY(buf_append(out, SPAN_LIT("&amp;")));
            break;
        case '<':
            TRY(buf_append(out, SPAN_LIT("&lt;")));
            break;
        case '>':
            TRY(buf_append(out, SPAN_LIT("&gt;")));
            break;
        case '"':
            TRY(buf_append(out, SPAN_LIT("&quot;")));
            break;
        case '\'':
            TRY(buf_append(out, SPAN_LIT("&#39;")));
            break;
        default:
            TRY(buf_append(out, span_of(text.at + i, 1)));
            break;
        }
    }
    return ERR_OK;
}

/* A name in a query: everything but letters and digits as %XX. */
static err_t put_query(const char *text, struct buf *out)
{
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || *text == '-' || *text == '_';
        TRY(plain ? buf_append(out, span_of(text, 1))
                  : buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text));
    }
    return ERR_OK;
}

static err_t put_subject(void *arg, const struct store_version *row)
{
    struct buf *out = arg;

    TRY(buf_append(out, SPAN_LIT("<li><a href=\"/?subject=")));
    TRY(put_query(row->subject, out));
    TRY(buf_append(out, SPAN_LIT("\">")));
    TRY(page_escape(span_of_str(row->subject), out));
    return buf_append(out, SPAN_LIT("</a></li>\n"));
}

static err_t put_version(void *arg, const struct store_version *row)
{
    struct buf *out = arg;

    TRY(buf_append(out, SPAN_LIT("<li><a href=\"/?subject=")));
    TRY(put_query(row->subject, out));
    return buf_printf(out, "&amp;version=%u\">version %u</a>, id %u</li>\n", row->version,
                      row->version, row->id);
}

static err_t put_schema(struct api_call *c, const char *subject, const char *version)
{
    const struct registry_place place = {subject, version, STORE_LIVE};
    struct buf *out = &c->reply->body;
    struct store_version row;
    struct store_schema schema = {0};

    if (registry_rules_read(c->rules, &place, &c->fault, &row, &schema) != ERR_OK) {
        c->reply->status = api_fault_status(c->fault.code);
        TRY(buf_append(out, SPAN_LIT("<p>")));
        TRY(page_escape(span_of_str(c->fault.message), out));
        return buf_append(out, SPAN_LIT("</p>\n"));
    }
    err_t err = buf_printf(out, "<h3>Version %u, id %u, %s</h3>\n<pre>", row.version, row.id,
                           schema_kind_type(schema.kind));
    if (err == ERR_OK) {
        err = page_escape(buf_span(&schema.text), out);
    }
    store_schema_done(&schema);
    TRY(err);
    return buf_append(out, SPAN_LIT("</pre>\n"));
}

static err_t put_versions(struct api_call *c, const char *subject)
{
    struct buf *out = &c->reply->body;
    char version[16];

    TRY(buf_append(out, SPAN_LIT("<p><a href=\"/\">all subjects</a></p>\n<h2>")));
    TRY(page_escape(span_of_str(subject), out));
    TRY(buf_append(out, SPAN_LIT("</h2>\n<ul>\n")));
    TRY(store_versions(c->rules->store, subject, STORE_LIVE, put_version, out));
    TRY(buf_append(out, SPAN_LIT("</ul>\n")));
    if (!api_call_query(c, "version", version, sizeof(version))) {
        memcpy(version, "latest", sizeof("latest"));
    }
    return put_schema(c, subject, version);
}

static err_t put_page(struct api_call *c)
{
    struct buf *out = &c->reply->body;
    char subject[STORE_SUBJECT_BYTES];

    TRY(buf_append(out, SPAN_LIT("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                                 "<title>cordwood registry</title>"
                                 "<link rel=\"stylesheet\" href=\"/page.css\"></head>\n<body>"
                                 "<h1>Schemas</h1>\n")));
    if (api_call_query(c, "subject", subject, sizeof(subject))) {
        TRY(put_versions(c, subject));
    } else {
        TRY(buf_append(out, SPAN_LIT("<ul>\n")));
        TRY(store_subjects(c->rules->store, "", STORE_LIVE, put_subject, out));
        TRY(buf_append(out, SPAN_LIT("</ul>\n")));
    }
    return buf_append(out, SPAN_LIT("</body></html>\n"));
}

err_t page_answer(struct api_call *c)
{
    err_t err = put_page(c);

    if (err != ERR_OK) {
        buf_done(&c->reply->body);
        return api_fault_store(&c->fault, err, c->rules->store);
    }
    http_reply_header(c->reply, "Content-Type", "text/html; charset=utf-8");
    http_reply_header(c->reply, "Content-Security-Policy", policy);
    http_reply_header(c->reply, "Referrer-Policy", "no-referrer");
    return ERR_OK;
}

err_t page_style(struct api_call *c)
{
    c->reply->fixed = span_of(style, sizeof(style) - 1);
    http_reply_header(c->reply, "Content-Type", "text/css");
    return ERR_OK;
}
