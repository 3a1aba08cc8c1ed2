/* SPDX-License-Identifier: Apache-2.0
 *
 * token_file: a file whose first line is a secret (--http-token-file). */
#pragma once

#include "base/err.h"
#include "net/bearer.h"

#define TOKEN_FILE_BYTES (BEARER_TOKEN_BYTES_MAX + 1u) /* with NUL */

/* Reads the first line, without its line end. On failure `ret_why` (`why_bytes` long) says what is
 * wrong with the file, for the user. ERR_IO: it cannot be read; ERR_SYNTAX: its first line is
 * empty, longer than BEARER_TOKEN_BYTES_MAX, or holds NUL. */
MUST_CHECK err_t token_file_read(const char *path, char ret_token[TOKEN_FILE_BYTES], char *ret_why,
                                 size_t why_bytes);
