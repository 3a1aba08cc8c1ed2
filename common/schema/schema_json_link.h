/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_link: what the schemas of a document are called ($id, $anchor, $dynamicAnchor), and
 * which one a reference means. Source: JSON Schema core 2020-12 sections 8.2 and 9.1; draft-07
 * core section 8. */
#pragma once

#include "schema/schema_json_build.h"

/* Reads $id, $anchor and $dynamicAnchor of the site; an $id changes its resource. */
MUST_CHECK err_t schema_json_link_names(struct schema_json_build *b, struct schema_json_site *site);

/* Reads $ref and $dynamicRef into operations whose targets are looked for later. */
MUST_CHECK err_t schema_json_link_reference(struct schema_json_build *b,
                                            const struct schema_json_site *site,
                                            const char *keyword);

/* Finds the target of the next reference; it may be a schema that was not known yet. ERR_UNKNOWN:
 * it is not in the document. */
MUST_CHECK err_t schema_json_link_target(struct schema_json_build *b, uint32_t reference);

/* When all targets are known: orders the anchors and tells the dynamic references theirs. */
MUST_CHECK err_t schema_json_link_finish(struct schema_json_build *b);
