/* SPDX-License-Identifier: Apache-2.0
 *
 * raw_rows: one batch serves all rows of a table. */
#include "tests/support/raw_rows.h"

#include "codec/codec_raw.h"

#include <stdio.h>
#include <stdlib.h>

static void check_row(struct one_record *r, const struct raw_row *row, enum format format)
{
    one_record_is(r, row->line, row->want);
    assert_string_equal(format_name((enum format)r->batch.records[0].format), format_name(format));
}

void raw_rows_check(const struct raw_row *rows, size_t count, enum format format)
{
    struct one_record r;

    one_record_init(&r, codec_raw_line);
    for (size_t i = 0; i < count; i++) {
        check_row(&r, &rows[i], format);
    }
    one_record_done(&r);
}

/* The next line that is no comment and not empty, without its LF; false at the end of the file. */
static bool next_line(FILE *f, char **line, size_t *cap)
{
    for (;;) {
        ssize_t len = getline(line, cap, f);
        if (len <= 0) {
            return false;
        }
        assert_int_equal((*line)[len - 1], '\n');
        (*line)[len - 1] = '\0';
        if (len > 1 && (*line)[0] != '#') {
            return true;
        }
    }
}

void raw_rows_check_file(const char *name, enum format format)
{
    struct one_record r;
    char path[4096];
    char *line = NULL;
    char *want = NULL;
    size_t line_cap = 0;
    size_t want_cap = 0;
    size_t count = 0;

    assert_in_range(snprintf(path, sizeof(path), "%s/%s", RAW_ROWS_DIRECTORY, name), 1,
                    sizeof(path) - 1);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    one_record_init(&r, codec_raw_line);
    while (next_line(f, &line, &line_cap)) {
        assert_true(next_line(f, &want, &want_cap));
        check_row(&r, &(struct raw_row){span_of_str(line), want}, format);
        count++;
    }
    assert_true(count > 0);
    one_record_done(&r);
    fclose(f);
    free(line);
    free(want);
}
