/* SPDX-License-Identifier: Apache-2.0
 *
 * url_hide: RFC 3986 section 3.2: the authority is what stands between "//" and the next slash,
 * question mark or number sign; userinfo ends at its last @. */
#include "ingestor/url_hide.h"

#include <string.h>

static size_t authority_len(struct span rest)
{
    size_t len = 0;

    while (len < rest.len && strchr("/?#", rest.at[len]) == NULL) {
        len++;
    }
    return len;
}

err_t url_hide_append(struct span url, struct buf *out)
{
    static const char mark[] = "://";
    const char *at = url.len == 0 ? NULL : memmem(url.at, url.len, mark, strlen(mark));

    if (at == NULL) {
        return buf_append(out, url);
    }
    size_t begin = (size_t)(at - url.at) + strlen(mark);
    const char *user_end = memrchr(url.at + begin, '@', authority_len(span_skip(url, begin)));
    if (user_end == NULL) {
        return buf_append(out, url);
    }
    TRY(buf_append(out, span_head(url, begin)));
    TRY(buf_append(out, SPAN_LIT(URL_HIDE_MARK)));
    return buf_append(out, span_skip(url, (size_t)(user_end - url.at)));
}
