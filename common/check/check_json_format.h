/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_format: strings of a known form. Source: RFC 3339 section 5.6 (date-time, date, time),
 * RFC 2673 section 3.2 (ipv4), RFC 4291 section 2.2 (ipv6), RFC 4122 section 3 (uuid), RFC 5321
 * section 4.1.2 (email: one with a dotted or quoted local part, and a domain or an address in
 * brackets), RFC 3986 (uri: with a scheme). Pure. */
#pragma once

#include "base/span.h"
#include "schema/schema_json_program.h"

bool check_json_format_holds(enum schema_json_format format, struct span text);
