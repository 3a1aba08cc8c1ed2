/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_uri: takes both apart, chooses the parts (RFC 3986 section 5.2.2), puts them together
 * (5.3). The result is never longer than both and a slash. */
#include "schema/schema_json_uri.h"

struct parts {
    struct span scheme;    /* with ':' */
    struct span authority; /* with "//" */
    struct span path;
    struct span query; /* with '?' */
    struct span fragment;
    bool has_fragment;
};

static bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool in_scheme(char c)
{
    return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* Length of `scheme:`, or 0. */
static size_t scheme_len(struct span s)
{
    size_t n = 0;

    while (n < s.len && in_scheme(s.at[n])) {
        n++;
    }
    return n > 0 && n < s.len && s.at[n] == ':' && is_alpha(s.at[0]) ? n + 1 : 0;
}

/* Takes `n` bytes off the front of `*s`. */
static struct span take(struct span *s, size_t n)
{
    struct span head = span_head(*s, n);

    *s = span_skip(*s, head.len);
    return head;
}

static size_t until(struct span s, const char *any)
{
    size_t n = 0;

    while (n < s.len && (s.at[n] == '\0' || strchr(any, s.at[n]) == NULL)) {
        n++;
    }
    return n;
}

static struct parts split(struct span s)
{
    struct parts p = {0};
    size_t hash = span_find(s, '#');

    if (hash < s.len) {
        p.has_fragment = true;
        p.fragment = span_skip(s, hash + 1);
        s.len = hash;
    }
    p.scheme = take(&s, scheme_len(s));
    if (span_starts_with(s, SPAN_LIT("//"))) {
        p.authority = take(&s, 2 + until(span_skip(s, 2), "/?"));
    }
    p.path = take(&s, until(s, "?"));
    p.query = s;
    return p;
}

static void put(char *out, size_t *len, struct span s)
{
    if (s.len > 0) {
        memcpy(out + *len, s.at, s.len);
        *len += s.len;
    }
}

/* Drops the last segment of what is behind `start`, with its slash. */
static size_t drop_segment(const char *out, size_t start, size_t len)
{
    while (len > start && out[len - 1] != '/') {
        len--;
    }
    return len > start ? len - 1 : len;
}

/* RFC 3986 section 5.2.4, in place: `out[start..len)` is a path that begins with a slash. */
static size_t remove_dots(char *out, size_t start, size_t len)
{
    size_t read = start;
    size_t write = start;

    while (read < len) {
        size_t end = read + 1;
        while (end < len && out[end] != '/') {
            end++;
        }
        struct span segment = span_of(out + read, end - read);
        bool last = end == len;
        if (span_equal(segment, SPAN_LIT("/.")) || span_equal(segment, SPAN_LIT("/.."))) {
            write = segment.len == 3 ? drop_segment(out, start, write) : write;
            if (last) {
                out[write++] = '/';
            }
        } else {
            memmove(out + write, segment.at, segment.len);
            write += segment.len;
        }
        read = end;
    }
    return write;
}

/* The base's path up to its last slash. */
static struct span directory(const struct parts *base)
{
    size_t n = base->path.len;

    if (n == 0 && base->authority.len > 0) {
        return SPAN_LIT("/");
    }
    while (n > 0 && base->path.at[n - 1] != '/') {
        n--;
    }
    return span_head(base->path, n);
}

err_t schema_json_uri_resolve(struct span base, struct span reference, struct arena *a,
                              struct schema_json_uri *ret)
{
    struct parts b = split(base);
    struct parts r = split(reference);
    bool absolute = r.scheme.len > 0 || r.authority.len > 0;
    bool same = !absolute && r.path.len == 0; /* the base's own path */
    size_t len = 0;

    ENSURE(base.len <= SCHEMA_JSON_URI_BYTES_MAX && reference.len <= SCHEMA_JSON_URI_BYTES_MAX,
           ERR_LIMIT);
    char *out = arena_alloc(a, base.len + reference.len + 1);
    ENSURE(out != NULL, ERR_LIMIT);
    put(out, &len, r.scheme.len > 0 ? r.scheme : b.scheme);
    put(out, &len, absolute ? r.authority : b.authority);
    size_t path = len;
    if (same) {
        put(out, &len, b.path);
        put(out, &len, r.query.len > 0 ? r.query : b.query);
    } else {
        if (!absolute && r.path.len > 0 && r.path.at[0] != '/') {
            put(out, &len, directory(&b));
        }
        put(out, &len, r.path);
        if (len > path && out[path] == '/') {
            len = remove_dots(out, path, len);
        }
        put(out, &len, r.query);
    }
    ret->document = span_of(out, len);
    ret->fragment = r.has_fragment ? r.fragment : span_of(NULL, 0);
    return ERR_OK;
}
