/* SPDX-License-Identifier: Apache-2.0
 *
 * gen_mark: a mark of digits is a run of equal kind; everything else stands for itself. */
#include "client/gen_mark.h"

static size_t stamp_bytes(uint8_t stamp)
{
    static const size_t bytes[GEN_TEMPLATE_STAMPS] = {
        GEN_TEMPLATE_RFC3339_BYTES, GEN_TEMPLATE_BSD_BYTES, GEN_TEMPLATE_US_BYTES};

    return bytes[stamp];
}

static bool is_digit_mark(char c)
{
    return c == '@' || c == '#';
}

/* The run of marks at the head of `text`. "fields@32473" of RFC 5424 is no run: a digit follows. */
static struct gen_template_run run_of(struct span text)
{
    struct gen_template_run run = {.low = 1, .span = 1};

    if (text.at[0] == '~') {
        return (struct gen_template_run){.digits = 1, .hex = 1};
    }
    while (run.digits < text.len && is_digit_mark(text.at[run.digits])) {
        run.low *= run.digits == 0 ? 1 : 10;
        run.digits++;
    }
    if (run.digits < text.len && text.at[run.digits] >= '0' && text.at[run.digits] <= '9') {
        return (struct gen_template_run){0};
    }
    run.span = run.low * 9;
    if (text.at[0] == '#') { /* may begin with 0 */
        run.span = run.low * 10;
        run.low = 0;
    }
    return run;
}

/* What stands at the head of the text, and how much room it gets. */
struct piece {
    struct gen_template_run run; /* digits 0: it is none */
    size_t marks;                /* bytes of the text */
    size_t room;
    bool stamp;
};

static struct piece piece_of(struct span text, uint8_t stamp)
{
    struct piece p = {.marks = 1, .room = 1};
    char c = text.at[0];

    if (c == '^') {
        p.stamp = true;
        p.room = stamp_bytes(stamp);
    } else if (is_digit_mark(c) || c == '~') {
        p.run = run_of(text);
    }
    if (p.run.digits > 0) {
        p.marks = p.run.digits;
        p.run.digits = p.run.hex == 1 ? 8 : p.run.digits;
        p.room = p.run.digits;
    }
    return p;
}

size_t gen_mark_bytes(struct span text, uint8_t stamp)
{
    size_t bytes = 0;

    while (text.len > 0) {
        struct piece p = piece_of(text, stamp);
        bytes += p.room;
        text = span_skip(text, p.marks);
    }
    return bytes;
}

err_t gen_mark_place(struct gen_template_set *set, struct span text, struct gen_template *t)
{
    static const char zeros[GEN_TEMPLATE_STAMP_MAX] = "000000000000000000000000";

    while (text.len > 0) {
        struct piece p = piece_of(text, t->stamp);
        uint32_t at = (uint32_t)set->bytes.len - t->at;
        if (p.stamp) {
            t->stamp_at = at;
        }
        if (p.run.digits > 0) {
            p.run.at = at;
            TRY(buf_append(&set->runs, span_of((const char *)&p.run, sizeof(p.run))));
            t->run_count++;
        }
        bool is_place = p.stamp || p.run.digits > 0;
        TRY(buf_append(&set->bytes, is_place ? span_of(zeros, p.room) : span_head(text, 1)));
        text = span_skip(text, p.marks);
    }
    return ERR_OK;
}
