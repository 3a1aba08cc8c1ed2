/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_name: whether a name that a certificate bears is one of the allowed ones. A pattern is an
 * exact name, or "*." and a domain, which stands for exactly one label (RFC 6125 section 6.4.3); a
 * star anywhere else matches nothing. Case does not matter (ASCII). */
#pragma once

#include "base/span.h"

bool tls_name_matches(struct span pattern, struct span name);
