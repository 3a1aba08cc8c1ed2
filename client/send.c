/* SPDX-License-Identifier: Apache-2.0
 *
 * send: what both ways share. */
#include "client/send.h"

#include <poll.h>
#include <unistd.h>

err_t send_open(struct send *s)
{
    s->why[0] = '\0';
    err_t err = s->ops->open(s);
    if (err != ERR_OK) {
        send_abandon(s);
    }
    return err;
}

err_t send_batch(struct send *s, struct span bytes)
{
    return s->ops->batch(s, bytes);
}

err_t send_check(struct send *s)
{
    return s->ops->check(s);
}

err_t send_finish(struct send *s)
{
    err_t err = s->ops->finish(s);

    send_abandon(s);
    return err;
}

void send_abandon(struct send *s)
{
    tls_client_free(s->tls);
    s->tls = NULL;
    if (s->fd >= 0) {
        close(s->fd);
    }
    s->fd = -1;
}

err_t send_wait(struct send *s, uint64_t until_mono_ns)
{
    err_t err = stop_wait(s->stop, s->fd, POLLIN, until_mono_ns);

    return err == ERR_AGAIN ? ERR_AGAIN : ERR_OK;
}
