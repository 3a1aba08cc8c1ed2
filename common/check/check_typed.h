/* SPDX-License-Identifier: Apache-2.0
 *
 * check_typed: records of another type than LogEntry, which their own schema judges. They need not
 * have the four; what they have under these names is used if it can be, and kept in any case. */
#pragma once

#include "check/check_entry.h"

/* After decoding: those of the four that cannot stand in their place (a time stamp that is none, an
 * empty level or service, one that is too long, a message above the limit) become extras of their
 * name, behind the others. The object that record and extras say stays the same. False: the arena
 * has no room. */
MUST_CHECK bool check_typed_separate(const struct check_entry_limits *limits, struct record *rec,
                                     struct arena *a);

/* After the schema: fills in what is missing of the four (the receive time, INFO, an empty message,
 * the format's name) and counts it in `b->defaulted`; puts the level into canonical form. */
void check_typed_fill(struct record *rec, struct batch *b);
