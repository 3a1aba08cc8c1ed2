/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_media: weights of media ranges. A header is a list that a stranger wrote: what does not
 * parse weighs nothing. */
#include "ingestor/admin_media.h"

#include "base/span.h"

#include <string.h>
#include <strings.h>

#define WEIGHT_FULL 1000

static struct span trim(struct span s)
{
    while (s.len > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
        s = span_skip(s, 1);
    }
    while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t')) {
        s.len--;
    }
    return s;
}

/* Takes the part before the next `separator` off `rest`. */
static struct span part_take(struct span *rest, char separator)
{
    size_t len = span_find(*rest, separator);
    struct span part = trim(span_head(*rest, len));

    *rest = span_skip(*rest, len < rest->len ? len + 1 : len);
    return part;
}

static bool is(struct span s, const char *name)
{
    return s.len == strlen(name) && strncasecmp(s.at, name, s.len) == 0;
}

/* "0", "1", "0.5", "0.123" in thousandths (RFC 9110 section 12.4.2). */
static int weight_parse(struct span text)
{
    int weight = 0;
    int unit = WEIGHT_FULL;

    for (size_t i = 0; i < text.len; i++) {
        if (i == 1 && text.at[i] == '.') {
            continue;
        }
        if (text.at[i] < '0' || text.at[i] > '9' || unit == 0) {
            return 0;
        }
        weight += (text.at[i] - '0') * unit;
        unit /= 10;
    }
    return weight > WEIGHT_FULL ? WEIGHT_FULL : weight;
}

struct range {
    struct span type;
    int weight;
    bool other_version; /* it names a version that is not OpenMetrics 1.0.0 */
};

static struct range range_parse(struct span text)
{
    struct range range = {.type = part_take(&text, ';'), .weight = WEIGHT_FULL};

    while (text.len > 0) {
        struct span value = part_take(&text, ';');
        struct span name = part_take(&value, '=');
        if (is(name, "q")) {
            range.weight = weight_parse(value);
        } else if (is(name, "version")) {
            range.other_version = !is(value, "1.0.0");
        }
    }
    return range;
}

static void raise(int *weight, int to)
{
    *weight = to > *weight ? to : *weight;
}

enum admin_media admin_media_by_accept(const char *accept)
{
    struct span rest = span_of_str(accept);
    int text = 0;
    int json = 0;
    int openmetrics = 0;

    while (rest.len > 0) {
        struct range range = range_parse(part_take(&rest, ','));
        if (is(range.type, "application/json")) {
            raise(&json, range.weight);
        } else if (is(range.type, "application/openmetrics-text") && !range.other_version) {
            raise(&openmetrics, range.weight);
        } else if (is(range.type, "text/plain") || is(range.type, "text/*")) {
            raise(&text, range.weight);
        }
    }
    if (openmetrics > 0 && openmetrics >= text && openmetrics >= json) {
        return ADMIN_MEDIA_OPENMETRICS;
    }
    return json > 0 && json >= text ? ADMIN_MEDIA_JSON : ADMIN_MEDIA_TEXT;
}

enum admin_media admin_media_by_format(const char *format, enum admin_media otherwise)
{
    if (strcasecmp(format, "json") == 0) {
        return ADMIN_MEDIA_JSON;
    }
    if (strcasecmp(format, "openmetrics") == 0) {
        return ADMIN_MEDIA_OPENMETRICS;
    }
    return strcasecmp(format, "prometheus") == 0 ? ADMIN_MEDIA_TEXT : otherwise;
}
