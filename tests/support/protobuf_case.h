/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf_case: one Protobuf payload, written as hexadecimal digits, and what is made of it. */
#pragma once

#include "base/buf.h"
#include "schema/schema_protobuf.h"
#include "wire/batch.h"

#define PROTOBUF_CASE_BYTES_MAX (256u * KIB)

struct protobuf_case {
    const struct schema_protobuf_message *message; /* that is decoded; the test sets it */
    struct batch batch;                            /* records[0] is the last record */
    struct arena arena;
    const char *detail; /* of the last reject */
};

extern struct protobuf_case protobuf_case;

/* For cmocka_run_group_tests(). */
int protobuf_case_setup(void **state);
int protobuf_case_teardown(void **state);

/* The bytes; spaces are for the reader. The caller frees them. */
struct buf protobuf_case_hex(const char *digits);

enum reason protobuf_case_decode(struct span in);

/* Decodes, and fails unless it is accepted; the record as record_json() writes it. */
struct span protobuf_case_json(struct span in);
