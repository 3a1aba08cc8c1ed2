/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_compat: whether a schema may follow the versions of a subject, by the level in force. */
#pragma once

#include "registry/registry_settings.h"

/* What a schema is compared with. */
struct registry_compat_scope {
    const char *subject;
    uint32_t version; /* this one only; 0: those that the level wants */
    enum registry_level level;
};

/* ERR_OK: it may. ERR_EXISTS: it may not; `ret_why` names the version and what differs. ERR_SYNTAX:
 * `fault` says what failed. A subject without versions takes everything. */
MUST_CHECK err_t registry_compat_check(struct registry_rules *r,
                                       const struct registry_compat_scope *scope,
                                       const struct registry_compile *schema,
                                       struct schema_why *ret_why, struct api_fault *fault);
