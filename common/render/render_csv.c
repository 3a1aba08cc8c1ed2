/* SPDX-License-Identifier: Apache-2.0
 *
 * render_csv: fields are quoted where they must be. */
#include "render/render_csv.h"

#include "render/render_extra.h"
#include "wire/json_text.h"

/* Quotes and commas of five fields, the braces of the fifth, LF. */
#define FRAME_BYTES 32u

/* A byte of a field in visible form or of JSON; a quote inside JSON is escaped and then doubled. */
static const struct render_put_costs costs = RENDER_PUT_COSTS(3, 1, 1);

size_t render_csv_bound(const struct record *rec)
{
    size_t four = render_put_bound(rec->timestamp, &costs) + render_put_bound(rec->level, &costs) +
                  render_put_bound(rec->message, &costs) + render_put_bound(rec->service, &costs);

    return FRAME_BYTES + four + (render_extra_any(rec) ? render_extra_bound(rec, &costs) : 0);
}

static char *put_field(char *out, struct text t)
{
    char c[JSON_TEXT_CHAR_BYTES];

    if (t.form == TEXT_CLEAN && span_find(text_span(t), ',') == t.len) {
        return render_put_bytes(out, text_span(t));
    }
    *out++ = '"';
    while (t.len > 0) {
        size_t len = json_text_next(&t, c);
        if (c[0] == '"') {
            *out++ = '"';
        }
        out = render_put_visible(out, span_of(c, len));
    }
    *out++ = '"';
    return out;
}

/* Doubles the quotes in what stands between `start` and `end`, from the back, so that nothing is
 * overwritten before it has been moved. */
static char *double_quotes(char *start, char *end)
{
    size_t quotes = 0;

    for (const char *p = start; p < end; p++) {
        quotes += *p == '"';
    }
    char *behind = end + quotes;
    for (char *to = behind; to > end;) {
        *--to = *--end;
        if (*end == '"') {
            *--to = '"';
        }
    }
    return behind;
}

char *render_csv_line(const struct record *rec, char *out)
{
    const struct text four[] = {rec->timestamp, rec->level, rec->message, rec->service};

    for (size_t i = 0; i < sizeof(four) / sizeof(four[0]); i++) {
        out = put_field(out, four[i]);
        *out++ = ',';
    }
    if (render_extra_any(rec)) {
        *out++ = '"';
        char *object = out;
        out = render_extra_members(out, rec);
        *object = '{'; /* instead of the first member's comma */
        *out++ = '}';
        out = double_quotes(object, out);
        *out++ = '"';
    }
    *out++ = '\n';
    return out;
}
