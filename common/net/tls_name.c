/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_name: comparison of names and patterns. */
#include "net/tls_name.h"

#include <strings.h>

static bool same_name(struct span a, struct span b)
{
    return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

bool tls_name_matches(struct span pattern, struct span name)
{
    if (pattern.len == 0 || name.len == 0 || span_find(name, '\0') < name.len) {
        return false;
    }
    if (span_find(pattern, '*') == pattern.len) {
        return same_name(pattern, name);
    }
    if (pattern.len < 3 || pattern.at[0] != '*' || pattern.at[1] != '.') {
        return false;
    }
    struct span domain = span_skip(pattern, 1); /* with its leading dot */
    size_t dot = span_find(name, '.');
    return span_find(domain, '*') == domain.len && dot > 0 && dot < name.len &&
           same_name(domain, span_skip(name, dot));
}
