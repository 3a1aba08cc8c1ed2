/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of the other forms, read back: whatever the four hold, a reader of CSV or of the text form
 * gets exactly that, and the JSON object behind it. */
#include "base/limits.h"
#include "render/render.h"
#include "tests/support/oracle.h"
#include "tests/support/test.h"

#include <stdio.h>

#define FIELD_BYTES_MAX 2048u
#define PARTS_MAX       30u
#define ROUNDS          5000u

struct field {
    char at[FIELD_BYTES_MAX];
    size_t len;
};

static uint64_t seed = 4180;

/* A number below `n`: xorshift64*, the same in every run. */
static unsigned dice(unsigned n)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * 0x2545f4914f6cdd1du >> 33) % n);
}

static void add(struct field *f, const char *bytes, size_t n)
{
    assert_true(f->len + n <= sizeof(f->at));
    memcpy(f->at + f->len, bytes, n);
    f->len += n;
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

/* Undoes the visible form: what stands for a character, and how long it is. */
static size_t read_visible(const char *p, struct field *f)
{
    if (p[0] != '\\') {
        add(f, p, 1);
        return 1;
    }
    if (p[1] == 'x') {
        unsigned c = hex_digit(p[2]) << 4 | hex_digit(p[3]);
        char utf8[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
        char ascii = (char)c;
        add(f, c < 0x80 ? &ascii : utf8, c < 0x80 ? 1 : 2);
        return 4;
    }
    if (p[1] == 'u') {
        assert_true(memcmp(p, "\\u2028", 6) == 0 || memcmp(p, "\\u2029", 6) == 0);
        add(f, p[5] == '8' ? "\xe2\x80\xa8" : "\xe2\x80\xa9", 3);
        return 6;
    }
    const char *letters = strchr("n\nr\rt\t\\\\", p[1]);
    assert_non_null(letters);
    add(f, letters + 1, 1);
    return 2;
}

/* One CSV field from `p` on (RFC 4180); returns the byte behind it, a comma or LF. */
static const char *read_csv(const char *p, struct field *f)
{
    f->len = 0;
    if (*p != '"') {
        for (; *p != ',' && *p != '\n'; p++) {
            assert_int_not_equal(*p, '"');
            add(f, p, 1);
        }
        return p;
    }
    for (p++;; p++) {
        if (*p == '"' && *++p != '"') {
            return p;
        }
        add(f, p, 1);
    }
}

static void undo_visible(struct field *f)
{
    struct field plain = {.len = 0};

    f->at[f->len] = '\0';
    for (size_t i = 0; i < f->len;) {
        i += read_visible(f->at + i, &plain);
    }
    *f = plain;
}

/* Text up to `stop` (behind a space if it is a brace), undone. Returns the byte behind the text. */
static const char *read_text(const char *p, char stop, struct field *f)
{
    char before = ' ';

    for (f->len = 0; *p != '\n' && !(*p == stop && (stop != '{' || before == ' '));) {
        before = *p;
        p += read_visible(p, f);
    }
    return p;
}

/* Anything, or only what may be called clean. */
static struct text random_text(struct field *f)
{
    static const char *const any[] = {
        "a",
        " ",
        "  ",
        ",",
        "\"",
        "\\",
        "\\n",
        "\\x41",
        "\n",
        "\r",
        "\t",
        "\x01",
        "\x1f",
        "\x7f",
        "{",
        " {",
        "}",
        "[",
        "]",
        "] [",
        "'",
        "\xc2\x80",
        "\xc2\x9f",
        "\xc2\xa0",
        "\xc3\xa9",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xe2\x80\xaa",
        "\xf0\x9f\x98\x80",
        "word",
        ";",
        "=",
    };
    static const char *const clean[] = {"a", " ", ",", "]", "[", "{", " {", "\xc3\xa9", "word"};
    bool is_clean = dice(3) == 0;

    f->len = 0;
    for (unsigned n = dice(PARTS_MAX); n > 0; n--) {
        const char *part = is_clean ? clean[dice(TEST_COUNT(clean))] : any[dice(TEST_COUNT(any))];
        add(f, part, strlen(part));
    }
    return text_of(span_of(f->at, f->len), is_clean ? TEXT_CLEAN : TEXT_PLAIN);
}

static void assert_field(const struct field *got, const struct field *want, const char *line)
{
    if (got->len != want->len || memcmp(got->at, want->at, got->len) != 0) {
        fail_msg("%.*s is not in %s", (int)want->len, want->at, line);
    }
}

/* The JSON object of the extras: it holds what was put in. */
static void assert_object(struct span object, const struct field *value)
{
    json_t *root = NULL;

    assert_int_equal(oracle_judge(object, &root), ORACLE_GOOD);
    json_t *string = json_object_get(root, "x");
    assert_int_equal(json_string_length(string), value->len);
    assert_memory_equal(json_string_value(string), value->at, value->len);
    json_decref(root);
}

struct sample {
    struct field level, message, service, extra;
    struct extra member;
    struct record rec;
};

static void make_sample(struct sample *s)
{
    s->member = (struct extra){.name = text_of(SPAN_LIT("x"), TEXT_CLEAN), .kind = EXTRA_TEXT};
    s->member.text = random_text(&s->extra);
    s->rec = (struct record){
        .timestamp = text_of(SPAN_LIT("2026-11-21T04:11:45Z"), TEXT_CLEAN),
        .level = random_text(&s->level),
        .message = random_text(&s->message),
        .service = random_text(&s->service),
        .extras = &s->member,
        .extra_count = dice(2),
    };
}

static void render(const char *form, const struct record *rec, struct buf *line)
{
    const struct render *r = render_find(span_of_str(form));
    size_t bound = r->bound(rec);

    line->len = 0;
    assert_ok(buf_reserve(line, bound + 1));
    line->len = (size_t)(r->line(rec, line->at) - line->at);
    assert_true(line->len <= bound);
    assert_int_equal(span_find(buf_span(line), '\n'), line->len - 1);
    line->at[line->len] = '\0';
}

static void csv_can_be_read_back(void **state)
{
    static struct sample s;
    static struct field got;
    const struct field *const want[] = {&s.level, &s.message, &s.service};
    struct buf line = {0};

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        make_sample(&s);
        render("csv", &s.rec, &line);
        const char *p = read_csv(line.at, &got);
        for (size_t f = 0; f < TEST_COUNT(want); f++) {
            assert_int_equal(*p, ',');
            p = read_csv(p + 1, &got);
            undo_visible(&got);
            assert_field(&got, want[f], line.at);
        }
        assert_int_equal(*p, ',');
        p = read_csv(p + 1, &got);
        assert_int_equal(got.len > 0, s.rec.extra_count > 0);
        if (got.len > 0) {
            assert_object(span_of(got.at, got.len), &s.extra);
        }
        assert_ptr_equal(p, line.at + line.len - 1);
    }
    buf_done(&line);
}

static void text_can_be_read_back(void **state)
{
    static struct sample s;
    static struct field got;
    struct buf line = {0};

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        make_sample(&s);
        render("text", &s.rec, &line);
        const char *p = line.at + strlen("2026-11-21T04:11:45Z [");
        p = read_text(p, ']', &got);
        assert_field(&got, &s.level, line.at);
        assert_memory_equal(p, "] [", 3);
        p = read_text(p + 3, ']', &got);
        assert_field(&got, &s.service, line.at);
        assert_memory_equal(p, "] ", 2);
        p = read_text(p + 2, '{', &got);
        if (s.rec.extra_count > 0) {
            got.len--; /* the space before the brace */
            assert_object(span_of(p, line.len - 1 - (size_t)(p - line.at)), &s.extra);
        }
        assert_field(&got, &s.message, line.at);
    }
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_can_be_read_back),
        cmocka_unit_test(text_can_be_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
