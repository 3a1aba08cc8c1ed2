/* SPDX-License-Identifier: Apache-2.0
 *
 * colour: three sequences that every terminal with colours knows (ECMA-48 SGR). */
#include "base/colour.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct colour on = {"\033[1m", "\033[1;31m", "\033[0m"};
static const struct colour off = {"", "", ""};

static bool refused(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return (no_color != NULL && no_color[0] != '\0') || term == NULL || term[0] == '\0' ||
           strcmp(term, "dumb") == 0;
}

const struct colour *colour_of(int fd)
{
    return !refused() && isatty(fd) == 1 ? &on : &off;
}

void colour_print_error(const char *text)
{
    const struct colour *c = colour_of(STDERR_FILENO);

    fprintf(stderr, "%serror:%s %s\n", c->error, c->plain, text);
}
