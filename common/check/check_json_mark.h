/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_mark: which members and elements have been evaluated, for unevaluatedProperties and
 * unevaluatedItems. Marks are kept on a trail, so that a branch that fails can take its own back;
 * a frame sees what has been marked since it began. */
#pragma once

#include "check/check_json_machine.h"

/* Gets memory for the marks, if the schema needs them. False: there is too little. */
bool check_json_mark_init(struct check_json_machine *m);

/* A child of the frame's value has been evaluated by the frame. */
void check_json_mark_set(struct check_json_machine *m, const struct check_json_frame *f,
                         uint32_t value);

/* Whether a child has been marked since the frame began. */
bool check_json_mark_seen(const struct check_json_machine *m, const struct check_json_frame *f,
                          uint32_t value);

/* Takes back what has been marked since the trail had that length. */
void check_json_mark_rewind(struct check_json_machine *m, uint32_t trail);
