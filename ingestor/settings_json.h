/* SPDX-License-Identifier: Apache-2.0
 *
 * settings_json: every setting in effect, for /settings.json:
 *   {"settings": [{"name", "group", "value", "default", "origin": "default" | "file" |
 *     "environment" | "argument", "where": "FILE:LINE", "CORDWOOD_NAME", "--name" or "",
 *     "reload": whether SIGHUP changes it, "secret", "help"}]}
 * The text is made by the main thread, which alone reads the settings, whenever they change; others
 * get copies of it. */
#pragma once

#include "base/buf.h"
#include "base/option.h"

#include <pthread.h>

struct settings_json {
    pthread_mutex_t lock;
    struct buf text;
};

void settings_json_init(struct settings_json *s);
void settings_json_done(struct settings_json *s);

/* Appends the object. Of secret settings, and of the user in a URL, "(hidden)" is shown. What ends
 * the program instead of running it (--help) is left out. ERR_NOMEM leaves `out` as it was. */
MUST_CHECK err_t settings_json_render(const struct option_set *set, struct buf *out);

/* Main thread: what others read from now on. ERR_NOMEM: they read what was before. */
MUST_CHECK err_t settings_json_publish(struct settings_json *s, const struct option_set *set);

/* Any thread: appends the text. ERR_NOMEM. */
MUST_CHECK err_t settings_json_read(struct settings_json *s, struct buf *out);
