/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_report: wording of events. */
#include "archive/archive_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_BYTES_MAX 512u

void archive_report(const struct archive_config *config, enum archive_event_kind kind,
                    const char *path, const char *format, ...)
{
    char text[TEXT_BYTES_MAX];
    va_list args;

    if (config->report == NULL) {
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    config->report(config->report_arg,
                   &(struct archive_event){.kind = kind, .path = path, .text = text});
}

const char *archive_report_error(int error)
{
    const char *text = strerrordesc_np(error);

    return text == NULL ? "unknown error" : text;
}
