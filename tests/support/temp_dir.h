/* SPDX-License-Identifier: Apache-2.0
 *
 * temp_dir: a directory of a test's own, and the few file operations tests need. Everything
 * asserts: a failing system call fails the test. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

#define TEMP_DIR_BYTES 256u

/* Makes a new directory and writes its path. */
void temp_dir_make(char ret[TEMP_DIR_BYTES]);

/* Removes it with all that is below (two levels of directories). */
void temp_dir_remove(const char *dir);

/* Files called DIR/NAME. */
void temp_dir_write(const char *dir, const char *name, struct span content);
void temp_dir_read(const char *dir, const char *name, struct buf *ret);
bool temp_dir_has(const char *dir, const char *name);

/* The number of entries directly in the directory. */
size_t temp_dir_count(const char *dir);
