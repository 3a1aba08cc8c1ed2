/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_assert: operations that judge the value by itself. A keyword for another type than the
 * value's holds. */
#pragma once

#include "check/check_json_machine.h"

enum check_json_step check_json_assert_op(struct check_json_machine *m,
                                          const struct check_json_frame *f,
                                          const struct schema_json_op *op);
