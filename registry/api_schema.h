/* SPDX-License-Identifier: Apache-2.0
 *
 * api_schema: schemas in requests and answers of the Confluent API, and the paths below /schemas
 * (see api_confluent.h). */
#pragma once

#include "registry/api_call.h"

/* What a request body says; `request` borrows from `body`, which is to be released. Faults: bad
 * request, bad schema (an unknown type, no text). */
MUST_CHECK err_t api_schema_request(struct api_call *c, json_t **ret_body,
                                    struct registry_request *ret);

/* A version with its schema: subject, version, id, schemaType, references, schema. NULL: no
 * memory. */
json_t *api_schema_version(const struct store_version *row, const struct store_schema *schema);

/* Replaces the text as ?format= asks: "serialized" is a FileDescriptorProto in base64. */
MUST_CHECK err_t api_schema_format(struct api_call *c, struct store_schema *schema);

MUST_CHECK err_t api_schema_types(struct api_call *c);
MUST_CHECK err_t api_schema_by_id(struct api_call *c);
MUST_CHECK err_t api_schema_text_by_id(struct api_call *c);
MUST_CHECK err_t api_schema_subjects_by_id(struct api_call *c);
MUST_CHECK err_t api_schema_versions_by_id(struct api_call *c);
