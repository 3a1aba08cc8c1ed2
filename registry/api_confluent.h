/* SPDX-License-Identifier: Apache-2.0
 *
 * api_confluent: /subjects, /schemas and /compatibility of the Confluent API. Source: Confluent
 * Platform 7.6, "Schema Registry API Reference". Each handler answers in `c->reply`, or returns
 * ERR_SYNTAX with `c->fault`. */
#pragma once

#include "registry/api_call.h"

MUST_CHECK err_t api_confluent_subjects(struct api_call *c);
MUST_CHECK err_t api_confluent_lookup(struct api_call *c);
MUST_CHECK err_t api_confluent_delete_subject(struct api_call *c);
MUST_CHECK err_t api_confluent_versions(struct api_call *c);
MUST_CHECK err_t api_confluent_register(struct api_call *c);
MUST_CHECK err_t api_confluent_version(struct api_call *c);
MUST_CHECK err_t api_confluent_version_schema(struct api_call *c);
MUST_CHECK err_t api_confluent_referenced_by(struct api_call *c);
MUST_CHECK err_t api_confluent_delete_version(struct api_call *c);
MUST_CHECK err_t api_confluent_compatible(struct api_call *c);
