/* SPDX-License-Identifier: Apache-2.0
 *
 * render_reject: a rejected record as one JSON line:
 * {"received_at","peer"[,"peer_cert"],"format","reason","detail","length",
 *  "payload"|"payload_base64"}
 * The payload is text if it is valid UTF-8, else base64. */
#pragma once

#include "wire/record.h"

struct render_reject_facts {
    struct text received_at; /* RFC 3339, clean */
    struct span peer;        /* "127.0.0.1:4242", ASCII */
    struct span cert;        /* the name in its certificate, UTF-8; empty: it showed none */
};

size_t render_reject_bound(const struct reject *reject, const struct render_reject_facts *facts);

/* Writes the line at `out`, LF included; returns the byte behind it. */
char *render_reject_line(const struct reject *reject, const struct render_reject_facts *facts,
                         char *out);
