/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_delete: soft and permanent deletion. Soft hides, and can be undone only by registering
 * again; permanent follows soft. What live schemas refer to stays. */
#pragma once

#include "registry/registry_rules.h"

#include <jansson.h>

/* Deletes all versions of a subject, with its own level and mode. Writes the numbers of the
 * versions, an array to be released. Faults: no subject, subject soft deleted, subject not deleted,
 * reference exists, not permitted, store. */
MUST_CHECK err_t registry_delete_subject(struct registry_rules *r, const char *subject,
                                         enum store_removal how, struct api_fault *fault,
                                         json_t **ret);

/* Deletes a version, "latest" too. Faults: as above, and bad version, no version, version soft
 * deleted, version not deleted. */
MUST_CHECK err_t registry_delete_version(struct registry_rules *r,
                                         const struct registry_place *place, enum store_removal how,
                                         struct api_fault *fault, uint32_t *ret_version);
