/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_value: plausible values for fields of any type, guessed from their names. Values are
 * jansson's and the caller's; NULL means that memory is short, and jansson's own functions pass it
 * on. */
#pragma once

#include "client/args.h"

#include <jansson.h>
#include <stdint.h>

#define GEN_VALUE_ITEMS_MAX 3u /* of arrays and maps */
#define GEN_VALUE_DEPTH_MAX 5u /* deeper only what cannot be left out */

struct gen_value {
    const struct args *args; /* the weights of the levels */
    uint64_t random;
    uint64_t wall_ns; /* what "now" is */
};

/* 0 to `n - 1`; `n` is not 0. */
uint32_t gen_value_below(struct gen_value *v, uint32_t n);

/* A string: "email" gets an address, "level" a level, an unknown name a word. */
json_t *gen_value_text(struct gen_value *v, struct span name);

/* An integer between `low` and `high`, both included: times in the unit that the name says, else
 * what the name suggests; what does not lie between the two is drawn from all that does. */
json_t *gen_value_integer(struct gen_value *v, struct span name, int64_t low, int64_t high);

json_t *gen_value_real(struct gen_value *v, struct span name);

/* Base64 of so many bytes, at most 64. */
json_t *gen_value_base64(struct gen_value *v, uint32_t bytes);

/* Now, as RFC 3339 UTC with 3 or 6 digits of a second; the parts: without 'Z', the date, the
 * time. */
json_t *gen_value_stamp(struct gen_value *v, unsigned digits);
json_t *gen_value_local(struct gen_value *v, unsigned digits);
json_t *gen_value_date(struct gen_value *v);
json_t *gen_value_time(struct gen_value *v, unsigned digits);

json_t *gen_value_uuid(struct gen_value *v);

/* A decimal number of that many digits after the point, as text: "-12.50". */
json_t *gen_value_decimal(struct gen_value *v, uint32_t precision, uint32_t scale);
