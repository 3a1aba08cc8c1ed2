/* SPDX-License-Identifier: Apache-2.0
 *
 * Server-sent events: too many readers, no memory, slow readers, what a reader gets. */
#include "ingestor/events.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

static struct events *start(void)
{
    struct events *e = NULL;

    assert_ok(events_new(&e));
    return e;
}

static struct span next(struct http_reply_stream *stream)
{
    return stream->next(stream->arg);
}

static void refuses_more_readers_than_it_serves(void **state)
{
    struct events *e = start();
    struct http_reply_stream readers[EVENTS_READERS_MAX + 1];

    (void)state;
    for (unsigned i = 0; i < EVENTS_READERS_MAX; i++) {
        assert_ok(events_subscribe(e, &readers[i]));
    }
    assert_err(events_subscribe(e, &readers[EVENTS_READERS_MAX]), ERR_LIMIT);
    readers[5].end(readers[5].arg);
    assert_int_equal(events_reader_count(e), EVENTS_READERS_MAX - 1);
    assert_ok(events_subscribe(e, &readers[5]));
    for (unsigned i = 0; i < EVENTS_READERS_MAX; i++) {
        readers[i].end(readers[i].arg);
    }
    events_free(e);
}

static err_t try_new(void *arg)
{
    struct events *e = NULL;
    err_t err = events_new(&e);

    (void)arg;
    events_free(e);
    return err;
}

static err_t try_publish(void *arg)
{
    return events_publish(arg, SPAN_LIT("{\"n\":2}"));
}

static err_t try_subscribe(void *arg)
{
    struct http_reply_stream reader;
    err_t err = events_subscribe(arg, &reader);

    if (err == ERR_OK) {
        reader.end(reader.arg);
    }
    return err;
}

static void refuses_without_memory(void **state)
{
    struct events *e = start();
    struct http_reply_stream reader;

    (void)state;
    fail_alloc_walk(try_new, NULL);
    fail_alloc_walk(try_subscribe, e);
    assert_ok(events_publish(e, SPAN_LIT("{\"n\":1}")));
    fail_alloc_from(0);
    assert_err(events_publish(e, SPAN_LIT("{}")), ERR_NOMEM);
    assert_true(fail_alloc_end());
    assert_ok(events_subscribe(e, &reader));
    test_assert_span(next(&reader), "event: stats\ndata: {\"n\":1}\n\n");
    fail_alloc_walk(try_publish, e);
    test_assert_span(next(&reader), "event: stats\ndata: {\"n\":2}\n\n");
    reader.end(reader.arg);
    events_free(e);
}

static void gives_the_newest_at_once(void **state)
{
    struct events *e = start();
    struct http_reply_stream early;
    struct http_reply_stream late;

    (void)state;
    assert_ok(events_subscribe(e, &early));
    assert_int_equal(next(&early).len, 0);
    assert_ok(events_publish(e, SPAN_LIT("{\"n\":1}")));
    assert_ok(events_subscribe(e, &late));
    test_assert_span(next(&late), "event: stats\ndata: {\"n\":1}\n\n");
    test_assert_span(next(&early), "event: stats\ndata: {\"n\":1}\n\n");
    assert_int_equal(next(&early).len, 0);
    assert_int_equal(next(&late).len, 0);
    early.end(early.arg);
    late.end(late.arg);
    events_free(e);
}

static err_t try_set_history(void *arg)
{
    return events_set_history(arg, SPAN_LIT("{\"h\":3}"));
}

static void gives_the_history_first(void **state)
{
    struct events *e = start();
    struct http_reply_stream early;
    struct http_reply_stream late;
    struct http_reply_stream gone;

    (void)state;
    assert_ok(events_publish(e, SPAN_LIT("{\"n\":1}")));
    assert_ok(events_set_history(e, SPAN_LIT("{\"h\":1}")));
    assert_ok(events_subscribe(e, &early));
    assert_ok(events_subscribe(e, &gone));
    gone.end(gone.arg);
    assert_ok(events_set_history(e, SPAN_LIT("{\"h\":2}")));
    fail_alloc_from(0);
    assert_err(events_set_history(e, SPAN_LIT("{}")), ERR_NOMEM);
    assert_true(fail_alloc_end());
    assert_ok(events_subscribe(e, &late));
    test_assert_span(next(&early), "event: history\ndata: {\"h\":1}\n\n");
    test_assert_span(next(&late), "event: history\ndata: {\"h\":2}\n\n");
    test_assert_span(next(&early), "event: stats\ndata: {\"n\":1}\n\n");
    assert_int_equal(next(&early).len, 0);
    test_assert_span(next(&late), "event: stats\ndata: {\"n\":1}\n\n");
    fail_alloc_walk(try_set_history, e);
    early.end(early.arg);
    late.end(late.arg);
    events_free(e);
}

/* What a slow reader is reading stays as it is; then it gets the newest, not all in between. */
static void lets_slow_readers_miss_events(void **state)
{
    struct events *e = start();
    struct http_reply_stream slow;

    (void)state;
    assert_ok(events_subscribe(e, &slow));
    assert_ok(events_publish(e, SPAN_LIT("{\"n\":1}")));
    struct span reading = next(&slow);
    for (unsigned i = 0; i < 1000; i++) {
        assert_ok(events_publish(e, SPAN_LIT("{\"n\":2}")));
    }
    assert_ok(events_publish(e, SPAN_LIT("{\"n\":3}")));
    test_assert_span(reading, "event: stats\ndata: {\"n\":1}\n\n");
    test_assert_span(next(&slow), "event: stats\ndata: {\"n\":3}\n\n");
    assert_int_equal(next(&slow).len, 0);
    slow.end(slow.arg);
    events_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_more_readers_than_it_serves),
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(gives_the_newest_at_once),
        cmocka_unit_test(gives_the_history_first),
        cmocka_unit_test(lets_slow_readers_miss_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
