/* SPDX-License-Identifier: Apache-2.0
 *
 * rich_plan: rich.proto, as descriptors and as a plan. */
#pragma once

#include "schema/schema_protobuf.h"

/* The FileDescriptorSet, with what it imports. Lives until the program ends. */
struct span rich_plan_descriptors(void);

/* Compiled once; lives until the program ends. */
const struct schema_protobuf *rich_plan(void);

/* A message of it: "test.Rich". Fails if there is none. */
const struct schema_protobuf_message *rich_plan_message(const char *name);
