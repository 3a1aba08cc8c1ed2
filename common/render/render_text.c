/* SPDX-License-Identifier: Apache-2.0
 *
 * render_text: lines for people. */
#include "render/render_text.h"

#include "render/render_extra.h"
#include "wire/json_text.h"

/* Spaces, brackets, LF. */
#define FRAME_BYTES 16u

/* A byte in visible form or of JSON. */
static const struct render_put_costs costs = RENDER_PUT_COSTS(2, 4, 4);

size_t render_text_bound(const struct record *rec)
{
    size_t four = render_put_bound(rec->timestamp, &costs) + render_put_bound(rec->level, &costs) +
                  render_put_bound(rec->message, &costs) + render_put_bound(rec->service, &costs);

    return FRAME_BYTES + four + (render_extra_any(rec) ? render_extra_bound(rec, &costs) : 0);
}

enum where { ANYWHERE, BEHIND_SPACE };

/* Text in which `stop` is written \xHH, at the start of the text, too. */
static char *put_until(char *out, struct text t, char stop, enum where where)
{
    char c[JSON_TEXT_CHAR_BYTES];
    char before = ' ';

    if (t.form == TEXT_CLEAN && span_find(text_span(t), stop) == t.len) {
        return render_put_bytes(out, text_span(t));
    }
    while (t.len > 0) {
        size_t len = json_text_next(&t, c);
        bool ambiguous = c[0] == stop && (before == ' ' || where == ANYWHERE);
        out = ambiguous ? render_put_hex(out, (unsigned char)c[0])
                        : render_put_visible(out, span_of(c, len));
        before = c[0];
    }
    return out;
}

static char *put_bracketed(char *out, struct text t)
{
    out = render_put_literal(out, " [");
    out = put_until(out, t, ']', ANYWHERE);
    *out++ = ']';
    return out;
}

char *render_text_line(const struct record *rec, char *out)
{
    out = put_until(out, rec->timestamp, ' ', ANYWHERE);
    out = put_bracketed(out, rec->level);
    out = put_bracketed(out, rec->service);
    *out++ = ' ';
    out = put_until(out, rec->message, '{', BEHIND_SPACE);
    if (render_extra_any(rec)) {
        *out++ = ' ';
        char *object = out;
        out = render_extra_members(out, rec);
        *object = '{'; /* instead of the first member's comma */
        *out++ = '}';
    }
    *out++ = '\n';
    return out;
}
