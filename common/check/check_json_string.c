/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_string: strings are valid UTF-8, so a code point is a byte that continues none. PCRE2
 * does not tell how many steps a match took, only that a limit was met, and it counts from each
 * place where a match may begin anew. So the first attempt has a small limit, which the price of
 * every match covers, and a greater one is paid for before it is granted. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "check/check_json_string.h"

#include "schema/schema_json_pattern.h"
#include "wire/json_text.h"

#include <pcre2.h>

/* A step of a match is so much cheaper than one of the machine. */
#define STEPS_PER_WORK 16u

/* Bytes that it passes, if it goes through all of the text from each place. Most patterns do not:
 * a long text shall have room for one or two. */
#define RUN_BYTES_PER_WORK 8192u

/* A text that takes many steps is matched in at most so many pieces, of at least so many places. */
#define PIECES     1024u
#define PLACES_MIN 8u

struct span check_json_string_decode(struct check_json_machine *m, struct text t)
{
    if (t.form != TEXT_JSON || span_find(text_span(t), '\\') == t.len) {
        return text_span(t);
    }
    char *out = arena_alloc(m->arena, t.len);
    if (!check_json_machine_spend(m, t.len / 32)) {
        return SPAN_LIT("");
    }
    if (out == NULL) {
        IGNORE(check_json_machine_abort(m, "judging it by this schema takes too much memory"),
               "the end");
        return SPAN_LIT("");
    }
    return span_of(out, json_text_decode(t, out));
}

/* Where a match may begin: from `first` up to `last`, and how many places that are. */
struct window {
    size_t first;
    size_t last;
    uint64_t places;
};

/* Tries again with more steps as long as the work pays for what the next attempt may cost. */
static int match_window(struct check_json_machine *m, const pcre2_code *code, struct span text,
                        struct window w)
{
    pcre2_match_context *context = m->check->match_context;
    uint32_t limit = SCHEMA_JSON_MATCH_STEPS_MIN;

    pcre2_set_offset_limit(context, w.last);
    for (;;) {
        pcre2_set_match_limit(context, limit);
        int rc = pcre2_match(code, (PCRE2_SPTR)text.at, text.len, w.first, PCRE2_NO_UTF_CHECK,
                             m->check->match_data, context);
        if (rc != PCRE2_ERROR_MATCHLIMIT || limit >= SCHEMA_JSON_MATCH_STEPS) {
            return rc;
        }
        limit *= 8;
        uint64_t cost = limit * w.places / STEPS_PER_WORK;
        if (m->work <= cost) {
            return rc;
        }
        m->work -= cost;
    }
}

/* The text in pieces, so that one place that is costly is not paid for at all of them. */
static int match_pieces(struct check_json_machine *m, const pcre2_code *code, struct span text)
{
    size_t places = text.len / PIECES > PLACES_MIN ? text.len / PIECES : PLACES_MIN;
    struct window w = {.first = 0, .places = places};
    int rc = PCRE2_ERROR_NOMATCH;

    while (rc == PCRE2_ERROR_NOMATCH && w.first <= text.len) {
        if (!check_json_machine_spend(m, 8 + places)) {
            break;
        }
        w.last = w.first + places - 1;
        rc = match_window(m, code, text, w);
        w.first += places;
        while (w.first < text.len && ((unsigned char)text.at[w.first] & 0xc0) == 0x80) {
            w.first++;
        }
    }
    return rc;
}

/* A pattern without machine code may run through the rest of the text from each place, all in one
 * step. False: the work does not allow that. */
static bool pay_for_runs(struct check_json_machine *m, const pcre2_code *code, size_t bytes)
{
    size_t machine_code = 0;

    pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &machine_code);
    return machine_code > 0 ||
           check_json_machine_spend(m, (uint64_t)bytes * bytes / RUN_BYTES_PER_WORK);
}

static int match(struct check_json_machine *m, const pcre2_code *code, struct span text)
{
    uint32_t options = 0;

    pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
    if ((options & PCRE2_ANCHORED) != 0) {
        return match_window(m, code, text, (struct window){0, text.len, 1});
    }
    if (!pay_for_runs(m, code, text.len)) {
        return PCRE2_ERROR_NOMATCH;
    }
    pcre2_set_offset_limit(m->check->match_context, text.len);
    pcre2_set_match_limit(m->check->match_context, SCHEMA_JSON_MATCH_STEPS_MIN);
    int rc = pcre2_match(code, (PCRE2_SPTR)text.at, text.len, 0, PCRE2_NO_UTF_CHECK,
                         m->check->match_data, m->check->match_context);
    return rc == PCRE2_ERROR_MATCHLIMIT ? match_pieces(m, code, text) : rc;
}

bool check_json_string_matches(struct check_json_machine *m, uint32_t pattern, struct span subject)
{
    struct span text = CHECK_JSON_STRING_OR_EMPTY(subject);

    if (!check_json_machine_spend(m, 8 + text.len / 2)) {
        return false;
    }
    int rc = match(m, m->schema->patterns[pattern], text);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
        IGNORE(check_json_machine_abort(m, "matching a pattern takes too long"), "the end");
    }
    return rc >= 0 && !m->aborted;
}

static uint32_t count_plain(const char *at, size_t len)
{
    uint32_t count = 0;

    for (size_t i = 0; i < len; i++) {
        count += ((unsigned char)at[i] & 0xc0) != 0x80;
    }
    return count;
}

uint32_t check_json_string_length(struct text t)
{
    char c[JSON_TEXT_CHAR_BYTES];
    uint32_t count = 0;

    if (t.form != TEXT_JSON) {
        return count_plain(t.at, t.len);
    }
    while (t.len > 0) {
        json_text_next(&t, c);
        count++;
    }
    return count;
}
