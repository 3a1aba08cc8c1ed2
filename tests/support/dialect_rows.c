/* SPDX-License-Identifier: Apache-2.0
 *
 * dialect_rows: a row is read with the project's own scanner, into a batch of its own; what is
 * wanted is compared as text, so the order of the members counts, too. */
#include "tests/support/dialect_rows.h"

#include "codec/codec_json_members.h"
#include "wire/json_text.h"

#include <stdio.h>
#include <stdlib.h>

#define ROW_BYTES_MAX (64u * KIB)

struct row {
    struct span line;
    struct span want;   /* the output line; or … */
    struct span reason; /* … why it is rejected */
    struct span format;
};

static struct span *field_of(struct row *row, struct text name)
{
    return json_text_equal(name, SPAN_LIT("line"))     ? &row->line
           : json_text_equal(name, SPAN_LIT("want"))   ? &row->want
           : json_text_equal(name, SPAN_LIT("reason")) ? &row->reason
           : json_text_equal(name, SPAN_LIT("format")) ? &row->format
                                                       : NULL;
}

static struct row read_row(struct span text, struct arena *a)
{
    struct codec_json_members members;
    struct json_scan scan;
    struct row row = {0};

    json_scan_init(&scan, text, a);
    assert_ok(codec_json_members_parse(&scan, text.len, &members));
    for (uint32_t i = 0; i < members.count; i++) {
        const struct extra *member = &members.at[i];
        struct span *field = field_of(&row, member->name);
        if (field != NULL) {
            *field = member->kind == EXTRA_JSON ? member->json
                                                : text_span(json_text_plain(member->text, a));
        }
    }
    assert_non_null(row.line.at);
    assert_non_null(row.format.at);
    assert_true((row.want.at == NULL) != (row.reason.at == NULL));
    return row;
}

static void check_row(struct one_record *r, const struct row *row)
{
    char want[ROW_BYTES_MAX];

    if (row->reason.at != NULL) {
        enum reason reason = one_record_run(r, row->line);
        test_assert_span(row->reason, reason_name(reason));
        return;
    }
    assert_true(row->want.len < sizeof(want));
    memcpy(want, row->want.at, row->want.len);
    want[row->want.len] = '\0';
    one_record_is(r, row->line, want);
    test_assert_span(row->format, format_name((enum format)r->batch.records[0].format));
}

size_t dialect_rows_check(const char *file, one_record_codec_fn codec)
{
    static char text[ROW_BYTES_MAX + SPAN_SLACK_BYTES];
    struct one_record r;
    struct batch rows;
    char path[4096];
    size_t count = 0;

    assert_in_range(snprintf(path, sizeof(path), "%s/%s", DIALECT_ROWS_DIRECTORY, file), 1,
                    sizeof(path) - 1);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_ok(batch_init(&rows, ROW_BYTES_MAX));
    one_record_init(&r, codec);
    while (fgets(text, (int)ROW_BYTES_MAX, f) != NULL) {
        size_t len = strlen(text);
        assert_int_equal(text[len - 1], '\n');
        batch_reset(&rows, 0);
        struct row row = read_row(span_of(text, len - 1), &rows.arena);
        check_row(&r, &row);
        count++;
    }
    one_record_done(&r);
    batch_done(&rows);
    fclose(f);
    return count;
}
