/* SPDX-License-Identifier: Apache-2.0
 *
 * web_files: the dashboard's files, put into the program at build time (cmake/WebFiles.cmake). */
#pragma once

#include "base/span.h"

struct web_file {
    const char *path; /* "/app.js"; the page itself is "/index.html" */
    const char *content_type;
    const char *etag; /* in quotes; changes with the content */
    struct span body;
};

extern const struct web_file web_files[];
extern const size_t web_files_count;
