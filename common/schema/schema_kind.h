/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_kind: the languages a schema can be written in. */
#pragma once

#include "base/span.h"

enum schema_kind { SCHEMA_KIND_JSON, SCHEMA_KIND_AVRO, SCHEMA_KIND_PROTOBUF, SCHEMA_KIND_COUNT };

/* What the go-client's API calls it, and the ending of its subjects: "json", "avro", "proto". Never
 * NULL. */
const char *schema_kind_name(enum schema_kind kind);

/* What the Confluent API calls it: "JSON", "AVRO", "PROTOBUF". Never NULL. */
const char *schema_kind_type(enum schema_kind kind);

/* By either name, exactly. False: it is none. */
bool schema_kind_find(struct span name, enum schema_kind *ret_kind);
