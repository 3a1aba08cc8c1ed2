/* SPDX-License-Identifier: Apache-2.0
 *
 * Sniffing: what is refused, what is recognised, and that an answer once given survives every
 * longer prefix of the same stream. */
#include "ingestor/sniff.h"
#include "tests/support/test.h"

struct sample {
    struct span stream;
    err_t want;
    enum sniff_kind kind;
    size_t skip;
};

#define STREAM(text)             \
    {                            \
        (text), sizeof(text) - 1 \
    }

static const struct sample samples[] = {
    /* nothing known: controls, bytes that start no UTF-8 sequence */
    {STREAM("\x05\x00\x00\x00\x05hello"), ERR_UNKNOWN, 0, 0},
    {STREAM("\x00\x00\x00\x10 binary"), ERR_UNKNOWN, 0, 0},
    {STREAM("\x0e text"), ERR_UNKNOWN, 0, 0},
    {STREAM("\x16\x03\x01\x02\x00 a TLS record inside TLS"), ERR_UNKNOWN, 0, 0},
    {STREAM("\x1f\x8b\x08 gzip"), ERR_UNKNOWN, 0, 0},
    {STREAM("\x7f"
            "ELF"),
     ERR_UNKNOWN, 0, 0},
    {STREAM("\x80 continuation"), ERR_UNKNOWN, 0, 0},
    {STREAM("\xc1\x81 overlong"), ERR_UNKNOWN, 0, 0},
    {STREAM("\xf5 above U+10FFFF"), ERR_UNKNOWN, 0, 0},
    {STREAM("\xff\xfe UTF-16"), ERR_UNKNOWN, 0, 0},
    /* go-client frames */
    {STREAM("\x01\x00\x00\x00\x02{}"), ERR_OK, SNIFF_FRAMES, 0},
    {STREAM("\x02\x00\x00\x00\x02{}"), ERR_OK, SNIFF_FRAMES, 0},
    {STREAM("\x03\x00\x00\x00\x02{}"), ERR_OK, SNIFF_FRAMES, 0},
    {STREAM("\x04\x00\x00\x00\x02{}"), ERR_OK, SNIFF_FRAMES, 0},
    /* octet counting, and what only looks like it */
    {STREAM("5 <13>x"), ERR_OK, SNIFF_OCTET, 0},
    {STREAM("1234567 <191>1 - - - - - -"), ERR_OK, SNIFF_OCTET, 0},
    {STREAM("12345678 <13>x\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("05 <13>x\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("5 <1333>x\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("5 <>x\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("5 <13\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("5\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("5 apples\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("2026-11-21T00:00:00Z started\n"), ERR_OK, SNIFF_RAW, 0},
    /* syslog lines and JSON lines, padded and not */
    {STREAM("<13>Nov 21 04:11:45 host app: x\n"), ERR_OK, SNIFF_SYSLOG, 0},
    {STREAM("\xef\xbb\xbf<13>x\n"), ERR_OK, SNIFF_SYSLOG, 3},
    {STREAM("\r\n\0 \t<1"), ERR_OK, SNIFF_SYSLOG, 5},
    {STREAM("<html>\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("<\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("{\"a\":1}\n"), ERR_OK, SNIFF_NDJSON, 0},
    {STREAM("\xef\xbb\xbf \n{\"a\":1}\n"), ERR_OK, SNIFF_NDJSON, 5},
    /* raw lines keep what precedes them */
    {STREAM("hello\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\nLog started: 2026-11-21\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM(" \t indented\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\0\0after two NUL\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\xef\xbb\xbf text\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\xef\xbb\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\x1b[31mred\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("\xc3\xa9t\xc3\xa9\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("GETTING started\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("PRIVATE\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("2Weeks ago\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("1 opera\n"), ERR_OK, SNIFF_RAW, 0},
    /* a journal's export */
    {STREAM("__CURSOR=s=1\n"), ERR_OK, SNIFF_JOURNAL, 0},
    {STREAM("__REALTIME_TIMESTAMP=1"), ERR_OK, SNIFF_JOURNAL, 0},
    {STREAM("__CURSOR\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("__REALTIME=1\n"), ERR_OK, SNIFF_RAW, 0},
    {STREAM("_CURSOR=1\n"), ERR_OK, SNIFF_RAW, 0},
    /* known, not spoken */
    {STREAM("GET / HTTP/1.1\r\n"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("POST /x HTTP/1.1\r\n"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("OPTIONS * HTTP/1.1\r\n"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("PRI * HTTP/2.0\r\n"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("1 open 85 relp_version=0\n"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("2W\0\0\0\x0a"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("1W\0\0\0\x0a"), ERR_OK, SNIFF_FOREIGN, 0},
    {STREAM("SSH-2.0-OpenSSH_9.2\r\n"), ERR_OK, SNIFF_FOREIGN, 0},
};

static void decides_each_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        struct sniff_result got = {0};
        err_t err = sniff_decide(s->stream, SNIFF_END, &got);
        if (err != s->want || (err == ERR_OK && (got.kind != s->kind || got.skip != s->skip))) {
            fail_msg("sample %zu: %s, kind %d, skip %zu", i, err_name(err), (int)got.kind,
                     got.skip);
        }
        if (err == ERR_OK && got.kind == SNIFF_FOREIGN) {
            assert_true(strlen(got.foreign) > 0 && strlen(got.instead) > 0);
        }
    }
}

/* Byte by byte: "not yet" until there is an answer, then the same answer for ever. */
static void keeps_its_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(samples); i++) {
        const struct sample *s = &samples[i];
        err_t first = ERR_AGAIN;
        struct sniff_result answer = {0};
        for (size_t n = 0; n <= s->stream.len; n++) {
            struct sniff_result got = {0};
            err_t err = sniff_decide(span_head(s->stream, n), SNIFF_MORE, &got);
            if (first == ERR_AGAIN) {
                first = err;
                answer = got;
            } else if (err != first || got.kind != answer.kind || got.skip != answer.skip) {
                fail_msg("sample %zu changes its answer at %zu bytes", i, n);
            }
        }
        if (first != s->want && first != ERR_AGAIN) {
            fail_msg("sample %zu: %s byte by byte", i, err_name(first));
        }
    }
}

static void waits_for_an_empty_stream_and_gives_it_up_at_its_end(void **state)
{
    struct sniff_result got;

    (void)state;
    assert_err(sniff_decide(span_of("", 0), SNIFF_MORE, &got), ERR_AGAIN);
    assert_err(sniff_decide(span_of("", 0), SNIFF_END, &got), ERR_UNKNOWN);
}

static void decides_at_64_bytes(void **state)
{
    char spaces[SNIFF_PEEK_BYTES];
    struct sniff_result got;

    (void)state;
    memset(spaces, ' ', sizeof(spaces));
    assert_err(sniff_decide(span_of(spaces, sizeof(spaces) - 1), SNIFF_MORE, &got), ERR_AGAIN);
    assert_ok(sniff_decide(span_of(spaces, sizeof(spaces)), SNIFF_MORE, &got));
    assert_int_equal(got.kind, SNIFF_RAW);
    memset(spaces, '\0', sizeof(spaces));
    assert_err(sniff_decide(span_of(spaces, sizeof(spaces)), SNIFF_MORE, &got), ERR_UNKNOWN);
}

/* Without a line end or more bytes the matchers that still wait have lost. */
static void the_end_of_the_stream_decides(void **state)
{
    static const struct span undecided[] = {STREAM("5"),   STREAM("5 "), STREAM("5 <1"),
                                            STREAM("GET"), STREAM("<"),  STREAM(" ")};
    struct sniff_result got;

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(undecided); i++) {
        assert_err(sniff_decide(undecided[i], SNIFF_MORE, &got), ERR_AGAIN);
        assert_ok(sniff_decide(undecided[i], SNIFF_END, &got));
        assert_int_equal(got.kind, SNIFF_RAW);
    }
}

struct port_sample {
    enum sniff_port port;
    struct span stream;
    enum sniff_kind kind;
    size_t skip;
};

static const struct port_sample port_samples[] = {
    {SNIFF_PORT_AUTO, STREAM("__CURSOR=1\n"), SNIFF_JOURNAL, 0},
    {SNIFF_PORT_SYSLOG, STREAM("5 <13>x"), SNIFF_OCTET, 0},
    {SNIFF_PORT_SYSLOG, STREAM("\n5 <13>x"), SNIFF_OCTET, 1},
    {SNIFF_PORT_SYSLOG, STREAM("\xef\xbb\xbf<13>x\n"), SNIFF_SYSLOG, 3},
    {SNIFF_PORT_SYSLOG, STREAM("  <13>x\n"), SNIFF_SYSLOG, 2},
    {SNIFF_PORT_SYSLOG, STREAM("  indented\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("05 <13>x\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("5 apples\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("\x01\0\0\0\2{}"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("{\"a\":1}\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("GET / HTTP/1.1\r\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("__CURSOR=1\n"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_SYSLOG, STREAM("\xff\xfe"), SNIFF_SYSLOG, 0},
    {SNIFF_PORT_FRAMES, STREAM("<13>x"), SNIFF_FRAMES, 0},
    {SNIFF_PORT_RAW, STREAM("5 <13>x"), SNIFF_RAW, 0},
    {SNIFF_PORT_RAW, STREAM("\xff"), SNIFF_RAW, 0},
    {SNIFF_PORT_NDJSON, STREAM("\xef\xbb\xbf {}\n"), SNIFF_NDJSON, 4},
    {SNIFF_PORT_NDJSON, STREAM(" x\n"), SNIFF_NDJSON, 0},
    {SNIFF_PORT_JOURNALD, STREAM("MESSAGE=x\n"), SNIFF_JOURNAL, 0},
};

static void a_port_for_one_kind_takes_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(port_samples); i++) {
        const struct port_sample *s = &port_samples[i];
        struct sniff_result found = {0};
        bool decided = false;
        for (size_t len = 0; len <= s->stream.len; len++) {
            err_t err = sniff_decide_port(s->port, span_head(s->stream, len), SNIFF_MORE, &found);
            assert_true(err == ERR_OK || (err == ERR_AGAIN && !decided));
            decided = err == ERR_OK;
            if (decided) {
                assert_int_equal(found.kind, s->kind);
                assert_int_equal(found.skip, s->skip);
            }
        }
        assert_ok(sniff_decide_port(s->port, s->stream, SNIFF_END, &found));
        assert_int_equal(found.kind, s->kind);
        assert_int_equal(found.skip, s->skip);
    }
    struct sniff_result none;
    assert_err(sniff_decide_port(SNIFF_PORT_RAW, SPAN_LIT(""), SNIFF_END, &none), ERR_UNKNOWN);
    assert_err(sniff_decide_port(SNIFF_PORT_RAW, SPAN_LIT(""), SNIFF_MORE, &none), ERR_AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decides_each_sample),
        cmocka_unit_test(keeps_its_answer),
        cmocka_unit_test(waits_for_an_empty_stream_and_gives_it_up_at_its_end),
        cmocka_unit_test(decides_at_64_bytes),
        cmocka_unit_test(the_end_of_the_stream_decides),
        cmocka_unit_test(a_port_for_one_kind_takes_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
