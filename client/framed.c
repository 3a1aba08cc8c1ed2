/* SPDX-License-Identifier: Apache-2.0
 *
 * framed: the head, and a frame whole. */
#include "client/framed.h"

void framed_head_write(char *at, uint8_t format, size_t payload_bytes)
{
    at[0] = (char)format;
    at[1] = (char)(payload_bytes >> 24);
    at[2] = (char)(payload_bytes >> 16);
    at[3] = (char)(payload_bytes >> 8);
    at[4] = (char)payload_bytes;
}

err_t framed_append(struct buf *out, uint8_t format, struct span payload)
{
    TRY(buf_reserve(out, FRAME_HEAD_BYTES + payload.len));
    char *at = out->at + out->len;
    framed_head_write(at, format, payload.len);
    if (payload.len > 0) {
        memcpy(at + FRAME_HEAD_BYTES, payload.at, payload.len);
    }
    out->len += FRAME_HEAD_BYTES + payload.len;
    return ERR_OK;
}
