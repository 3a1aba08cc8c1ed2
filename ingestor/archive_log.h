/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_log: what the archive reports, in the program's log. */
#pragma once

#include "archive/archive.h"

/* For struct archive_config; `arg` is not used. */
void archive_log_event(void *arg, const struct archive_event *event);
