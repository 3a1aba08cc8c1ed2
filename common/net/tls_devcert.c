/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_devcert: makes and stores the development certificate. The key is written first, the
 * certificate last and by rename: a certificate that is there has its key. */
#include "net/tls_devcert.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VALID_SECONDS (365l * 24 * 3600)
#define RENEW_SECONDS (24l * 3600) /* one day before its end it is made anew */
#define SERIAL_BITS   127
#define SAN_BYTES_MAX (HOST_NAME_MAX + 64)

/* Whether certificate and key can be read, belong together and are valid for another day. */
static bool usable(const char *cert_path, const char *key_path)
{
    FILE *cert_file = fopen(cert_path, "re");
    FILE *key_file = fopen(key_path, "re");
    X509 *cert = cert_file == NULL ? NULL : PEM_read_X509(cert_file, NULL, NULL, NULL);
    EVP_PKEY *key = key_file == NULL ? NULL : PEM_read_PrivateKey(key_file, NULL, NULL, NULL);
    time_t renew_at = time(NULL) + RENEW_SECONDS;
    bool good = cert != NULL && key != NULL && X509_check_private_key(cert, key) == 1 &&
                X509_cmp_time(X509_get0_notAfter(cert), &renew_at) > 0;

    if (cert_file != NULL) {
        fclose(cert_file);
    }
    if (key_file != NULL) {
        fclose(key_file);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    return good;
}

static bool add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *cert)
{
    BIGNUM *number = BN_new();
    bool set = number != NULL &&
               BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

    BN_free(number);
    return set;
}

static bool set_name(X509 *cert)
{
    X509_NAME *name = X509_get_subject_name(cert);
    const unsigned char *organisation = (const unsigned char *)TLS_DEVCERT_ORGANISATION;

    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, organisation, -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

static bool set_extensions(X509 *cert)
{
    char host[HOST_NAME_MAX + 1] = "localhost";
    char san[SAN_BYTES_MAX];

    IGNORE(gethostname(host, sizeof(host) - 1), "localhost serves where there is no host name");
    snprintf(san, sizeof(san), "DNS:localhost,IP:127.0.0.1,IP:::1,DNS:%s", host);
    return add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(cert, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           add_extension(cert, NID_ext_key_usage, "serverAuth") &&
           (add_extension(cert, NID_subject_alt_name, san) ||
            add_extension(cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"));
}

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *cert = X509_new();

    if (cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -300) != NULL &&
        X509_gmtime_adj(X509_getm_notAfter(cert), VALID_SECONDS) != NULL && set_name(cert) &&
        X509_set_pubkey(cert, key) == 1 && set_extensions(cert) &&
        X509_sign(cert, key, EVP_sha256()) > 0) {
        return cert;
    }
    X509_free(cert);
    return NULL;
}

/* A new file that only its owner may read, under a temporary name. NULL with errno. */
static FILE *create_private(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT) {
        return NULL;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return NULL;
    }
    FILE *f = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;
    if (f == NULL) {
        int why = errno;
        close(fd);
        errno = why;
    }
    return f;
}

static err_t store(const char *path, const X509 *cert, const EVP_PKEY *key)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof(temporary), "%s.new", path);

    ENSURE(n > 0 && (size_t)n < sizeof(temporary), ERR_LIMIT);
    FILE *f = create_private(temporary);
    ENSURE(f != NULL, ERR_IO);
    bool written = cert != NULL ? PEM_write_X509(f, cert) == 1
                                : PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1;
    written = fflush(f) == 0 && written && fsync(fileno(f)) == 0;
    written = fclose(f) == 0 && written;
    ENSURE(written && rename(temporary, path) == 0, ERR_IO);
    return ERR_OK;
}

static err_t make_and_store(const char *cert_path, const char *key_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key == NULL ? NULL : make_certificate(key);
    err_t err = cert == NULL ? ERR_NOMEM : ERR_OK;

    if (err == ERR_OK) {
        err = store(key_path, NULL, key);
    }
    if (err == ERR_OK) {
        err = store(cert_path, cert, NULL);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    return err;
}

err_t tls_devcert_ensure(const char *state_dir)
{
    char cert_path[PATH_MAX];
    char key_path[PATH_MAX];
    int a = snprintf(cert_path, sizeof(cert_path), "%s/" TLS_DEVCERT_FILE, state_dir);
    int b = snprintf(key_path, sizeof(key_path), "%s/" TLS_DEVCERT_KEY_FILE, state_dir);

    ENSURE(a > 0 && (size_t)a < sizeof(cert_path) && b > 0 && (size_t)b < sizeof(key_path),
           ERR_LIMIT);
    if (usable(cert_path, key_path)) {
        return ERR_OK;
    }
    return make_and_store(cert_path, key_path);
}
