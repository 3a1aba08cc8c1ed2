/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_report: events for the program's log, worded here. */
#pragma once

#include "archive/archive.h"

/* Formats `text` and calls the configured function. Any thread but a shard's. */
void archive_report(const struct archive_config *config, enum archive_event_kind kind,
                    const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What an errno means, for error="…" in a text. Static. */
const char *archive_report_error(int error);
