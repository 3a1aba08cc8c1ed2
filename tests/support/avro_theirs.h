/* SPDX-License-Identifier: Apache-2.0
 *
 * avro_theirs: avro-c as a second opinion on plain types. A file of its own, since its names of
 * types are ours too. */
#pragma once

#include "base/span.h"

#include <stdint.h>

#define AVRO_THEIRS_TEXT_BYTES  80u
#define AVRO_THEIRS_DATUM_BYTES 8192u

/* One record of avro_theirs_schema. */
struct avro_theirs_values {
    int b;
    int32_t i;
    int64_t l;
    float f;
    double d;
    char y[AVRO_THEIRS_TEXT_BYTES];
    size_t y_len;
    char s[AVRO_THEIRS_TEXT_BYTES];
    char x[4];
    int e;
    int64_t a[5];
    size_t a_len;
    size_t m_len; /* of "k0", "k1", …, each with the value `s` */
    int u;
    int32_t q;
};

extern const char avro_theirs_schema[];

/* The datum that avro-c makes of the values; fails the test if it makes none. */
struct span avro_theirs_write(const struct avro_theirs_values *v,
                              char out[AVRO_THEIRS_DATUM_BYTES]);

/* Whether avro-c reads exactly these values from the datum. */
bool avro_theirs_reads(struct span datum, const struct avro_theirs_values *v);
