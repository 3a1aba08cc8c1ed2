/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_avro_logical: logical types. Source: Apache Avro 1.11, "Logical Types". */
#pragma once

#include "schema/schema_avro_build.h"

/* Sets the logical type that `json` (NULL: none) names, with its precision and scale, if it fits
 * the node's kind and size; else the node stays plain. */
void schema_avro_logical_set(struct schema_avro_node *node, const json_t *json);
