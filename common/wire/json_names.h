/* SPDX-License-Identifier: Apache-2.0
 *
 * json_names: whether the names of one object differ, without quadratic time for large ones. */
#pragma once

#include "wire/json_scan.h"

struct json_names {
    const struct json_name *at;
    uint32_t count;
    const char *begin;   /* the text that the offsets count from */
    struct arena *arena; /* room for a table of at most 16 bytes a name; given back */
};

/* Whether no two names are equal after unescaping. */
bool json_names_differ(const struct json_names *set);
