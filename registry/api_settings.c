/* SPDX-License-Identifier: Apache-2.0
 *
 * api_settings: levels and modes. */
#include "registry/api_settings.h"

#include "registry/registry_settings.h"

/* "" for the setting of all. */
static const char *subject_of(const struct api_call *c)
{
    return c->part_count > 1 ? c->parts[1] : "";
}

static err_t answer(struct api_call *c, const char *key, const char *value)
{
    api_reply_json(c->reply, json_pack("{s:s}", key, value));
    return ERR_OK;
}

/* Releases the body; the text that `key` has in it, or "". */
static void take_text(json_t *body, const char *key, char ret[STORE_SETTING_BYTES])
{
    const char *text = json_string_value(json_object_get(body, key));
    size_t len = text == NULL ? 0 : strlen(text);

    ret[0] = '\0';
    if (len < STORE_SETTING_BYTES && len > 0) {
        memcpy(ret, text, len + 1);
    }
    json_decref(body);
}

/* ---- compatibility ---- */

err_t api_settings_level(struct api_call *c)
{
    const char *subject = subject_of(c);
    enum registry_level level = REGISTRY_BACKWARD;
    bool is_set = false;

    TRY(registry_settings_own_level(c->rules, subject, &c->fault, &is_set, &level));
    if (!is_set && subject[0] != '\0') {
        if (!api_call_flag(c, "defaultToGlobal")) {
            return api_fault_set(&c->fault, API_NO_SUBJECT_CONFIG,
                                 "Subject '%.600s' does not have subject-level compatibility "
                                 "configured",
                                 subject);
        }
        TRY(registry_settings_level(c->rules, subject, &c->fault, &level));
    }
    return answer(c, "compatibilityLevel", registry_settings_level_name(level));
}

err_t api_settings_put_level(struct api_call *c)
{
    enum registry_level level = REGISTRY_BACKWARD;
    char text[STORE_SETTING_BYTES];
    json_t *body = NULL;

    TRY(api_call_body(c, &body));
    take_text(body, "compatibility", text);
    if (!registry_settings_level_find(text, &level)) {
        return api_fault_set(&c->fault, API_BAD_LEVEL,
                             "Invalid compatibility level. Valid values are none, backward, "
                             "forward, full, backward_transitive, forward_transitive, and "
                             "full_transitive");
    }
    TRY(registry_settings_writable(c->rules, subject_of(c), &c->fault));
    const char *name = registry_settings_level_name(level);
    TRY(registry_settings_put(c->rules, STORE_LEVEL, subject_of(c), name, &c->fault));
    return answer(c, "compatibility", name);
}

err_t api_settings_delete_level(struct api_call *c)
{
    const char *subject = subject_of(c);
    enum registry_level level = REGISTRY_BACKWARD;
    bool is_set = false;

    TRY(registry_settings_own_level(c->rules, subject, &c->fault, &is_set, &level));
    if (!is_set && subject[0] != '\0') {
        return api_fault_set(&c->fault, API_NO_SUBJECT, "Subject '%.600s' not found.", subject);
    }
    TRY(registry_settings_writable(c->rules, subject, &c->fault));
    TRY(registry_settings_put(c->rules, STORE_LEVEL, subject, NULL, &c->fault));
    return answer(c, "compatibilityLevel", registry_settings_level_name(level));
}

/* ---- modes ---- */

err_t api_settings_mode(struct api_call *c)
{
    const char *subject = subject_of(c);
    enum registry_mode mode = REGISTRY_READWRITE;
    bool is_set = false;

    TRY(registry_settings_own_mode(c->rules, subject, &c->fault, &is_set, &mode));
    if (!is_set && subject[0] != '\0') {
        if (!api_call_flag(c, "defaultToGlobal")) {
            return api_fault_set(&c->fault, API_NO_SUBJECT_MODE,
                                 "Subject '%.600s' does not have subject-level mode configured",
                                 subject);
        }
        TRY(registry_settings_mode(c->rules, subject, &c->fault, &mode));
    }
    return answer(c, "mode", registry_settings_mode_name(mode));
}

static err_t any_row(void *arg, const struct store_version *row)
{
    (void)row;
    *(bool *)arg = true;
    return ERR_OK;
}

static err_t purge(struct api_call *c, const char *subject)
{
    struct store *store = c->rules->store;
    TRY(api_fault_store(&c->fault, store_begin(store), store));
    err_t err = store_purge(store, subject);

    err = err == ERR_OK ? store_commit(store) : err;
    if (err != ERR_OK) {
        err = api_fault_store(&c->fault, err, store);
        store_rollback(store);
    }
    return err;
}

/* Ids that are brought from elsewhere must not meet ids that are in use; what was deleted gives its
 * own back. */
static err_t prepare_import(struct api_call *c, const char *subject)
{
    enum registry_mode now = REGISTRY_READWRITE;
    bool found = false;

    TRY(registry_settings_mode(c->rules, subject, &c->fault, &now));
    if (now == REGISTRY_IMPORT || api_call_flag(c, "force")) {
        return ERR_OK;
    }
    err_t err = subject[0] == '\0'
                    ? store_subjects(c->rules->store, "", STORE_LIVE, any_row, &found)
                    : store_versions(c->rules->store, subject, STORE_LIVE, any_row, &found);
    TRY(api_fault_store(&c->fault, err, c->rules->store));
    return found ? api_fault_set(&c->fault, API_NOT_PERMITTED,
                                 "Cannot import since found existing subjects")
                 : purge(c, subject);
}

err_t api_settings_put_mode(struct api_call *c)
{
    enum registry_mode mode = REGISTRY_READWRITE;
    char text[STORE_SETTING_BYTES];
    json_t *body = NULL;

    TRY(api_call_body(c, &body));
    take_text(body, "mode", text);
    if (!registry_settings_mode_find(text, &mode)) {
        return api_fault_set(&c->fault, API_BAD_MODE,
                             "Invalid mode. Valid values are READWRITE, READONLY, "
                             "READONLY_OVERRIDE, and IMPORT");
    }
    if (mode == REGISTRY_IMPORT) {
        TRY(prepare_import(c, subject_of(c)));
    }
    const char *name = registry_settings_mode_name(mode);
    TRY(registry_settings_put(c->rules, STORE_MODE, subject_of(c), name, &c->fault));
    return answer(c, "mode", name);
}

err_t api_settings_delete_mode(struct api_call *c)
{
    const char *subject = subject_of(c);
    enum registry_mode mode = REGISTRY_READWRITE;
    bool is_set = false;

    TRY(registry_settings_own_mode(c->rules, subject, &c->fault, &is_set, &mode));
    if (!is_set && subject[0] != '\0') {
        return api_fault_set(&c->fault, API_NO_SUBJECT, "Subject '%.600s' not found.", subject);
    }
    TRY(registry_settings_put(c->rules, STORE_MODE, subject, NULL, &c->fault));
    return answer(c, "mode", registry_settings_mode_name(mode));
}
