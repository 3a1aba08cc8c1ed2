/* SPDX-License-Identifier: Apache-2.0
 *
 * render_reject: lines of the files of rejected records. */
#include "render/render_reject.h"

#include "base/base64.h"
#include "render/render_put.h"
#include "wire/utf8.h"

/* Names, punctuation, format, reason, length, LF. */
#define FRAME_BYTES 256u

/* Details and peers are ASCII without anything to escape, but nothing here depends on it. */
static struct text text_of_span(struct span s)
{
    return text_of(s, TEXT_PLAIN);
}

size_t render_reject_bound(const struct reject *reject, const struct render_reject_facts *facts)
{
    const struct render_put_costs *costs = &render_put_json_costs;
    size_t as_text = render_put_bound(text_of_span(reject->payload), costs);
    size_t as_base64 = BASE64_BYTES(reject->payload.len);

    return FRAME_BYTES + render_put_bound(facts->received_at, costs) +
           render_put_bound(text_of_span(facts->peer), costs) +
           render_put_bound(text_of_span(facts->cert), costs) +
           render_put_bound(text_of_span(span_of_str(reject->detail)), costs) +
           (as_text > as_base64 ? as_text : as_base64);
}

char *render_reject_line(const struct reject *reject, const struct render_reject_facts *facts,
                         char *out)
{
    enum text_form form = TEXT_PLAIN;

    out = render_put_literal(out, "{\"received_at\":\"");
    out = render_put_text(out, facts->received_at);
    out = render_put_literal(out, "\",\"peer\":\"");
    out = render_put_text(out, text_of_span(facts->peer));
    if (facts->cert.len > 0) {
        out = render_put_literal(out, "\",\"peer_cert\":\"");
        out = render_put_text(out, text_of_span(facts->cert));
    }
    out = render_put_literal(out, "\",\"format\":\"");
    out = render_put_bytes(out, span_of_str(format_name((enum format)reject->format)));
    out = render_put_literal(out, "\",\"reason\":\"");
    out = render_put_bytes(out, span_of_str(reason_name((enum reason)reject->reason)));
    out = render_put_literal(out, "\",\"detail\":\"");
    out = render_put_text(out, text_of_span(span_of_str(reject->detail)));
    out = render_put_literal(out, "\",\"length\":");
    out = render_put_number(out, (int64_t)reject->length);
    if (utf8_classify(reject->payload, &form)) {
        out = render_put_literal(out, ",\"payload\":\"");
        out = render_put_text(out, text_of(reject->payload, form));
    } else {
        out = render_put_literal(out, ",\"payload_base64\":\"");
        out = base64_encode(out, reject->payload);
    }
    return render_put_literal(out, "\"}\n");
}
