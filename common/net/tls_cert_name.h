/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_cert_name: what a certificate's bearer is called in our files and logs: the first DNS name of
 * the SAN, else the first common name of the subject, else the whole subject as RFC 4514 writes it
 * ("CN=a,O=b"). A name that could deceive (not printable ASCII in a DNS name, a NUL in a common
 * name) or is longer than TLS_CERT_NAME_BYTES_MAX is passed over. */
#pragma once

#include <stddef.h>

#define TLS_CERT_NAME_BYTES_MAX 255u

struct x509_st;

/* UTF-8, NUL-terminated, to be freed; the subject is cut to TLS_CERT_NAME_BYTES_MAX. NULL: no
 * memory, or the certificate bears no name at all. */
char *tls_cert_name_new(const struct x509_st *cert);
