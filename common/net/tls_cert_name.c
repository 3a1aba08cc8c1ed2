/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_cert_name: from the most to the least specific. */
#include "net/tls_cert_name.h"

#include "base/span.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static bool is_printable(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] <= ' ' || name.at[i] > '~') {
            return false;
        }
    }
    return name.len > 0 && name.len <= TLS_CERT_NAME_BYTES_MAX;
}

static char *first_dns_name(const X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    char *found = NULL;

    for (int i = 0; found == NULL && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS) {
            continue;
        }
        struct span text = {(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                            (size_t)ASN1_STRING_length(name->d.dNSName)};
        found = is_printable(text) ? strndup(text.at, text.len) : NULL;
    }
    GENERAL_NAMES_free(names);
    return found;
}

static char *common_name(const X509_NAME *subject)
{
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *utf8 = NULL;
    char *found = NULL;

    if (at < 0) {
        return NULL;
    }
    int len =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (len > 0 && (size_t)len <= TLS_CERT_NAME_BYTES_MAX &&
        memchr(utf8, '\0', (size_t)len) == NULL) {
        found = strndup((const char *)utf8, (size_t)len);
    }
    OPENSSL_free(utf8);
    return found;
}

/* The library escapes what is not printable ASCII, so it may be cut anywhere. */
static char *whole_subject(const X509_NAME *subject)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *found = NULL;
    char *text = NULL;

    if (out == NULL) {
        return NULL;
    }
    if (X509_NAME_print_ex(out, subject, 0, XN_FLAG_RFC2253) >= 0) {
        long len = BIO_get_mem_data(out, &text);
        size_t kept = len > (long)TLS_CERT_NAME_BYTES_MAX ? TLS_CERT_NAME_BYTES_MAX : (size_t)len;
        found = kept > 0 ? strndup(text, kept) : NULL;
    }
    BIO_free(out);
    return found;
}

char *tls_cert_name_new(const struct x509_st *cert)
{
    const X509_NAME *subject = X509_get_subject_name(cert);
    char *found = first_dns_name(cert);

    if (found == NULL) {
        found = common_name(subject);
    }
    if (found == NULL) {
        found = whole_subject(subject);
    }
    ERR_clear_error();
    return found;
}
