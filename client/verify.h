/* SPDX-License-Identifier: Apache-2.0
 *
 * verify: judges a record before it is sent as the ingestor would: decoded, then the schema, and
 * for LogEntry the rules for the four. Belongs to one thread. */
#pragma once

#include "check/check_json.h"
#include "schema/schema_type.h"
#include "wire/batch.h"

struct verify {
    const struct schema_type *type; /* borrowed */
    struct check_json check;
    struct batch batch;
};

/* ERR_NOMEM. */
MUST_CHECK err_t verify_init(struct verify *v, const struct schema_type *type);
void verify_done(struct verify *v);

/* The payload of one record, without framing, readable for SPAN_SLACK_BYTES behind its end, at most
 * ARGS_RECORD_BYTES_MAX. ERR_OK; ERR_SYNTAX, with the reason and the place in `ret_why`. */
MUST_CHECK err_t verify_record(struct verify *v, struct span payload, struct schema_why *ret_why);
