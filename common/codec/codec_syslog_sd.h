/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_syslog_sd: structured data as JSON: {"SD-ID":{"param":"value"}}. A parameter that is given
 * more than once becomes an array of its values, an SD-ID that is given more than once an array of
 * its objects. Source: RFC 5424 section 6.3. */
#pragma once

#include "codec/codec_syslog_parts.h"

/* SD-IDs and parameters of one message that become JSON; structured data with more of them is kept
 * as the text that was sent. */
#define CODEC_SYSLOG_SD_ITEMS_MAX 128u

/* Takes one or more SD-ELEMENTs; false (nothing written, nothing taken) if there is none or one of
 * them is broken. The extra is named structured_data. */
bool codec_syslog_sd(struct codec_syslog_cursor *c, struct arena *a, struct extra *ret);
