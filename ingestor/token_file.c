/* SPDX-License-Identifier: Apache-2.0
 *
 * token_file: a token is taken whole or refused; a part of it would let nobody in, or too many. */
#include "ingestor/token_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static err_t refuse(const char *path, const char *what, char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "--http-token-file: \"%s\" %s; allowed: a first line of 1 to %u bytes",
             path, what, BEARER_TOKEN_BYTES_MAX);
    return ERR_SYNTAX;
}

/* The file's first bytes; enough to see that a first line is too long. */
static err_t read_head(const char *path, char *head, size_t room, size_t *ret_len)
{
    FILE *f = fopen(path, "re");

    ENSURE(f != NULL, ERR_IO);
    errno = 0;
    *ret_len = fread(head, 1, room, f);
    int why = ferror(f) != 0 ? errno : 0;
    fclose(f);
    errno = why;
    return why == 0 ? ERR_OK : ERR_IO;
}

err_t token_file_read(const char *path, char ret_token[TOKEN_FILE_BYTES], char *ret_why,
                      size_t why_bytes)
{
    char head[BEARER_TOKEN_BYTES_MAX + 2]; /* with CR LF */
    size_t len = 0;

    if (read_head(path, head, sizeof(head), &len) != ERR_OK) {
        snprintf(ret_why, why_bytes, "--http-token-file: cannot read \"%s\": %s", path,
                 strerror(errno));
        return ERR_IO;
    }
    const char *end = memchr(head, '\n', len);
    if (end != NULL) {
        len = (size_t)(end - head);
    }
    if (len > 0 && head[len - 1] == '\r') {
        len--;
    }
    if (len == 0) {
        return refuse(path, "begins with an empty line", ret_why, why_bytes);
    }
    if (len > BEARER_TOKEN_BYTES_MAX) {
        return refuse(path, "begins with a line that is longer", ret_why, why_bytes);
    }
    if (memchr(head, '\0', len) != NULL) {
        return refuse(path, "holds a NUL byte", ret_why, why_bytes);
    }
    memcpy(ret_token, head, len);
    ret_token[len] = '\0';
    return ERR_OK;
}
