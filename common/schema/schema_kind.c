/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_kind: names. */
#include "schema/schema_kind.h"

static const struct {
    const char *name;
    const char *type;
} kinds[SCHEMA_KIND_COUNT] = {
    [SCHEMA_KIND_JSON] = {"json", "JSON"},
    [SCHEMA_KIND_AVRO] = {"avro", "AVRO"},
    [SCHEMA_KIND_PROTOBUF] = {"proto", "PROTOBUF"},
};

const char *schema_kind_name(enum schema_kind kind)
{
    return kinds[kind].name;
}

const char *schema_kind_type(enum schema_kind kind)
{
    return kinds[kind].type;
}

bool schema_kind_find(struct span name, enum schema_kind *ret_kind)
{
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        if (span_equal(name, span_of_str(kinds[kind].name)) ||
            span_equal(name, span_of_str(kinds[kind].type))) {
            *ret_kind = kind;
            return true;
        }
    }
    return false;
}
