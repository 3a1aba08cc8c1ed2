/* SPDX-License-Identifier: Apache-2.0
 *
 * render_json: one JSON object a line. */
#include "render/render_json.h"

#include "render/render_extra.h"

/* The four names with their quotes, colons and commas, the braces and LF. */
#define FRAME_BYTES 64u

static size_t text_bound(struct text t)
{
    return t.form == TEXT_CLEAN ? t.len : render_put_bound(t, &render_put_json_costs);
}

size_t render_json_bound(const struct record *rec)
{
    size_t four = text_bound(rec->timestamp) + text_bound(rec->level) + text_bound(rec->message) +
                  text_bound(rec->service);

    return FRAME_BYTES + four +
           (render_extra_any(rec) ? render_extra_bound(rec, &render_put_json_costs) : 0);
}

char *render_json_line(const struct record *rec, char *out)
{
    out = render_put_literal(out, "{\"timestamp\":\"");
    out = render_put_text(out, rec->timestamp);
    out = render_put_literal(out, "\",\"level\":\"");
    out = render_put_text(out, rec->level);
    out = render_put_literal(out, "\",\"message\":\"");
    out = render_put_text(out, rec->message);
    out = render_put_literal(out, "\",\"service\":\"");
    out = render_put_text(out, rec->service);
    *out++ = '"';
    if (render_extra_any(rec)) {
        out = render_extra_members(out, rec);
    }
    return render_put_literal(out, "}\n");
}
