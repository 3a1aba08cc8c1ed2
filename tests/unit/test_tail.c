/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines to those who watch: no memory, too many readers, unknown levels, too many lines, long ones,
 * filters, readers that do not keep up. */
#include "base/limits.h"
#include "ingestor/tail.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

static struct tail *start(unsigned shards)
{
    struct tail *t = NULL;

    assert_ok(tail_new(shards, &t));
    tail_tick(t, 0);
    return t;
}

static struct http_reply_stream watch(struct tail *t, const char *level, const char *text)
{
    struct http_reply_stream stream;
    struct tail_filter filter = {0};

    assert_ok(tail_level(level, &filter.least));
    snprintf(filter.text, sizeof(filter.text), "%s", text);
    assert_ok(tail_subscribe(t, &filter, &stream));
    return stream;
}

static void end(struct http_reply_stream *stream)
{
    stream->end(stream->arg);
}

static void offer(struct tail *t, unsigned shard, enum severity severity, struct span line)
{
    struct tail_line offered = {.wall_ns = 1700000000123456789u + shard,
                                .peer = "10.0.0.4:514",
                                .format = FORMAT_SYSLOG,
                                .severity = severity,
                                .line = line};

    tail_offer(t, shard, &offered);
}

/* What the reader has got since it was asked last, NUL-terminated. */
static const char *read_all(struct http_reply_stream *stream)
{
    static char text[2u << 20];
    struct span part = stream->next(stream->arg);

    assert_true(part.len < sizeof(text));
    if (part.len > 0) {
        memcpy(text, part.at, part.len);
    }
    text[part.len] = '\0';
    return text;
}

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;

    for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static err_t try_new(void *arg)
{
    struct tail *t = NULL;
    err_t err = tail_new(2, &t);

    (void)arg;
    tail_free(t);
    return err;
}

static err_t try_subscribe(void *arg)
{
    struct tail_filter filter = {.least = SEVERITY_OTHER};
    struct http_reply_stream stream;
    err_t err = tail_subscribe(arg, &filter, &stream);

    if (err == ERR_OK) {
        end(&stream);
    }
    return err;
}

/* An event for which there is no memory is left out as a whole. */
static void refuses_without_memory(void **state)
{
    (void)state;
    fail_alloc_walk(try_new, NULL);
    tail_free(NULL);
    struct tail *t = start(1);
    fail_alloc_walk(try_subscribe, t);
    struct http_reply_stream stream = watch(t, "", "");
    offer(t, 0, SEVERITY_INFO, SPAN_LIT("{}"));
    fail_alloc_from(0);
    tail_tick(t, 1);
    assert_true(fail_alloc_end());
    assert_string_equal(read_all(&stream), "");
    tail_tick(t, 1);
    assert_int_equal(count_of(read_all(&stream), "event: tail\n"), 1);
    end(&stream);
    tail_free(t);
}

static void refuses_more_readers_than_it_serves(void **state)
{
    struct tail *t = start(1);
    struct tail_filter filter = {.least = SEVERITY_OTHER};
    struct http_reply_stream streams[TAIL_READERS_MAX + 1];

    (void)state;
    for (unsigned i = 0; i < TAIL_READERS_MAX; i++) {
        streams[i] = watch(t, "", "");
    }
    assert_err(tail_subscribe(t, &filter, &streams[TAIL_READERS_MAX]), ERR_LIMIT);
    end(&streams[7]);
    streams[7] = watch(t, "", "");
    for (unsigned i = 0; i < TAIL_READERS_MAX; i++) {
        end(&streams[i]);
    }
    assert_false(tail_is_read(t));
    tail_free(t);
}

static void refuses_unknown_levels(void **state)
{
    enum severity severity = SEVERITY_COUNT;

    (void)state;
    assert_err(tail_level("loud", &severity), ERR_UNKNOWN);
    assert_err(tail_level(" warn", &severity), ERR_UNKNOWN);
    assert_int_equal(severity, SEVERITY_COUNT);
    assert_ok(tail_level("WARNING", &severity));
    assert_int_equal(severity, SEVERITY_WARNING);
    assert_ok(tail_level("", &severity));
    assert_int_equal(severity, SEVERITY_OTHER);
}

static void gives_lines_and_counts(void **state)
{
    struct tail *t = start(2);

    (void)state;
    assert_false(tail_is_read(NULL));
    assert_false(tail_is_read(t));
    tail_tick(t, 1000);
    struct http_reply_stream stream = watch(t, "", "");
    assert_true(tail_is_read(t));
    offer(t, 1, SEVERITY_ERR, SPAN_LIT("{\"message\":\"second\"}"));
    offer(t, 0, SEVERITY_OTHER, SPAN_LIT("{\"message\":\"first\"}"));
    tail_tick(t, 1002);
    assert_string_equal(
        read_all(&stream),
        "event: line\ndata: {\"at\":\"2023-11-14T22:13:20.123Z\",\"peer\":\"10.0.0.4:514\","
        "\"format\":\"syslog\",\"severity\":\"other\",\"line\":\"{\\u0022message\\u0022:"
        "\\u0022first\\u0022}\"}\n\n"
        "event: line\ndata: {\"at\":\"2023-11-14T22:13:20.123Z\",\"peer\":\"10.0.0.4:514\","
        "\"format\":\"syslog\",\"severity\":\"err\",\"line\":\"{\\u0022message\\u0022:"
        "\\u0022second\\u0022}\"}\n\n"
        "event: tail\ndata: {\"per_s\":2,\"looked_at\":2,\"sent\":2,\"sampled\":false}\n\n");
    assert_string_equal(read_all(&stream), "");
    tail_tick(t, 1002);
    assert_non_null(strstr(read_all(&stream), "\"per_s\":0,\"looked_at\":0,\"sent\":0"));
    end(&stream);
    tail_free(t);
}

static void filters_by_level_and_text(void **state)
{
    struct tail *t = start(1);
    struct http_reply_stream errors = watch(t, "err", "");
    struct http_reply_stream disk = watch(t, "", "disk FULL");

    (void)state;
    offer(t, 0, SEVERITY_CRIT, SPAN_LIT("melting"));
    offer(t, 0, SEVERITY_WARNING, SPAN_LIT("Disk full soon"));
    offer(t, 0, SEVERITY_INFO, SPAN_LIT("nothing"));
    tail_tick(t, 3);
    const char *text = read_all(&errors);
    assert_int_equal(count_of(text, "event: line"), 1);
    assert_non_null(strstr(text, "melting"));
    text = read_all(&disk);
    assert_int_equal(count_of(text, "event: line"), 1);
    assert_non_null(strstr(text, "Disk full soon"));
    assert_non_null(strstr(text, "\"looked_at\":3,\"sent\":1,\"sampled\":false"));
    end(&errors);
    end(&disk);
    tail_free(t);
}

/* Errors that come last, among a thousand times as many, are seen all the same. */
static void keeps_a_share_for_errors(void **state)
{
    struct tail *t = start(2);
    struct http_reply_stream stream = watch(t, "", "");

    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 5000; i++) {
            offer(t, i % 2, SEVERITY_INFO, SPAN_LIT("many"));
        }
        offer(t, 0, SEVERITY_ERR, SPAN_LIT("rare"));
        offer(t, 1, SEVERITY_WARNING, SPAN_LIT("odd"));
        tail_tick(t, 10000 * (round + 1));
        const char *text = read_all(&stream);
        assert_in_range(count_of(text, "event: line"), 100, TAIL_LINES_PER_S);
        assert_int_equal(count_of(text, "rare"), 1);
        assert_int_equal(count_of(text, "odd"), 1);
        assert_non_null(strstr(text, "\"sampled\":true"));
    }
    end(&stream);
    tail_free(t);
}

static void cuts_long_lines_between_characters(void **state)
{
    struct tail *t = start(1);
    struct http_reply_stream stream = watch(t, "", "");
    static char line[3 * TAIL_LINE_BYTES];

    (void)state;
    for (size_t i = 0; i + 3 <= sizeof(line); i += 3) {
        memcpy(line + i, "\xe2\x82\xac", 3);
    }
    offer(t, 0, SEVERITY_INFO, span_of(line, sizeof(line)));
    tail_tick(t, 1);
    assert_int_equal(count_of(read_all(&stream), "\xe2\x82\xac"), TAIL_LINE_BYTES / 3);
    end(&stream);
    tail_free(t);
}

/* A reader that takes nothing misses events, whole ones, and its memory has an end. */
static void lets_slow_readers_miss_lines(void **state)
{
    struct tail *t = start(1);
    struct http_reply_stream slow = watch(t, "", "");
    static char line[TAIL_LINE_BYTES];

    (void)state;
    memset(line, 'x', sizeof(line));
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < TAIL_LINES_PER_S; i++) {
            offer(t, 0, SEVERITY_INFO, span_of(line, sizeof(line)));
        }
        tail_tick(t, round);
    }
    const char *text = read_all(&slow);
    assert_in_range(strlen(text), 500 * KIB, 600 * KIB);
    assert_int_equal(count_of(text, "event: "), count_of(text, "}\n\n"));
    tail_tick(t, 100);
    assert_int_equal(count_of(read_all(&slow), "event: tail"), 1);
    end(&slow);
    tail_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_without_memory),
        cmocka_unit_test(refuses_more_readers_than_it_serves),
        cmocka_unit_test(refuses_unknown_levels),
        cmocka_unit_test(gives_lines_and_counts),
        cmocka_unit_test(filters_by_level_and_text),
        cmocka_unit_test(keeps_a_share_for_errors),
        cmocka_unit_test(cuts_long_lines_between_characters),
        cmocka_unit_test(lets_slow_readers_miss_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
