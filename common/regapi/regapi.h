/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi: what a registry is asked, and what its answers say: the client's side of the Confluent
 * API (contract: Confluent Platform 7.6). Answers are untrusted: everything is checked and
 * bounded. */
#pragma once

#include "base/buf.h"
#include "net/http_client.h"
#include "schema/schema_kind.h"
#include "schema/schema_why.h"

#define REGAPI_SUBJECT_BYTES  256u
#define REGAPI_BODY_BYTES_MAX (4u * 1024u * 1024u)
#define REGAPI_FILES_MAX      64u /* schemas that one schema refers to, directly or not */
#define REGAPI_VERSION_LATEST 0u

/* A schema as a registry has it. */
struct regapi_schema {
    enum schema_kind kind;
    uint32_t id;
    uint32_t version; /* 0: not known */
    char subject[REGAPI_SUBJECT_BYTES];
    /* JSON Schema or Avro schema text; for Protobuf a FileDescriptorSet with all that is imported
     * (but the well-known types), the schema itself last. */
    struct buf text;
};

void regapi_schema_done(struct regapi_schema *s);

struct regapi {
    const char *url; /* "http://localhost:8000", a path is kept, a trailing slash is not */
    struct http_client *http;
    uint64_t until_mono_ns; /* no request begins later: ERR_AGAIN; 0: whenever */
};

/* A version of a subject, or the latest. Errors, with `ret_why` naming the URL and what came:
 * ERR_UNKNOWN the registry says there is no such subject or version; ERR_SYNTAX the answer is none
 * of the API's, or an Avro or JSON schema has references; ERR_LIMIT too large, or too many
 * references; ERR_IO no answer, or an error of the registry's own; ERR_AGAIN the timeout;
 * ERR_NOMEM. */
MUST_CHECK err_t regapi_get_subject(const struct regapi *r, const char *subject, uint32_t version,
                                    struct schema_why *ret_why, struct regapi_schema *ret);

/* The same without the text of a Protobuf schema, which takes more questions: for who only wants to
 * know whether there is a newer version. */
MUST_CHECK err_t regapi_look_up_subject(const struct regapi *r, const char *subject,
                                        uint32_t version, struct schema_why *ret_why,
                                        struct regapi_schema *ret);

/* The schema with a global id, under the first subject that has it ("id-N" if none has it any
 * more). Errors as above. */
MUST_CHECK err_t regapi_get_id(const struct regapi *r, uint32_t id, struct schema_why *ret_why,
                               struct regapi_schema *ret);

/* The type's name in a subject: without -json, -avro, -proto, -value or -key at its end. */
struct span regapi_type_name(const char *subject);
