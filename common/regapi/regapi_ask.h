/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_ask: one question to a registry: its URL, and what the status of the answer means.
 *
 *   struct regapi_ask ask = {0};
 *   err_t err = buf_printf(&ask.path, "/schemas/ids/%u", id);
 *   err = err != ERR_OK ? err : regapi_ask_send(r, &ask);
 *   err = err != ERR_OK ? err : (read ask.answer.body; what is wrong goes into ask.why);
 *   return regapi_ask_end(r, &ask, err, ret_why);
 */
#pragma once

#include "regapi/regapi.h"

struct regapi_ask {
    struct buf path; /* behind the registry's URL */
    struct http_client_answer answer;
    struct schema_why why;
};

/* Appends a subject to the path, escaped. ERR_NOMEM. */
MUST_CHECK err_t regapi_ask_add_subject(struct regapi_ask *ask, const char *subject);

/* ERR_OK: the answer is there, and its status is 200. Errors as regapi_get_subject(). */
MUST_CHECK err_t regapi_ask_send(const struct regapi *r, struct regapi_ask *ask);

/* Frees what the question holds. Returns `err`; unless it is ERR_OK, `ret_why` becomes the URL and
 * what was wrong. */
MUST_CHECK err_t regapi_ask_end(const struct regapi *r, struct regapi_ask *ask, err_t err,
                                struct schema_why *ret_why);
