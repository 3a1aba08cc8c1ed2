/* SPDX-License-Identifier: Apache-2.0
 *
 * transport_script: a transport that plays a script: pieces of a stream, moments without bytes, and
 * an end. Every piece is one read. */
#pragma once

#include "base/span.h"
#include "net/transport.h"

enum script_step_kind {
    SCRIPT_BYTES,
    SCRIPT_AGAIN, /* nothing now */
    SCRIPT_EOF,   /* ended in order */
    SCRIPT_RESET,
    SCRIPT_GARBAGE /* no TLS any more */
};

struct script_step {
    enum script_step_kind kind;
    struct span bytes; /* SCRIPT_BYTES */
};

struct transport_script {
    struct transport base;
    const struct script_step *steps; /* borrowed; the last one stays for ever */
    size_t step_count;
    size_t at;
    size_t offset;         /* into the present step's bytes */
    const char *cert_name; /* "" at the start */
};

/* Starts the script. Freeing the transport does nothing: the struct is the caller's. */
void transport_script_init(struct transport_script *t, const struct script_step *steps,
                           size_t count);
