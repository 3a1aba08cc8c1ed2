/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of rejected records: what the ingestor's renderer writes comes back byte for byte; whatever
 * else stands there is refused, not sent. */
#include "client/replay_line.h"

#include "render/render_reject.h"
#include "tests/support/test.h"

#include <stdlib.h>

static enum replay_line_verdict parse(struct span line, struct buf *payload, uint8_t *format)
{
    enum replay_line_verdict verdict = REPLAY_LINE_VERDICTS;

    /* A copy without a byte behind it: reading beyond the end is found. */
    char *copy = malloc(line.len + 1);
    assert_non_null(copy);
    memcpy(copy, line.at, line.len);
    assert_ok(replay_line_parse(span_of(copy, line.len), payload, format, &verdict));
    free(copy);
    return verdict;
}

static void hostile_lines_are_bad(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "{}",
        "[]",
        "null",
        "\"payload\"",
        "{\"format\":\"json\",\"length\":2,\"payload\":\"{}\"",
        "{\"format\":\"json\",\"length\":2,\"payload\":\"{}\"} x",
        "{\"format\":\"json\",\"length\":2}",
        "{\"length\":2,\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"length\":-1,\"payload\":\"\"}",
        "{\"format\":\"json\",\"length\":2.0,\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"length\":\"2\",\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"length\":99999999999999999999,\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"length\":1,\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"length\":2,\"payload\":17}",
        "{\"format\":\"json\",\"length\":2,\"payload\":\"{}\",\"payload_base64\":\"e30=\"}",
        "{\"format\":\"json\",\"length\":2,\"payload_base64\":\"e3\"}",
        "{\"format\":\"json\",\"length\":2,\"payload_base64\":\"e3 0=\"}",
        "{\"format\":\"json\",\"length\":2,\"payload_base64\":\"====\"}",
        "{\"format\":\"xml\",\"length\":2,\"payload\":\"{}\"}",
        "{\"format\":\"json\\u0000\",\"length\":2,\"payload\":\"{}\"}",
        "{\"format\":2,\"length\":2,\"payload\":\"{}\"}",
        "{\"format\":\"json\",\"format\":\"raw\",\"length\":2,\"payload\":\"{}\"}",
        "{\"format\":\"raw\",\"length\":1,\"payload\":\"\xff\"}",
        "{\"format\":\"raw\",\"length\":3,\"payload\":\"\\ud800\"}",
    };
    struct buf payload = {0};
    uint8_t format = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        assert_int_equal(parse(span_of_str(bad[i]), &payload, &format), REPLAY_LINE_BAD);
    }
    buf_done(&payload);
}

static void deep_and_long_lines_are_bad(void **state)
{
    struct buf payload = {0};
    struct buf line = {0};
    uint8_t format = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        assert_ok(buf_append(&line, SPAN_LIT("[")));
    }
    assert_int_equal(parse(buf_span(&line), &payload, &format), REPLAY_LINE_BAD);
    line.len = 0;
    assert_ok(buf_append(&line, SPAN_LIT("{\"format\":\"raw\",\"length\":1,\"payload\":\"x\"}")));
    while (line.len <= REPLAY_LINE_BYTES_MAX) {
        assert_ok(buf_append(&line, SPAN_LIT("                                ")));
    }
    assert_int_equal(parse(buf_span(&line), &payload, &format), REPLAY_LINE_BAD);
    buf_done(&line);
    buf_done(&payload);
}

static void what_cannot_be_sent_is_told_apart(void **state)
{
    static const struct {
        const char *line;
        enum replay_line_verdict verdict;
    } rows[] = {
        {"{\"format\":\"json\",\"length\":3,\"payload\":\"{}\"}", REPLAY_LINE_CUT},
        {"{\"format\":\"avro\",\"length\":70000,\"payload_base64\":\"e30=\"}", REPLAY_LINE_CUT},
        {"{\"format\":\"json\",\"length\":0,\"payload\":\"\"}", REPLAY_LINE_EMPTY},
        {"{\"format\":\"unknown\",\"length\":3,\"payload\":\"GET\"}", REPLAY_LINE_UNKNOWN},
        {"{\"format\":\"unknown\",\"length\":0,\"payload\":\"GET\"}", REPLAY_LINE_UNKNOWN},
    };
    struct buf payload = {0};
    uint8_t format = 0;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        assert_int_equal(parse(span_of_str(rows[i].line), &payload, &format), rows[i].verdict);
    }
    buf_done(&payload);
}

/* What the ingestor writes for this payload. */
static void render(enum format format, struct span bytes, struct buf *out)
{
    const struct reject reject = {.payload = bytes,
                                  .length = bytes.len,
                                  .detail = "at byte 1",
                                  .format = (uint8_t)format,
                                  .reason = REASON_BAD_JSON};
    const struct render_reject_facts facts = {
        .received_at = text_of(SPAN_LIT("2026-11-21T04:11:45.123456Z"), TEXT_CLEAN),
        .peer = SPAN_LIT("[::1]:4242")};

    out->len = 0;
    assert_ok(buf_reserve(out, render_reject_bound(&reject, &facts)));
    out->len = (size_t)(render_reject_line(&reject, &facts, out->at) - out->at) - 1;
}

static void what_was_rendered_comes_back(void **state)
{
    static const uint8_t frames[] = {[FORMAT_JSON] = 1, [FORMAT_PROTO] = 2,  [FORMAT_AVRO] = 3,
                                     [FORMAT_RAW] = 4,  [FORMAT_SYSLOG] = 4, [FORMAT_JOURNALD] = 4};
    char every_byte[256];
    struct buf line = {0};
    struct buf payload = {0};

    (void)state;
    for (int i = 0; i < 256; i++) {
        every_byte[i] = (char)i;
    }
    for (int format = FORMAT_JSON; format <= FORMAT_JOURNALD; format++) {
        for (size_t len = 1; len <= 256; len++) { /* to 128 it is text, beyond base64 */
            uint8_t frame = 0;
            render((enum format)format, span_of(every_byte, len), &line);
            assert_int_equal(parse(buf_span(&line), &payload, &frame), REPLAY_LINE_SEND);
            assert_int_equal(frame, frames[format]);
            assert_true(span_equal(buf_span(&payload), span_of(every_byte, len)));
        }
    }
    buf_done(&line);
    buf_done(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_lines_are_bad),
        cmocka_unit_test(deep_and_long_lines_are_bad),
        cmocka_unit_test(what_cannot_be_sent_is_told_apart),
        cmocka_unit_test(what_was_rendered_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
