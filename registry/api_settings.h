/* SPDX-License-Identifier: Apache-2.0
 *
 * api_settings: /config and /mode of the Confluent API, of all and of a subject (see
 * api_confluent.h). */
#pragma once

#include "registry/api_call.h"

MUST_CHECK err_t api_settings_level(struct api_call *c);
MUST_CHECK err_t api_settings_put_level(struct api_call *c);
MUST_CHECK err_t api_settings_delete_level(struct api_call *c);
MUST_CHECK err_t api_settings_mode(struct api_call *c);
MUST_CHECK err_t api_settings_put_mode(struct api_call *c);
MUST_CHECK err_t api_settings_delete_mode(struct api_call *c);
