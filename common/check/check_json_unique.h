/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_unique: uniqueItems, without quadratic time. */
#pragma once

#include "check/check_json_machine.h"

/* Whether no two elements of the array are equal. */
bool check_json_unique_holds(struct check_json_machine *m, uint32_t array);
