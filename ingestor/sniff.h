/* SPDX-License-Identifier: Apache-2.0
 *
 * sniff: what a stream's first bytes say it is. Peeks, never consumes; decided once, from at most
 * SNIFF_PEEK_BYTES, by no timer; more bytes never change an answer. Pure; any thread. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"

enum sniff_kind {
    SNIFF_FRAMES,  /* go-client frames */
    SNIFF_OCTET,   /* RFC 6587 octet counting */
    SNIFF_SYSLOG,  /* syslog lines ended by LF or NUL */
    SNIFF_NDJSON,  /* JSON lines ended by LF or NUL */
    SNIFF_RAW,     /* text lines ended by LF */
    SNIFF_JOURNAL, /* journald export format */
    SNIFF_FOREIGN  /* a protocol that is known but not spoken here */
};

struct sniff_result {
    enum sniff_kind kind;
    size_t skip;         /* leading bytes that belong to nothing: BOM, white space, NUL */
    const char *foreign; /* SNIFF_FOREIGN: the protocol's name; else "" */
    const char *instead; /* SNIFF_FOREIGN: what to use instead; else "" */
};

/* What a port takes its streams for. */
enum sniff_port {
    SNIFF_PORT_AUTO,   /* what their first bytes say */
    SNIFF_PORT_SYSLOG, /* octet counting or lines: what the first bytes say of these two */
    SNIFF_PORT_FRAMES,
    SNIFF_PORT_NDJSON,
    SNIFF_PORT_RAW,
    SNIFF_PORT_JOURNALD
};

/* Whether more bytes can come after `head`. */
enum sniff_more { SNIFF_MORE, SNIFF_END };

/* `head` is the stream's start, as far as it has arrived. ERR_AGAIN: it could still be several
 * things; ERR_UNKNOWN: it is nothing known. */
MUST_CHECK err_t sniff_decide(struct span head, enum sniff_more more, struct sniff_result *ret);

/* The same for a stream on a port that is for one kind. Never ERR_UNKNOWN but for a stream without
 * a byte, nor SNIFF_FOREIGN, unless the port is SNIFF_PORT_AUTO. */
MUST_CHECK err_t sniff_decide_port(enum sniff_port port, struct span head, enum sniff_more more,
                                   struct sniff_result *ret);
