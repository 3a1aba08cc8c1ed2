/* SPDX-License-Identifier: Apache-2.0
 *
 * gen: picks templates by a wheel whose slots are shared out by the levels' weights, copies, and
 * writes digits. No branch depends on the kind of record, and nothing is formatted per record. */
#include "client/gen.h"

#include "base/limits.h"
#include "base/rfc3339.h"
#include "client/gen_binary.h"
#include "client/gen_random.h"
#include "client/gen_template.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WHEEL_SLOTS 16384u

/* Then every level of some weight has a slot. */
_Static_assert(ARGS_LEVELS_MAX *ARGS_WEIGHT_MAX < WHEEL_SLOTS, "a weight of 1 is a slot");

struct gen {
    struct gen_template_set set;
    uint64_t random;
    char stamps[GEN_TEMPLATE_STAMPS][GEN_TEMPLATE_STAMP_MAX + 8]; /* of the batch being written */
    uint16_t wheel[WHEEL_SLOTS];                                  /* template by random slot */
};

/* The templates `first` to `first + count` share the slots from `from` to `to` in turn. */
static void wheel_fill(struct gen *g, uint32_t from, uint32_t to, uint32_t first, uint32_t count)
{
    for (uint32_t slot = from; slot < to; slot++) {
        g->wheel[slot] = (uint16_t)(first + (slot - from) % count);
    }
}

static err_t gen_init(struct gen *g, const struct args *args)
{
    uint64_t total = 0;
    uint64_t seen = 0;
    uint32_t slot = 0;

    for (uint32_t i = 0; i < args->level_count; i++) {
        total += args->levels[i].weight;
    }
    for (uint32_t i = 0; i < args->level_count; i++) {
        uint32_t first = g->set.count;
        uint32_t added = 0;
        seen += args->levels[i].weight;
        uint32_t end = (uint32_t)(seen * WHEEL_SLOTS / total);
        TRY(gen_template_add_level(&g->set, &args->levels[i], &args->fields, &added));
        wheel_fill(g, slot, end, first, added);
        slot = end;
    }
    assert(slot == WHEEL_SLOTS);
    return ERR_OK;
}

enum gen_shape gen_shape_of(const struct args *args)
{
    static const enum gen_shape shapes[] = {
        [ARGS_FORMAT_JSON] = GEN_JSON_FRAMES,
        [ARGS_FORMAT_PROTO] = GEN_PROTO_FRAMES,
        [ARGS_FORMAT_AVRO] = GEN_AVRO_FRAMES,
        [ARGS_FORMAT_RAW] = GEN_RAW_FRAMES,
    };

    return args->udp ? GEN_JSON_LINES : shapes[args->format];
}

err_t gen_new(const struct args *args, const struct schema_type *type, uint64_t seed,
              struct gen **ret)
{
    enum gen_shape shape = gen_shape_of(args);
    bool binary = shape == GEN_PROTO_FRAMES || shape == GEN_AVRO_FRAMES;
    struct gen_binary_layout layout = {0};

    ENSURE(!binary || gen_binary_suits(type, &layout), ERR_UNKNOWN);
    struct gen *g = calloc(1, sizeof(*g));
    ENSURE(g != NULL, ERR_NOMEM);
    g->random = seed;
    g->set.shape = shape;
    g->set.layout = layout;
    err_t err = gen_init(g, args);
    if (err != ERR_OK) {
        gen_free(g);
        return err;
    }
    *ret = g;
    return ERR_OK;
}

void gen_free(struct gen *g)
{
    if (g != NULL) {
        gen_template_done(&g->set);
        free(g);
    }
}

size_t gen_record_bytes_max(const struct gen *g)
{
    return g->set.len_max;
}

/* RFC 3164 section 4.1.2: "Nov 21 04:11:45", a day below 10 with a space before it. Made from the
 * text of RFC 3339. */
static void bsd_stamp(const char *rfc3339, char *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    unsigned month = (unsigned)(rfc3339[5] - '0') * 10 + (unsigned)(rfc3339[6] - '0');

    memcpy(out, months + (size_t)(month - 1) * 3, 3);
    out[3] = ' ';
    out[4] = rfc3339[8] == '0' ? ' ' : rfc3339[8];
    out[5] = rfc3339[9];
    out[6] = ' ';
    memcpy(out + 7, rfc3339 + 11, 8);
}

static void stamps_write(struct gen *g, uint64_t wall_ns)
{
    char text[RFC3339_BYTES_MAX];

    rfc3339_format(wall_ns, 3, text);
    memcpy(g->stamps[GEN_TEMPLATE_RFC3339], text, GEN_TEMPLATE_RFC3339_BYTES);
    bsd_stamp(text, g->stamps[GEN_TEMPLATE_BSD]);
    snprintf(g->stamps[GEN_TEMPLATE_US], sizeof(g->stamps[0]), "%016" PRIu64,
             (uint64_t)(wall_ns / NS_PER_US) % 10000000000000000u);
}

static void digits_write(char *out, uint32_t n, unsigned digits)
{
    while (digits > 0) {
        out[--digits] = (char)('0' + n % 10);
        n /= 10;
    }
}

static void hex_write(char *out, uint32_t n)
{
    static const char hex[] = "0123456789abcdef";

    for (unsigned i = 0; i < 8; i++) {
        out[i] = hex[n >> 28];
        n <<= 4;
    }
}

/* Random digits for every run of the template. */
static void runs_write(struct gen *g, const struct gen_template *t, char *out)
{
    const struct gen_template_run *run =
        (const struct gen_template_run *)(const void *)g->set.runs.at + t->run_at;

    for (const struct gen_template_run *end = run + t->run_count; run < end; run++) {
        uint32_t n = (uint32_t)(gen_random_next(&g->random) >> 32);
        if (run->hex == 1) {
            hex_write(out + run->at, n);
        } else {
            digits_write(out + run->at, run->low + (uint32_t)((uint64_t)n * run->span >> 32),
                         run->digits);
        }
    }
}

static void stamp_copy(struct gen *g, const struct gen_template *t, char *out)
{
    char *at = out + t->stamp_at;

    switch ((enum gen_template_stamp)t->stamp) { /* each a copy of constant length */
    case GEN_TEMPLATE_RFC3339:
        memcpy(at, g->stamps[GEN_TEMPLATE_RFC3339], GEN_TEMPLATE_RFC3339_BYTES);
        break;
    case GEN_TEMPLATE_BSD:
        memcpy(at, g->stamps[GEN_TEMPLATE_BSD], GEN_TEMPLATE_BSD_BYTES);
        break;
    case GEN_TEMPLATE_US:
        memcpy(at, g->stamps[GEN_TEMPLATE_US], GEN_TEMPLATE_US_BYTES);
        break;
    case GEN_TEMPLATE_STAMPS:
        break;
    }
}

/* One record; the stamps are written. Returns how many bytes it takes. */
static size_t template_write(struct gen *g, uint32_t number, char *out)
{
    const struct gen_template *t = gen_template_at(&g->set, number);

    memcpy(out, g->set.bytes.at + t->at, t->len);
    stamp_copy(g, t, out);
    runs_write(g, t, out);
    return t->len;
}

size_t gen_write(struct gen *g, uint32_t count, uint64_t wall_ns, char *out)
{
    char *at = out;

    stamps_write(g, wall_ns);
    for (uint32_t i = 0; i < count; i++) {
        at += template_write(g, g->wheel[gen_random_next(&g->random) % WHEEL_SLOTS], at);
    }
    return (size_t)(at - out);
}

uint32_t gen_count(const struct gen *g)
{
    return g->set.count;
}

size_t gen_write_one(struct gen *g, uint32_t number, uint64_t wall_ns, char *out)
{
    stamps_write(g, wall_ns);
    return template_write(g, number, out);
}
