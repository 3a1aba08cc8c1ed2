/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put_double: floating-point numbers as JSON, with few enough digits that the same number is
 * read again; "NaN", "Infinity" and "-Infinity" as strings, which is what ProtoJSON writes, too.
 * Numbers from 0.000001 to 10^17 come without exponent. */
#pragma once

#include "codec/codec_put.h"

void codec_put_double(struct codec_put *p, double number);

/* Digits are counted for a float: 0.1f is 0.1. */
void codec_put_double_float(struct codec_put *p, float number);
