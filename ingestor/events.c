/* SPDX-License-Identifier: Apache-2.0
 *
 * events: an event is a counted, unchanging text; the newest is held here, each reader holds the
 * one it is reading. So the memory is bounded by the number of readers, however slow they are. */
#include "ingestor/events.h"

#include "base/buf.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct event {
    uint64_t number;
    unsigned holders;
    struct buf text;
};

struct events {
    struct event *newest;  /* NULL before the first one */
    struct event *history; /* likewise */
    uint64_t number;       /* of the newest */
    unsigned reader_count;
};

struct reader {
    struct events *events;
    struct event *first; /* until it is taken */
    struct event *reading;
    uint64_t number; /* of the last one taken */
};

static void event_release(struct event *event)
{
    if (event != NULL && --event->holders == 0) {
        buf_done(&event->text);
        free(event);
    }
}

err_t events_new(struct events **ret)
{
    struct events *e = calloc(1, sizeof(*e));

    ENSURE(e != NULL, ERR_NOMEM);
    *ret = e;
    return ERR_OK;
}

void events_free(struct events *e)
{
    if (e == NULL) {
        return;
    }
    assert(e->reader_count == 0);
    event_release(e->newest);
    event_release(e->history);
    free(e);
}

/* Held once, by the caller. */
MUST_CHECK static err_t event_new(const char *name, struct span json, struct event **ret)
{
    struct event *event = calloc(1, sizeof(*event));

    assert(span_find(json, '\n') == json.len);
    ENSURE(event != NULL, ERR_NOMEM);
    if (buf_printf(&event->text, "event: %s\ndata: %.*s\n\n", name, (int)json.len, json.at) !=
        ERR_OK) {
        free(event);
        return ERR_NOMEM;
    }
    event->holders = 1;
    *ret = event;
    return ERR_OK;
}

err_t events_publish(struct events *e, struct span json)
{
    struct event *event = NULL;

    TRY(event_new("stats", json, &event));
    event->number = ++e->number;
    event_release(e->newest);
    e->newest = event;
    return ERR_OK;
}

static struct span reader_next(void *arg)
{
    struct reader *r = arg;
    struct event *newest = r->events->newest;

    event_release(r->reading);
    r->reading = r->first;
    r->first = NULL;
    if (r->reading != NULL) {
        return buf_span(&r->reading->text);
    }
    if (newest == NULL || newest->number == r->number) {
        return span_of(NULL, 0);
    }
    newest->holders++;
    r->reading = newest;
    r->number = newest->number;
    return buf_span(&newest->text);
}

static void reader_end(void *arg)
{
    struct reader *r = arg;

    event_release(r->first);
    event_release(r->reading);
    r->events->reader_count--;
    free(r);
}

err_t events_set_history(struct events *e, struct span json)
{
    struct event *event = NULL;

    TRY(event_new("history", json, &event));
    event_release(e->history);
    e->history = event;
    return ERR_OK;
}

err_t events_subscribe(struct events *e, struct http_reply_stream *ret)
{
    ENSURE(e->reader_count < EVENTS_READERS_MAX, ERR_LIMIT);

    struct reader *r = calloc(1, sizeof(*r));
    ENSURE(r != NULL, ERR_NOMEM);
    if (e->history != NULL) {
        e->history->holders++;
        r->first = e->history;
    }
    r->events = e;
    e->reader_count++;
    *ret = (struct http_reply_stream){.next = reader_next, .end = reader_end, .arg = r};
    return ERR_OK;
}

unsigned events_reader_count(const struct events *e)
{
    return e->reader_count;
}
