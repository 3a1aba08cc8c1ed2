/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_mark: marks in the texts of templates: @ and # are digits (@ is not 0), ~ the eight
 * hexadecimal digits of a field, ^ the place of the time. */
#pragma once

#include "client/gen_template.h"

/* Copies `text` into the set's bytes with every mark given its room; the runs and the place of the
 * time are noted in the set and in `t`. ERR_NOMEM. */
MUST_CHECK err_t gen_mark_place(struct gen_template_set *set, struct span text,
                                struct gen_template *t);

/* How many bytes gen_mark_place() makes of it. `stamp` is an enum gen_template_stamp. */
size_t gen_mark_bytes(struct span text, uint8_t stamp);
