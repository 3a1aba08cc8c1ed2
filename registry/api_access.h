/* SPDX-License-Identifier: Apache-2.0
 *
 * api_access: who may change something. With a token: whoever shows it. Without: only on a loopback
 * address, under a name of it, and no page of another site that a browser here happens to show. */
#pragma once

#include "net/bearer.h"
#include "registry/api_fault.h"

#include <stdbool.h>

struct api_access {
    bool has_token;
    bool is_loopback; /* what the port is bound to */
    struct bearer bearer;
};

/* Headers of a request, NULL for none. */
struct api_access_proof {
    const char *authorization;
    const char *host;
    const char *origin;
};

/* `token` absent: there is none. ERR_LIMIT: it is empty or too long; ERR_SYNTAX: `bind` is no
 * address. */
MUST_CHECK err_t api_access_init(struct api_access *a, const char *bind, struct span token);

/* Whether somebody may read: on a loopback address without a token only under a name of it, so that
 * no page of a foreign name can be pointed here (DNS rebinding). Fault API_FORBIDDEN. */
MUST_CHECK err_t api_access_read(const struct api_access *a, const struct api_access_proof *proof,
                                 struct api_fault *fault);

/* Whether somebody may have a text compiled, which starts a program: on the network who may write,
 * on a loopback address no page of another site. Fault API_FORBIDDEN. */
MUST_CHECK err_t api_access_compile(const struct api_access *a,
                                    const struct api_access_proof *proof, struct api_fault *fault);

/* Whether somebody may write. Fault API_FORBIDDEN. */
MUST_CHECK err_t api_access_check(const struct api_access *a, const struct api_access_proof *proof,
                                  struct api_fault *fault);
