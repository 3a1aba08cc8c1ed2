/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_name: whether a name that a certificate bears is one of the allowed ones. A pattern is an
 * exact name, or "*." and a domain, which stands for exactly one label (RFC 6125 section 6.4.3); a
 * star anywhere else matches nothing, and a dot at the end is a part of a name as any other. Case
 * does not matter (ASCII). Names of SAN type DNS are meant: an address in an IP SAN is none. */
#pragma once

#include "base/span.h"

bool tls_name_matches(struct span pattern, struct span name);

/* Whether the pattern can match any name at all. */
bool tls_name_is_pattern(struct span pattern);
