/* SPDX-License-Identifier: Apache-2.0
 *
 * render: the table of output formats. */
#include "render/render.h"

#include "render/render_csv.h"
#include "render/render_json.h"
#include "render/render_text.h"

static const struct render renders[] = {
    {"jsonl", "jsonl", {"", 0}, render_json_bound, render_json_line},
    {"csv",
     "csv",
     {RENDER_CSV_HEADER, sizeof(RENDER_CSV_HEADER) - 1},
     render_csv_bound,
     render_csv_line},
    {"text", "log", {"", 0}, render_text_bound, render_text_line},
};

const struct render *render_find(struct span name)
{
    for (size_t i = 0; i < sizeof(renders) / sizeof(renders[0]); i++) {
        if (span_equal(name, span_of_str(renders[i].name))) {
            return &renders[i];
        }
    }
    return NULL;
}
