/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_log: one line an event. */
#include "ingestor/archive_log.h"

#include "base/log.h"

static enum log_level level_of_event(enum archive_event_kind kind)
{
    switch (kind) {
    case ARCHIVE_EVENT_PUBLISHED:
    case ARCHIVE_EVENT_RETAINED:
    case ARCHIVE_EVENT_RESUMED:
        return LOG_INFO;
    case ARCHIVE_EVENT_RECOVERED:
    case ARCHIVE_EVENT_REJECTED_FULL:
        return LOG_WARN;
    case ARCHIVE_EVENT_STALLED:
    case ARCHIVE_EVENT_IO_ERROR:
        return LOG_ERROR;
    }
    return LOG_ERROR;
}

/* What must be in the log each time; the rest may come in bursts, and is limited. */
static bool is_held_back(enum archive_event_kind kind)
{
    return kind == ARCHIVE_EVENT_IO_ERROR;
}

void archive_log_event(void *arg, const struct archive_event *event)
{
    static const char *const names[] = {
        [ARCHIVE_EVENT_PUBLISHED] = "published",
        [ARCHIVE_EVENT_RECOVERED] = "recovered",
        [ARCHIVE_EVENT_RETAINED] = "retained",
        [ARCHIVE_EVENT_STALLED] = "stalled",
        [ARCHIVE_EVENT_RESUMED] = "resumed",
        [ARCHIVE_EVENT_IO_ERROR] = "io_error",
        [ARCHIVE_EVENT_REJECTED_FULL] = "rejected_full",
    };

    (void)arg;
    if (is_held_back(event->kind)) {
        LOG(level_of_event(event->kind), "archive", "event=%s path=%s %s", names[event->kind],
            event->path, event->text);
        return;
    }
    LOG_EACH(level_of_event(event->kind), "archive", "event=%s path=%s %s", names[event->kind],
             event->path, event->text);
}
