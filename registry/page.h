/* SPDX-License-Identifier: Apache-2.0
 *
 * page: what a browser sees: the subjects; with ?subject= its versions; with &version= the text of
 * one. Every text is escaped; the policy allows no scripts and no styles but /page.css. */
#pragma once

#include "registry/api_call.h"

/* Whether an Accept header asks for a page. */
bool page_is_wanted(const char *accept);

MUST_CHECK err_t page_answer(struct api_call *c);
MUST_CHECK err_t page_style(struct api_call *c);

/* Appends text as HTML text or attribute value. ERR_NOMEM. */
MUST_CHECK err_t page_escape(struct span text, struct buf *out);
