/* SPDX-License-Identifier: Apache-2.0
 *
 * url_hide: a URL as others may see it: a user and password in it are not shown. Pure. */
#pragma once

#include "base/buf.h"

#define URL_HIDE_MARK "(hidden)"

/* Appends the URL, or any other text as it is; of "https://user:password@host/" what stands before
 * the @ becomes URL_HIDE_MARK. ERR_NOMEM. */
MUST_CHECK err_t url_hide_append(struct span url, struct buf *out);
