/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_field: what explain_text and explain_json say about the parts of a record. Pure. */
#pragma once

#include "ingestor/explain.h"

/* The name of one of the four. */
const char *explain_field_name(enum entry_field field);

/* Its value; absent if it has none. */
struct text explain_field_value(const struct record *rec, enum entry_field field);

/* Why the value is not (only) the sender's: it was missing, or not complete, or changed; "" if it
 * stands as it was sent. `item->kept` is there. Static. */
const char *explain_field_why(const struct explain_item *item, enum entry_field field);

/* Appends the text itself, escapes decoded: UTF-8, with any character. ERR_NOMEM. */
MUST_CHECK err_t explain_field_plain(struct text t, struct buf *out);
