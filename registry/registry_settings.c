/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_settings: names in the store, numbers in the program. */
#include "registry/registry_settings.h"

#include <strings.h>

static const char *const levels[] = {
    [REGISTRY_NONE] = "NONE",
    [REGISTRY_BACKWARD] = "BACKWARD",
    [REGISTRY_BACKWARD_TRANSITIVE] = "BACKWARD_TRANSITIVE",
    [REGISTRY_FORWARD] = "FORWARD",
    [REGISTRY_FORWARD_TRANSITIVE] = "FORWARD_TRANSITIVE",
    [REGISTRY_FULL] = "FULL",
    [REGISTRY_FULL_TRANSITIVE] = "FULL_TRANSITIVE",
};

static const char *const modes[] = {
    [REGISTRY_READWRITE] = "READWRITE",
    [REGISTRY_READONLY] = "READONLY",
    [REGISTRY_READONLY_OVERRIDE] = "READONLY_OVERRIDE",
    [REGISTRY_IMPORT] = "IMPORT",
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))
#define MODES  (sizeof(modes) / sizeof(modes[0]))

static bool find(const char *const *names, size_t count, const char *name, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcasecmp(names[i], name) == 0) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *registry_settings_level_name(enum registry_level level)
{
    return levels[level];
}

const char *registry_settings_mode_name(enum registry_mode mode)
{
    return modes[mode];
}

bool registry_settings_level_find(const char *name, enum registry_level *ret)
{
    unsigned found = 0;

    if (!find(levels, LEVELS, name, &found)) {
        return false;
    }
    *ret = (enum registry_level)found;
    return true;
}

bool registry_settings_mode_find(const char *name, enum registry_mode *ret)
{
    unsigned found = 0;

    if (!find(modes, MODES, name, &found)) {
        return false;
    }
    *ret = (enum registry_mode)found;
    return true;
}

/* The text that is set, "" for none. */
static err_t own(struct registry_rules *r, enum store_setting what, const char *subject,
                 struct api_fault *fault, char ret[STORE_SETTING_BYTES])
{
    err_t err = store_setting_get(r->store, what, subject, ret);

    if (err == ERR_UNKNOWN) {
        ret[0] = '\0';
        return ERR_OK;
    }
    return api_fault_store(fault, err, r->store);
}

err_t registry_settings_own_level(struct registry_rules *r, const char *subject,
                                  struct api_fault *fault, bool *ret_is_set,
                                  enum registry_level *ret)
{
    char text[STORE_SETTING_BYTES];

    TRY(own(r, STORE_LEVEL, subject, fault, text));
    *ret = REGISTRY_BACKWARD;
    *ret_is_set = registry_settings_level_find(text, ret);
    return ERR_OK;
}

err_t registry_settings_own_mode(struct registry_rules *r, const char *subject,
                                 struct api_fault *fault, bool *ret_is_set, enum registry_mode *ret)
{
    char text[STORE_SETTING_BYTES];

    TRY(own(r, STORE_MODE, subject, fault, text));
    *ret = REGISTRY_READWRITE;
    *ret_is_set = registry_settings_mode_find(text, ret);
    return ERR_OK;
}

err_t registry_settings_level(struct registry_rules *r, const char *subject,
                              struct api_fault *fault, enum registry_level *ret)
{
    bool is_set = false;

    TRY(registry_settings_own_level(r, subject, fault, &is_set, ret));
    return is_set ? ERR_OK : registry_settings_own_level(r, "", fault, &is_set, ret);
}

err_t registry_settings_mode(struct registry_rules *r, const char *subject, struct api_fault *fault,
                             enum registry_mode *ret)
{
    enum registry_mode global = REGISTRY_READWRITE;
    bool is_set = false;

    TRY(registry_settings_own_mode(r, "", fault, &is_set, &global));
    TRY(registry_settings_own_mode(r, subject, fault, &is_set, ret));
    if (!is_set || global == REGISTRY_READONLY_OVERRIDE) {
        *ret = global;
    }
    return ERR_OK;
}

err_t registry_settings_put(struct registry_rules *r, enum store_setting what, const char *subject,
                            const char *value, struct api_fault *fault)
{
    return api_fault_store(fault, store_setting_put(r->store, what, subject, value), r->store);
}

err_t registry_settings_writable(struct registry_rules *r, const char *subject,
                                 struct api_fault *fault)
{
    enum registry_mode mode = REGISTRY_READWRITE;

    TRY(registry_settings_mode(r, subject, fault, &mode));
    if (mode == REGISTRY_READONLY || mode == REGISTRY_READONLY_OVERRIDE) {
        return api_fault_set(fault, API_NOT_PERMITTED, "Subject %.400s is in read-only mode",
                             subject[0] == '\0' ? "null" : subject);
    }
    return ERR_OK;
}
