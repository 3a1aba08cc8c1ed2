/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_json: one JSON object a record, for programs: members of docs/explain.md. */
#pragma once

#include "ingestor/explain.h"

/* Appends the line of one record. ERR_NOMEM. */
MUST_CHECK err_t explain_json_item(const struct explain_item *item, struct buf *out);
