/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_answer: the bodies of a registry's answers, read. Bytes in, numbers and texts out; nothing
 * is asked here. Errors: ERR_SYNTAX the body is none of the API's, ERR_LIMIT it has too many parts
 * or references, ERR_NOMEM; `why` then says what is wrong. */
#pragma once

#include "regapi/regapi.h"

/* An import of a Protobuf schema, and where the registry keeps it. */
struct regapi_answer_reference {
    char name[REGAPI_SUBJECT_BYTES];
    char subject[REGAPI_SUBJECT_BYTES];
    uint32_t version;
};

struct regapi_answer {
    enum schema_kind kind;
    uint32_t id;      /* 0: it names none */
    uint32_t version; /* 0: it names none */
    struct buf text;  /* `schema` as it stands */
    struct regapi_answer_reference *references;
    uint32_t reference_count;
};

void regapi_answer_done(struct regapi_answer *a);

/* GET /schemas/ids/{id} and /subjects/{subject}/versions/{version}. */
MUST_CHECK err_t regapi_answer_read(struct span body, struct schema_why *why,
                                    struct regapi_answer *ret);

/* GET /schemas/ids/{id}?format=serialized: the bytes behind the base64. */
MUST_CHECK err_t regapi_answer_read_serialized(struct span body, struct schema_why *why,
                                               struct buf *ret);

/* GET /schemas/ids/{id}/versions: the first subject (REGAPI_SUBJECT_BYTES) and its version. An
 * empty list leaves them as they are. */
MUST_CHECK err_t regapi_answer_read_versions(struct span body, struct schema_why *why,
                                             char *ret_subject, uint32_t *ret_version);

/* An error's body: its `error_code`, 0 if it has none; `message` is put into `why`. */
unsigned regapi_answer_read_error(struct span body, struct schema_why *why);
