/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_devcert: the self-signed certificate of a program that was given none: ECDSA P-256, one year,
 * SAN localhost, 127.0.0.1, ::1 and the host name, organisation "cordwood development". Kept in the
 * state directory as dev-cert.pem and dev-key.pem (mode 0600), made anew when it has ended or is
 * damaged. */
#pragma once

#include "base/err.h"

#include <stddef.h>

#define TLS_DEVCERT_ORGANISATION "cordwood development"
#define TLS_DEVCERT_FILE         "dev-cert.pem"
#define TLS_DEVCERT_KEY_FILE     "dev-key.pem"

/* Makes sure that both files exist and are valid for another day. ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t tls_devcert_ensure(const char *state_dir);
