/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_uri: what a reference means where it stands. Source: RFC 3986 sections 5.2 and 6.2.2
 * (of the latter only dot segments). Pure. */
#pragma once

#include "base/arena.h"
#include "base/span.h"

#define SCHEMA_JSON_URI_BYTES_MAX 2048u

struct schema_json_uri {
    struct span document; /* without fragment */
    struct span fragment; /* without '#', as it is written; absent: there is none */
};

/* Resolves `reference` against `base` (without fragment; may be empty or relative itself). The
 * document is in the arena, the fragment in `reference`. ERR_LIMIT: the arena is full, or one of
 * the two is too long. */
MUST_CHECK err_t schema_json_uri_resolve(struct span base, struct span reference, struct arena *a,
                                         struct schema_json_uri *ret);
