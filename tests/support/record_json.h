/* SPDX-License-Identifier: Apache-2.0
 *
 * record_json: what a codec made of a payload, as one JSON object: the four that are there, then
 * the extras, nothing renamed or added. */
#pragma once

#include "base/arena.h"
#include "wire/record.h"

/* Lives as long as the arena, which has room for it. */
struct span record_json(const struct record *rec, struct arena *arena);
