/* SPDX-License-Identifier: Apache-2.0
 *
 * api_go: the go-client's API, /schema/…: plain text answers, JSON where a schema is read. The
 * schema NAME of format FORMAT is the subject NAME-FORMAT. A handler answers in `c->reply`, or
 * returns ERR_SYNTAX with `c->fault`, which api_go_refuse() makes an answer of. */
#pragma once

#include "registry/api_call.h"

MUST_CHECK err_t api_go_register(struct api_call *c);
MUST_CHECK err_t api_go_get(struct api_call *c);
MUST_CHECK err_t api_go_list(struct api_call *c);
MUST_CHECK err_t api_go_descriptor(struct api_call *c);
MUST_CHECK err_t api_go_validate(struct api_call *c);

void api_go_refuse(struct http_reply *reply, const struct api_fault *fault);
