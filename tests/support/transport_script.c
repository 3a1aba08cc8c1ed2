/* SPDX-License-Identifier: Apache-2.0
 *
 * transport_script: plays the steps. */
#include "tests/support/transport_script.h"

#include <assert.h>

static err_t handshake(struct transport *t)
{
    (void)t;
    return ERR_OK;
}

static bool wants_write(const struct transport *t)
{
    (void)t;
    return false;
}

static void step_on(struct transport_script *t)
{
    if (t->at + 1 < t->step_count) {
        t->at++;
        t->offset = 0;
    }
}

static err_t play_bytes(struct transport_script *t, char *at, size_t room, size_t *ret_got)
{
    struct span left = span_skip(t->steps[t->at].bytes, t->offset);
    struct span piece = span_head(left, room);

    memcpy(at, piece.at, piece.len);
    t->offset += piece.len;
    if (piece.len == left.len) {
        step_on(t);
    }
    *ret_got = piece.len;
    return ERR_OK;
}

static err_t read_step(struct transport *base, char *at, size_t room, size_t *ret_got)
{
    struct transport_script *t = (struct transport_script *)base;

    switch (t->steps[t->at].kind) {
    case SCRIPT_BYTES:
        return play_bytes(t, at, room, ret_got);
    case SCRIPT_AGAIN:
        step_on(t);
        return ERR_AGAIN;
    case SCRIPT_EOF:
        return ERR_EOF;
    case SCRIPT_RESET:
        return ERR_IO;
    case SCRIPT_GARBAGE:
        return ERR_SYNTAX;
    }
    return ERR_IO;
}

static const char *why(const struct transport *t)
{
    (void)t;
    return "";
}

static enum transport_failure failure(const struct transport *t)
{
    (void)t;
    return TRANSPORT_OTHER;
}

static const char *cert_name(const struct transport *t)
{
    return ((const struct transport_script *)t)->cert_name;
}

static void free_nothing(struct transport *t)
{
    (void)t;
}

static const struct transport_ops script_ops = {
    .handshake = handshake,
    .wants_write = wants_write,
    .read = read_step,
    .why = why,
    .failure = failure,
    .cert_name = cert_name,
    .free = free_nothing,
};

void transport_script_init(struct transport_script *t, const struct script_step *steps,
                           size_t count)
{
    assert(count > 0 && steps[count - 1].kind != SCRIPT_BYTES);
    *t = (struct transport_script){
        .base = {.ops = &script_ops}, .cert_name = "", .steps = steps, .step_count = count};
}
