/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_settings: compatibility levels and modes, of a subject or of all that have none of their
 * own (subject ""). */
#pragma once

#include "registry/registry_rules.h"

enum registry_level {
    REGISTRY_NONE,
    REGISTRY_BACKWARD,
    REGISTRY_BACKWARD_TRANSITIVE,
    REGISTRY_FORWARD,
    REGISTRY_FORWARD_TRANSITIVE,
    REGISTRY_FULL,
    REGISTRY_FULL_TRANSITIVE
};

enum registry_mode {
    REGISTRY_READWRITE,
    REGISTRY_READONLY,
    REGISTRY_READONLY_OVERRIDE,
    REGISTRY_IMPORT
};

/* Names, upper case. Never NULL. */
const char *registry_settings_level_name(enum registry_level level);
const char *registry_settings_mode_name(enum registry_mode mode);

/* By name in any case. False: it is none. */
bool registry_settings_level_find(const char *name, enum registry_level *ret);
bool registry_settings_mode_find(const char *name, enum registry_mode *ret);

/* What is set for exactly this subject: `*ret_is_set`; a store without setting for "" has the
 * default, BACKWARD and READWRITE. */
MUST_CHECK err_t registry_settings_own_level(struct registry_rules *r, const char *subject,
                                             struct api_fault *fault, bool *ret_is_set,
                                             enum registry_level *ret);
MUST_CHECK err_t registry_settings_own_mode(struct registry_rules *r, const char *subject,
                                            struct api_fault *fault, bool *ret_is_set,
                                            enum registry_mode *ret);

/* What holds for a subject: its own, else that of all; READONLY_OVERRIDE of all comes before its
 * own. */
MUST_CHECK err_t registry_settings_level(struct registry_rules *r, const char *subject,
                                         struct api_fault *fault, enum registry_level *ret);
MUST_CHECK err_t registry_settings_mode(struct registry_rules *r, const char *subject,
                                        struct api_fault *fault, enum registry_mode *ret);

/* Sets; `value` NULL removes. Fault: store. */
MUST_CHECK err_t registry_settings_put(struct registry_rules *r, enum store_setting what,
                                       const char *subject, const char *value,
                                       struct api_fault *fault);

/* Fault API_NOT_PERMITTED if the subject's mode forbids changes. */
MUST_CHECK err_t registry_settings_writable(struct registry_rules *r, const char *subject,
                                            struct api_fault *fault);
