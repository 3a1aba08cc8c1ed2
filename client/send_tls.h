/* SPDX-License-Identifier: Apache-2.0
 *
 * send_tls: batches as go-client frames on a TLS connection. A server that ends its side (it
 * drains) still takes the batch in hand. At the end: close_notify, FIN, then the server's FIN is
 * awaited, so that nothing that was sent is lost. */
#pragma once

#include "client/send.h"

extern const struct send_ops send_tls_ops;
