/* SPDX-License-Identifier: Apache-2.0
 *
 * What a certificate's bearer is called, by certificates made here: first those whose names are
 * passed over. */
#include "net/tls_cert_name.h"
#include "tests/support/test.h"

#include <openssl/x509v3.h>
#include <stdlib.h>

struct certificate {
    const char *san;    /* as in an OpenSSL configuration; NULL: none */
    const char *common; /* NULL: none */
    int common_bytes;   /* 0: up to its NUL */
    const char *organisation;
};

static X509 *make(const struct certificate *c)
{
    X509 *cert = X509_new();
    X509_NAME *subject = X509_get_subject_name(cert);

    assert_non_null(cert);
    if (c->common != NULL) {
        int bytes = c->common_bytes == 0 ? -1 : c->common_bytes;
        assert_int_equal(X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                                    (const unsigned char *)c->common, bytes, -1, 0),
                         1);
    }
    if (c->organisation != NULL) {
        assert_int_equal(X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8,
                                                    (const unsigned char *)c->organisation, -1, -1,
                                                    0),
                         1);
    }
    if (c->san != NULL) {
        X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, c->san);
        assert_non_null(san);
        assert_int_equal(X509_add_ext(cert, san, -1), 1);
        X509_EXTENSION_free(san);
    }
    return cert;
}

static void is_called(struct certificate c, const char *want)
{
    X509 *cert = make(&c);
    char *name = tls_cert_name_new(cert);

    assert_non_null(name);
    assert_string_equal(name, want);
    free(name);
    X509_free(cert);
}

static void has_no_name(void **state)
{
    struct certificate nobody = {0};
    X509 *cert = make(&nobody);

    (void)state;
    assert_null(tls_cert_name_new(cert));
    X509_free(cert);
}

static void passes_over_what_could_deceive(void **state)
{
    (void)state;
    is_called((struct certificate){.san = "IP:10.0.0.1,URI:spiffe://a/b", .common = "cn"}, "cn");
    is_called((struct certificate){.san = "DNS:a b,DNS:good", .common = "cn"}, "good");
    is_called((struct certificate){.san = "email:a@b.example", .organisation = "O"}, "O=O");
    is_called((struct certificate){.common = "good\0evil", .common_bytes = 9}, "CN=good\\00evil");
}

static void takes_the_most_specific(void **state)
{
    (void)state;
    is_called((struct certificate){.san = "IP:10.0.0.1,DNS:Web-1.example,DNS:two", .common = "cn"},
              "Web-1.example");
    is_called((struct certificate){.common = "J\xc3\xbcrgen", .organisation = "O"},
              "J\xc3\xbcrgen");
    is_called((struct certificate){.organisation = "J\xc3\xbc, Inc"}, "O=J\\C3\\BC\\, Inc");
}

/* A DNS name above the limit is passed over, a subject is cut. */
static void long_names(void **state)
{
    char san[4 + TLS_CERT_NAME_BYTES_MAX + 2] = "DNS:";
    char subject[65] = {0};

    (void)state;
    memset(san + 4, 'a', TLS_CERT_NAME_BYTES_MAX);
    is_called((struct certificate){.san = san, .common = "cn"}, san + 4);
    san[4 + TLS_CERT_NAME_BYTES_MAX] = 'a';
    is_called((struct certificate){.san = san, .common = "cn"}, "cn");

    memset(subject, '\x01', sizeof(subject) - 1);
    struct certificate c = {.organisation = subject};
    X509 *cert = make(&c);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(X509_NAME_add_entry_by_NID(X509_get_subject_name(cert),
                                                    NID_organizationalUnitName, MBSTRING_UTF8,
                                                    (const unsigned char *)subject, -1, -1, 0),
                         1);
    }
    char *name = tls_cert_name_new(cert);
    assert_int_equal(strlen(name), TLS_CERT_NAME_BYTES_MAX);
    free(name);
    X509_free(cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_no_name),
        cmocka_unit_test(passes_over_what_could_deceive),
        cmocka_unit_test(takes_the_most_specific),
        cmocka_unit_test(long_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
