/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_input: read(2), as far as it does not block. */
#include "ingestor/explain_input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

static err_t no_handshake(struct transport *t)
{
    (void)t;
    return ERR_OK;
}

static bool never_writes(const struct transport *t)
{
    (void)t;
    return false;
}

/* An end and an error are ready too. */
static bool is_ready(const struct explain_input *in, int timeout_ms)
{
    struct pollfd poller = {.fd = in->fd, .events = POLLIN};

    return poll(&poller, 1, timeout_ms) != 0;
}

static err_t read_bytes(struct transport *t, char *at, size_t room, size_t *ret_got)
{
    struct explain_input *in = (struct explain_input *)t;

    if (!is_ready(in, 0)) {
        return ERR_AGAIN;
    }
    ssize_t got = read(in->fd, at, room);

    while (got < 0 && errno == EINTR) {
        got = read(in->fd, at, room);
    }
    if (got < 0) {
        in->read_errno = errno;
        return ERR_IO;
    }
    in->bytes += (uint64_t)got;
    *ret_got = (size_t)got;
    return got == 0 ? ERR_EOF : ERR_OK;
}

static const char *no_text(const struct transport *t)
{
    (void)t;
    return "";
}

static enum transport_failure no_failure(const struct transport *t)
{
    (void)t;
    return TRANSPORT_OTHER;
}

static void free_nothing(struct transport *t)
{
    (void)t;
}

static const struct transport_ops input_ops = {
    .handshake = no_handshake,
    .wants_write = never_writes,
    .read = read_bytes,
    .why = no_text,
    .failure = no_failure,
    .cert_name = no_text,
    .free = free_nothing,
};

void explain_input_init(struct explain_input *in, int fd)
{
    *in = (struct explain_input){.base = {.ops = &input_ops}, .fd = fd};
}

void explain_input_wait(struct explain_input *in)
{
    IGNORE(!is_ready(in, -1), "then the next read says that there is nothing yet");
}
