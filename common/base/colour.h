/* SPDX-License-Identifier: Apache-2.0
 *
 * colour: whether a program's output is coloured, and how: on a terminal only, and not if NO_COLOR
 * has a value (no-color.org) or TERM is "dumb". */
#pragma once

/* What to write before and behind a part; all "" where there is no colour. */
struct colour {
    const char *strong; /* names, headings */
    const char *error;
    const char *plain; /* ends either */
};

/* For output to this descriptor. Static. */
const struct colour *colour_of(int fd);

/* Writes "error: TEXT" to standard error. */
void colour_print_error(const char *text);
