/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp: what --peer-field and --received-field add to every record: who sent it and when it came.
 * Written once for a batch, which is of one sender and one turn, and appended to each of its lines
 * as it is. Shard thread only. */
#pragma once

#include "wire/batch.h"

#define STAMP_NAME_BYTES_MAX 64u
#define STAMP_CERT_SUFFIX    "_cert"

/* Texts that outlive the stamp; "" or NULL: not wanted. Names as stamp_name_fault() allows. */
struct stamp_config {
    const char *peer_field;
    const char *received_field;
};

struct stamp {
    /* fixed after start */
    struct span peer_name;
    struct span cert_name;
    struct span received_name;
    char cert_chars[STAMP_NAME_BYTES_MAX + sizeof(STAMP_CERT_SUFFIX)];

    /* shard thread only */
    struct record_stamp record;
    char members[RECORD_STAMP_BYTES_MAX];
};

/* Why a name cannot be one of ours: static text for "…; allowed: …"; NULL: it can. */
const char *stamp_name_fault(const char *name);

/* Points into itself: may not be moved afterwards. */
void stamp_init(struct stamp *s, const struct stamp_config *config);

static inline bool stamp_is_on(const struct stamp *s)
{
    return s->record.name_count > 0;
}

/* Stamps the records of a batch of that sender. `cert` is UTF-8 of at most
 * TLS_CERT_NAME_BYTES_MAX (net/tls_cert_name.h), "" for none. */
void stamp_put(struct stamp *s, const char *peer, const char *cert, struct batch *b);
