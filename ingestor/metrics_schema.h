/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_schema: what is shown of the schemas in force: which, how old, what they let pass. */
#pragma once

#include "ingestor/json_put.h"
#include "ingestor/metrics.h"

#define METRICS_SCHEMA_LABEL_BYTES (2u * SCHEMA_TYPE_NAME_BYTES)

/* The number of records that the type let pass or refused. */
uint64_t metrics_schema_passed(const struct metrics_view *view, uint32_t type);
uint64_t metrics_schema_failed(const struct metrics_view *view, uint32_t type);

/* A type's name as the value of a Prometheus label: quotes, backslashes and LF escaped. */
void metrics_schema_label(const char *name, char ret_label[METRICS_SCHEMA_LABEL_BYTES]);

/* The member "schemas". */
void metrics_schema_put(struct json_put *j, const struct metrics_view *view);
