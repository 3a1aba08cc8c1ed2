/* SPDX-License-Identifier: Apache-2.0
 *
 * api_fault: faults and their HTTP status. */
#include "registry/api_fault.h"

#include "base/log.h"
#include "registry/store.h"
#include "wire/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A part that was cut, anywhere in the text, may end inside a character, which JSON could not hold:
 * such bytes are left out. */
static void drop_broken(char *text)
{
    size_t len = strlen(text);
    size_t to = 0;

    for (size_t from = 0; from < len;) {
        size_t bytes =
            ((unsigned char)text[from] & 0x80) == 0 ? 1 : utf8_sequence(text + from, len - from);
        memmove(text + to, text + from, bytes);
        to += bytes;
        from += bytes > 0 ? bytes : 1;
    }
    text[to] = '\0';
}

err_t api_fault_set(struct api_fault *f, enum api_code code, const char *format, ...)
{
    va_list args;

    f->code = code;
    va_start(args, format);
    vsnprintf(f->message, sizeof(f->message), format, args);
    va_end(args);
    drop_broken(f->message);
    return ERR_SYNTAX;
}

unsigned api_fault_status(enum api_code code)
{
    unsigned number = (unsigned)code;

    return number >= 1000 ? number / 100 : number;
}

err_t api_fault_store(struct api_fault *f, err_t err, const struct store *store)
{
    if (err == ERR_OK) {
        return ERR_OK;
    }
    const char *why = err == ERR_IO && store != NULL ? store_why(store) : err_name(err);
    LOG(LOG_ERROR, "store", "event=store_failed err=%s why=\"%s\" action=answer_500", err_name(err),
        why);
    return api_fault_set(f, API_STORE, "Error in the backend data store: %s", why);
}
