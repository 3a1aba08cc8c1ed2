/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_apply: operations that apply schemas to the members and elements of the value. */
#pragma once

#include "check/check_json_machine.h"

enum check_json_step check_json_apply_op(struct check_json_machine *m, struct check_json_frame *f,
                                         const struct schema_json_op *op);
