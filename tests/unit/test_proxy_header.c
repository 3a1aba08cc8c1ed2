/* SPDX-License-Identifier: Apache-2.0
 *
 * PROXY headers: each whole, byte by byte and cut at every point; never a byte more than it has. */
#include "net/proxy_header.h"

#include "tests/support/test.h"

#include <string.h>

/* What comes behind the header: the start of a TLS handshake. */
#define REST "\x16\x03\x01 rest"

struct row {
    struct span header;
    err_t answer;
    const char *client; /* "": the header names none */
};

#define ROW(bytes, answer, client)                     \
    {                                                  \
        {(bytes), sizeof(bytes) - 1}, (answer), client \
    }

static err_t feed(struct proxy_header *p, struct span stream, size_t cut, size_t *ret_taken)
{
    size_t taken = 0;
    err_t err = proxy_header_take(p, span_head(stream, cut), &taken);

    *ret_taken = taken;
    if (err != ERR_AGAIN) {
        return err;
    }
    assert_int_equal(taken, cut);
    err = proxy_header_take(p, span_skip(stream, cut), &taken);
    *ret_taken += taken;
    return err;
}

static void check_row(const struct row *row, size_t cut)
{
    char bytes[8192];
    char name[ADDR_TEXT_BYTES] = "";
    struct proxy_header p = {0};
    size_t taken = 0;

    memcpy(bytes, row->header.at, row->header.len);
    memcpy(bytes + row->header.len, REST, sizeof(REST) - 1);
    struct span stream = span_of(bytes, row->header.len + sizeof(REST) - 1);
    assert_err(feed(&p, stream, cut, &taken), row->answer);
    if (row->answer != ERR_OK) {
        assert_non_null(p.why);
        assert_false(p.has_client);
        return;
    }
    assert_int_equal(taken, row->header.len);
    assert_int_equal(p.has_client, row->client[0] != '\0');
    if (p.has_client) {
        addr_format(&p.client, name);
    }
    assert_string_equal(name, row->client);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t cut = 0; cut <= rows[i].header.len; cut++) {
            check_row(&rows[i], cut);
        }
    }
}

static void what_is_no_header_is_unknown(void **state)
{
    static const struct row rows[] = {
        ROW("\x16\x03\x01\x02", ERR_UNKNOWN, ""),   ROW("GET / HTTP/1.1\r\n", ERR_UNKNOWN, ""),
        ROW("PROXI TCP4", ERR_UNKNOWN, ""),         ROW("PROXY\tTCP4", ERR_UNKNOWN, ""),
        ROW("\r\n\r\n\0\r\nQUIX", ERR_UNKNOWN, ""),
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void bad_text_is_refused(void **state)
{
    static const struct row rows[] = {
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", ERR_SYNTAX, ""),
        ROW("PROXY \r\n", ERR_SYNTAX, ""),
        ROW("PROXY UNKNOWNX\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 ::1 ::2 1 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 x 1 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n", ERR_SYNTAX, ""),
        ROW("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", ERR_SYNTAX, ""),
        /* 107 bytes and still no end */
        ROW("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655355\r\n",
            ERR_SYNTAX, ""),
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define IP4       "\xc0\0\2\7\xc0\0\2\1\x10\x92\x0b\xb9"
#define IP6_ONE   "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
#define IP6       IP6_ONE IP6_ONE "\x10\x92\x0b\xb9"

static void bad_binary_is_refused(void **state)
{
    static const struct row rows[] = {
        ROW(SIGNATURE "\x11\x11\0\x0c" IP4, ERR_SYNTAX, ""), /* version 1 */
        ROW(SIGNATURE "\x22\x11\0\x0c" IP4, ERR_SYNTAX, ""), /* no such command */
        ROW(SIGNATURE "\x21\x41\0\x0c" IP4, ERR_SYNTAX, ""), /* no such family */
        ROW(SIGNATURE "\x21\x13\0\x0c" IP4, ERR_SYNTAX, ""), /* no such protocol */
        ROW(SIGNATURE "\x21\x11\0\x0b\xc0\0\2\7\xc0\0\2\1\1\1\1", ERR_SYNTAX, ""),
        ROW(SIGNATURE "\x21\x21\0\x0c" IP4, ERR_SYNTAX, ""),
        ROW(SIGNATURE "\x21\x11\x10\x01" IP4, ERR_SYNTAX, ""), /* 4097 bytes */
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void good_headers_name_the_client_or_nobody(void **state)
{
    static const struct row rows[] = {
        ROW("PROXY TCP4 192.0.2.7 192.0.2.1 4242 3001\r\n", ERR_OK, "192.0.2.7:4242"),
        ROW("PROXY TCP6 2001:db8::7 2001:db8::1 0 65535\r\n", ERR_OK, "[2001:db8::7]:0"),
        ROW("PROXY UNKNOWN\r\n", ERR_OK, ""),
        ROW("PROXY UNKNOWN what ever 1 2\r\n", ERR_OK, ""),
        ROW("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            ERR_OK, ""),
        ROW(SIGNATURE "\x21\x11\0\x0c" IP4, ERR_OK, "192.0.2.7:4242"),
        ROW(SIGNATURE "\x21\x21\0\x24" IP6, ERR_OK, "[2001:db8::7]:4242"),
        ROW(SIGNATURE "\x21\x11\0\x13" IP4 "\x04\0\4abcd", ERR_OK, "192.0.2.7:4242"),
        ROW(SIGNATURE "\x20\x11\0\x0c" IP4, ERR_OK, ""), /* LOCAL */
        ROW(SIGNATURE "\x20\xff\0\x0c" IP4, ERR_OK, ""), /* whatever it says of addresses */
        ROW(SIGNATURE "\x20\0\0\0", ERR_OK, ""),
        ROW(SIGNATURE "\x21\0\0\3abc", ERR_OK, ""), /* UNSPEC */
        ROW(SIGNATURE "\x21\x10\0\0", ERR_OK, ""),
        ROW(SIGNATURE "\x21\x31\0\1a", ERR_OK, ""), /* a Unix socket */
    };

    (void)state;
    check_rows(rows, TEST_COUNT(rows));
}

static void four_kib_of_additions_are_passed_over(void **state)
{
    static char bytes[16 + PROXY_HEADER_BLOCK_BYTES_MAX] = SIGNATURE "\x21\x11\x10\0" IP4;
    struct row row = {{bytes, sizeof(bytes)}, ERR_OK, "192.0.2.7:4242"};

    (void)state;
    check_row(&row, 0);
    check_row(&row, 20);
    check_row(&row, sizeof(bytes) - 1);
}

static void a_start_tells_a_header(void **state)
{
    (void)state;
    assert_true(proxy_header_begins(SPAN_LIT("PROXY TCP4")));
    assert_true(proxy_header_begins(SPAN_LIT(SIGNATURE "\x21")));
    assert_false(proxy_header_begins(SPAN_LIT("PROXY")));
    assert_false(proxy_header_begins(SPAN_LIT("\r\n\r\nQUIT")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_header_is_unknown),
        cmocka_unit_test(bad_text_is_refused),
        cmocka_unit_test(bad_binary_is_refused),
        cmocka_unit_test(good_headers_name_the_client_or_nobody),
        cmocka_unit_test(four_kib_of_additions_are_passed_over),
        cmocka_unit_test(a_start_tells_a_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
