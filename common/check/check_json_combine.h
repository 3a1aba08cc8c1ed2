/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_combine: operations that apply further schemas to the value itself. */
#pragma once

#include "check/check_json_machine.h"

enum check_json_step check_json_combine_op(struct check_json_machine *m, struct check_json_frame *f,
                                           const struct schema_json_op *op);
