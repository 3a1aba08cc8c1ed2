/* SPDX-License-Identifier: Apache-2.0
 *
 * judge: rules and schemas, in the order in which each kind of record meets them. LogEntry: the
 * rules of check_entry, then its JSON Schema, which sees what was filled in. Another type: its own
 * schema as it came, then what it lacks is filled in. What a plan decoded (Avro, Protobuf) needs no
 * JSON Schema. Shard thread only. */
#pragma once

#include "check/check_json.h"
#include "check/check_typed.h"
#include "ingestor/schema_set.h"

struct judge {
    /* fixed after start */
    struct check_entry_limits limits;
    struct check_json json;
    uint64_t *passed; /* records by the slot of their JSON Schema: SCHEMA_TYPE_SLOTS counters */
    uint64_t *failed;
};

/* Judges every record of the batch; bad ones move to its rejects. */
void judge_batch(struct judge *j, const struct schema_set *schemas, struct batch *b);
