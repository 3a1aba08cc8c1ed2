/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_json_pattern: PCRE2's dialect brought near ECMA-262. What PCRE2 has beyond it and what
 * could reach out of the pattern (verbs that begin it, single code units) is off. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "schema/schema_json_pattern.h"

#include "base/buf.h"

#include <pcre2.h>
#include <stdlib.h>

/* What \s is in ECMA-262 beyond ASCII. */
#define WIDE_SPACES "\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"

/* All but what \s is: PCRE2 knows no class within another. */
#define NO_SPACES                                                                         \
    "\\u0000-\\u0008\\u000e-\\u001f\\u0021-\\u009f\\u00a1-\\u167f\\u1681-\\u1fff\\u200b-" \
    "\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\u{10ffff}"

/* What . is: all but the ends of lines. */
#define NO_LINE_ENDS "[^\\n\\r\\u2028\\u2029]"

static const struct {
    const char *name;
    const char *abbreviation;
} categories[] = {
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Symbol", "S"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Control", "Cc"},
    {"Other", "C"},
};

/* `\p{Letter}` at the front of `s`: PCRE2 knows the abbreviation only. Returns the bytes that it
 * replaced, or 0. */
static size_t put_category(struct span s, struct buf *out, err_t *err)
{
    size_t close = span_find(s, '}');

    if (close == s.len || s.len < 4 || s.at[2] != '{') {
        return 0;
    }
    struct span name = span_of(s.at + 3, close - 3);
    size_t equals = span_find(name, '=');
    if (equals < name.len && (span_equal(span_head(name, equals), SPAN_LIT("gc")) ||
                              span_equal(span_head(name, equals), SPAN_LIT("General_Category")))) {
        name = span_skip(name, equals + 1);
    }
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
        if (span_equal(name, span_of_str(categories[i].name))) {
            *err = buf_printf(out, "\\%c{%s}", s.at[1], categories[i].abbreviation);
            return close + 1;
        }
    }
    return 0;
}

/* The escape at the front of `s`, brought over. Returns its length. */
static size_t put_escape(struct span s, bool in_class, struct buf *out, err_t *err)
{
    size_t len = s.len < 2 ? s.len : 2;
    char c = s.len < 2 ? '\0' : s.at[1];

    if (c == 's') {
        *err = buf_append(out, in_class ? SPAN_LIT("\\s" WIDE_SPACES)
                                        : SPAN_LIT("[\\s" WIDE_SPACES "]"));
        return len;
    }
    if (c == 'S') {
        *err = buf_append(out, in_class ? SPAN_LIT(NO_SPACES) : SPAN_LIT("[^\\s" WIDE_SPACES "]"));
        return len;
    }
    size_t category = c == 'p' || c == 'P' ? put_category(s, out, err) : 0;
    if (category > 0) {
        return category;
    }
    *err = buf_append(out, span_head(s, len));
    return len;
}

static err_t translate(struct span s, struct buf *out)
{
    bool in_class = false;

    while (s.len > 0) {
        err_t err = ERR_OK;
        size_t used = 1;
        if (s.at[0] == '\\') {
            used = put_escape(s, in_class, out, &err);
        } else if (s.at[0] == '.' && !in_class) {
            err = buf_append(out, SPAN_LIT(NO_LINE_ENDS));
        } else {
            in_class = s.at[0] == '[' || (in_class && s.at[0] != ']');
            err = buf_append(out, span_head(s, 1));
        }
        TRY(err);
        s = span_skip(s, used);
    }
    return ERR_OK;
}

static pcre2_compile_context *make_context(void)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);

    if (context != NULL) {
        pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
        pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    }
    return context;
}

static pcre2_code *compile(struct span text, int *ret_error, size_t *ret_offset)
{
    const uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                             PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C |
                             PCRE2_USE_OFFSET_LIMIT;
    pcre2_compile_context *context = make_context();
    pcre2_code *code = NULL;

    *ret_error = PCRE2_ERROR_NOMEMORY;
    if (context != NULL) {
        code =
            pcre2_compile((PCRE2_SPTR)text.at, text.len, options, ret_error, ret_offset, context);
    }
    pcre2_compile_context_free(context);
    return code;
}

static size_t size_of(const pcre2_code *code, uint32_t what)
{
    size_t bytes = 0;

    return pcre2_pattern_info(code, what, &bytes) == 0 ? bytes : 0;
}

/* Counts what a pattern takes, and makes machine code of it if there is room. */
static err_t account(struct schema_json_build *b, uint32_t tape, pcre2_code *code)
{
    b->pattern_bytes += size_of(code, PCRE2_INFO_SIZE);
    if (b->pattern_bytes > SCHEMA_JSON_PATTERNS_MEMORY) {
        return schema_json_build_fail(b, ERR_LIMIT, tape, "the patterns take more than %u bytes",
                                      SCHEMA_JSON_PATTERNS_MEMORY);
    }
    if (b->jit_bytes < SCHEMA_JSON_PATTERNS_MEMORY) {
        IGNORE(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE), "faster where it is allowed");
        b->jit_bytes += size_of(code, PCRE2_INFO_JITSIZE);
    }
    return ERR_OK;
}

bool schema_json_pattern_has_code(void)
{
    int error = 0;
    size_t offset = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR) "a", 1, 0, &error, &offset, NULL);
    bool has = code != NULL && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;

    pcre2_code_free(code);
    return has;
}

static err_t refuse(struct schema_json_build *b, uint32_t tape, int error, size_t offset)
{
    PCRE2_UCHAR message[128];

    ENSURE(error != PCRE2_ERROR_NOMEMORY, ERR_NOMEM);
    pcre2_get_error_message(error, message, sizeof(message));
    return schema_json_build_fail(b, ERR_SYNTAX, tape, "bad pattern near character %zu: %s", offset,
                                  (const char *)message);
}

static err_t compile_into(struct schema_json_build *b, uint32_t tape, struct span text,
                          void **ret_code)
{
    struct buf pattern = {0};
    int error = 0;
    size_t offset = 0;
    err_t err = translate(text, &pattern);

    if (err == ERR_OK) {
        struct span translated = pattern.len == 0 ? SPAN_LIT("") : buf_span(&pattern);
        *ret_code = compile(translated, &error, &offset);
        err = *ret_code != NULL ? ERR_OK : refuse(b, tape, error, offset);
    }
    buf_done(&pattern);
    return err;
}

err_t schema_json_pattern_add(struct schema_json_build *b, uint32_t tape, uint32_t *ret)
{
    struct schema_json *s = b->s;
    struct span text = json_tape_span(&s->tape[tape]);

    if (s->pattern_count == SCHEMA_JSON_PATTERNS_MAX || text.len > SCHEMA_JSON_PATTERN_BYTES) {
        return schema_json_build_fail(b, ERR_LIMIT, tape,
                                      "more than %u patterns, or one longer than %u bytes",
                                      SCHEMA_JSON_PATTERNS_MAX, SCHEMA_JSON_PATTERN_BYTES);
    }
    if (span_starts_with(text, SPAN_LIT("(*"))) {
        return schema_json_build_fail(b, ERR_SYNTAX, tape, "a pattern begins with (*");
    }
    TRY(schema_json_build_grow((void **)&s->patterns, &b->pattern_max, s->pattern_count,
                               sizeof(*s->patterns)));
    TRY(compile_into(b, tape, text, &s->patterns[s->pattern_count]));
    *ret = s->pattern_count++;
    return account(b, tape, s->patterns[*ret]);
}

void schema_json_pattern_free(void **patterns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pcre2_code_free(patterns[i]);
    }
    free(patterns);
}
