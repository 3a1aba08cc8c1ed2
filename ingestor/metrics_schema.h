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

/* The members
 *   schemas      numbers of the registry, and per type what it let pass and refused
 *   schema_list  [{"type", "format", "subject" or null if it is built in, "version", "id", "age_s":
 *                since the registry last said that it is the one, or null, "state": "in use",
 *                "pinned", "refused" (a newer version is not adopted) or "replaced", "why" of the
 *                last two, else null}]
 *   registry     null, or {"url", "reachable", "last_ok": when it last answered for all that is in
 *                force, "why" it is away, or null} */
void metrics_schema_put(struct json_put *j, const struct metrics_view *view);
