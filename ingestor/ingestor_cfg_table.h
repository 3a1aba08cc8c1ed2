/* SPDX-License-Identifier: Apache-2.0
 *
 * ingestor_cfg_table: the rows of the ingestor's settings; the config struct is struct
 * ingestor_cfg. */
#pragma once

#include "base/option.h"

extern const struct option_table ingestor_cfg_table;
