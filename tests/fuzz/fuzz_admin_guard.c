/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as each of the headers that decide who may read: nobody gets in without the token, and
 * no name that is not this machine's is taken for it. */
#include "ingestor/admin_guard.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_host(const char *text)
{
    static struct admin_guard g;

    if (g.bind[0] == '\0') {
        IGNORE(admin_guard_init(&g, "127.0.0.1", NULL), "the settings are good");
        g.host_name[0] = '\0'; /* the answer must not depend on where this runs */
    }
    if (admin_guard_host_allowed(&g, text)) {
        /* Each such name begins like localhost, 127., [::1] or another way to write the last. */
        assert(strchr("Ll1[", text[0]) != NULL && text[0] != '\0');
    }
}

static void check_token(const char *text)
{
    static struct admin_guard g;

    if (!g.has_token) {
        IGNORE(admin_guard_init(&g, "127.0.0.1", "a token nobody guesses"), "they are good");
    }
    struct admin_guard_proof proof = {.authorization = text, .cookies = text, .query_token = text};
    bool known = strstr(text, "a token nobody guesses") != NULL || strstr(text, g.bearer.cookie);
    assert(known || !admin_guard_token_shown(&g, &proof));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    assert(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    check_host(text);
    check_token(text);
    free(text);
    return 0;
}
