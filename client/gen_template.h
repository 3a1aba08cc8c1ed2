/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_template: what the records of the load generator look like. A template is a whole record,
 * framing included, with places for its time and for random digits. */
#pragma once

#include "base/buf.h"
#include "client/gen.h"

/* How the time is written into a template, and how many bytes it takes. */
enum gen_template_stamp {
    GEN_TEMPLATE_RFC3339, /* 2026-11-21T04:11:45.123Z */
    GEN_TEMPLATE_BSD,     /* Nov 21 04:11:45, RFC 3164 */
    GEN_TEMPLATE_US,      /* microseconds since 1970 */
    GEN_TEMPLATE_STAMPS
};

#define GEN_TEMPLATE_RFC3339_BYTES 24u
#define GEN_TEMPLATE_BSD_BYTES     15u
#define GEN_TEMPLATE_US_BYTES      16u
#define GEN_TEMPLATE_STAMP_MAX     24u

/* A run of random digits. */
struct gen_template_run {
    uint32_t at;  /* in the template */
    uint32_t low; /* smallest number; `low + span` is above the largest */
    uint32_t span;
    uint8_t digits; /* at most 8 */
    uint8_t hex;    /* 1: eight hexadecimal digits, whatever `low` and `span` say */
};

struct gen_template {
    uint32_t at; /* in the bytes of all templates */
    uint32_t len;
    uint32_t stamp_at; /* in the template */
    uint32_t run_at;   /* in the runs of all templates */
    uint16_t run_count;
    uint8_t stamp; /* enum gen_template_stamp */
};

/* How the four fields of a binary record lie, by their place in it. */
struct gen_binary_layout {
    uint8_t field[4]; /* enum entry_field */
    uint8_t key[4];   /* Protobuf: what stands before the value */
    bool keys;        /* there are such */
};

/* All templates; a zeroed one is empty. The buffers hold bytes, struct gen_template_run and
 * struct gen_template. */
struct gen_template_set {
    enum gen_shape shape;
    struct gen_binary_layout layout; /* of binary shapes */
    struct buf bytes;
    struct buf runs;
    struct buf templates;
    uint32_t count;
    uint32_t len_max;
};

/* Appends the templates of one level. Each level has at least one message that suits it.
 * `ret_count` is how many were added. ERR_NOMEM. */
MUST_CHECK err_t gen_template_add_level(struct gen_template_set *set,
                                        const struct args_level *level,
                                        const struct option_strings *fields, uint32_t *ret_count);

void gen_template_done(struct gen_template_set *set);

static inline const struct gen_template *gen_template_at(const struct gen_template_set *set,
                                                         uint32_t i)
{
    return (const struct gen_template *)(const void *)set->templates.at + i;
}
