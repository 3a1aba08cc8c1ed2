/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_client: the sending side of TLS over a connected, non-blocking socket. TLS 1.2 and 1.3; no
 * renegotiation, no compression. Application bytes of the server are read and thrown away. The
 * settings are shared by threads; a stream belongs to one. Nothing blocks and nothing polls: after
 * ERR_AGAIN the caller waits for tls_client_events() and calls again. The program ignores SIGPIPE.
 *
 * Trust: the certificates of `ca_file` and no others; without one the system's, and for servers at
 * a loopback address also the certificate in `loopback_file`, read anew for each stream. A trusted
 * certificate need not be a root. The server's certificate must bear the host's name or address. */
#pragma once

#include "base/err.h"
#include "base/span.h"

#define TLS_CLIENT_WHY_BYTES 256u

struct tls_client_config {
    const char *ca_file;       /* "": none */
    const char *loopback_file; /* "": none; may be absent */
    const char *cert_file;     /* what to show, PEM, leaf first; "": nothing */
    const char *key_file;
    bool insecure; /* anything is trusted */
};

struct tls_client_settings;
struct tls_client;

/* Loads the files; the config's texts must live as long as the settings. On failure `ret_why`
 * (TLS_CLIENT_WHY_BYTES, always NUL-terminated) says which file is wrong and why.
 * Errors: ERR_IO a file cannot be read; ERR_SYNTAX it is no PEM, or key and certificate differ;
 * ERR_NOMEM. */
MUST_CHECK err_t tls_client_settings_new(const struct tls_client_config *config,
                                         char ret_why[TLS_CLIENT_WHY_BYTES],
                                         struct tls_client_settings **ret);
void tls_client_settings_free(struct tls_client_settings *settings);

enum tls_client_peer { TLS_CLIENT_REMOTE, TLS_CLIENT_LOOPBACK };

/* A stream over `fd`, which stays the caller's. `host` is what the server's certificate must bear:
 * a name or a numeric address. ERR_NOMEM. */
MUST_CHECK err_t tls_client_new(const struct tls_client_settings *settings, int fd,
                                const char *host, enum tls_client_peer peer,
                                struct tls_client **ret);
void tls_client_free(struct tls_client *t);

/* ERR_AGAIN; ERR_SYNTAX the server is not trusted, or no TLS; ERR_EOF it left; ERR_IO. */
MUST_CHECK err_t tls_client_handshake(struct tls_client *t);

/* Sends a part of `bytes`, at least one byte, in TLS records as large as allowed (16 KiB). After
 * ERR_AGAIN the same bytes must be offered again. ERR_EOF the connection was reset or closed;
 * ERR_IO. */
MUST_CHECK err_t tls_client_write(struct tls_client *t, struct span bytes, size_t *ret_sent);

/* Throws away what the server has sent. ERR_AGAIN: nothing more now. ERR_EOF: it has ended its
 * side, which is how it asks us to stop. ERR_IO: reset, or an alert. Never ERR_OK. */
MUST_CHECK err_t tls_client_drain(struct tls_client *t);

/* Sends close_notify. ERR_OK, ERR_AGAIN, ERR_IO. */
MUST_CHECK err_t tls_client_finish(struct tls_client *t);

/* After that: throws away what the server still sends. ERR_OK it has ended its side in order;
 * ERR_AGAIN; ERR_IO reset, or an alert: what was written may not have been taken. */
MUST_CHECK err_t tls_client_await_end(struct tls_client *t);

/* POLLIN or POLLOUT: what the last ERR_AGAIN waits for. */
short tls_client_events(const struct tls_client *t);

/* Why a server's certificate was refused, as far as somebody can help it. */
enum tls_client_distrust {
    TLS_CLIENT_TRUSTED,
    TLS_CLIENT_UNKNOWN_ISSUER, /* other certificates must be trusted */
    TLS_CLIENT_OTHER_NAME,     /* it is for another host than the one that was dialled */
    TLS_CLIENT_OTHER_FAULT     /* it has expired, say */
};

/* After a failed handshake. */
enum tls_client_distrust tls_client_distrust(const struct tls_client *t);

/* What went wrong last, for people; "" if nothing did. Valid until the next call. */
const char *tls_client_why(const struct tls_client *t);
