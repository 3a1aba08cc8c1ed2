/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_name: comparison of names and patterns. */
#include "net/tls_name.h"

#include <strings.h>

static bool same_name(struct span a, struct span b)
{
    return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

bool tls_name_is_pattern(struct span pattern)
{
    size_t star = span_find(pattern, '*');

    if (pattern.len == 0 || span_find(pattern, '\0') < pattern.len) {
        return false;
    }
    return star == pattern.len || (star == 0 && pattern.len >= 3 && pattern.at[1] == '.' &&
                                   span_find(span_skip(pattern, 1), '*') == pattern.len - 1);
}

bool tls_name_matches(struct span pattern, struct span name)
{
    if (!tls_name_is_pattern(pattern) || name.len == 0 || span_find(name, '\0') < name.len) {
        return false;
    }
    if (pattern.at[0] != '*') {
        return same_name(pattern, name);
    }
    struct span domain = span_skip(pattern, 1); /* with its leading dot */
    size_t dot = span_find(name, '.');
    return dot > 0 && dot < name.len && same_name(domain, span_skip(name, dot));
}
