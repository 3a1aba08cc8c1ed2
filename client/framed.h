/* SPDX-License-Identifier: Apache-2.0
 *
 * framed: go-client frames, written: 1 byte format, 4 bytes big-endian length, payload. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#include <stdint.h>

#define FRAMED_JSON  1u
#define FRAMED_PROTO 2u
#define FRAMED_AVRO  3u
#define FRAMED_RAW   4u

/* Writes the head, FRAME_HEAD_BYTES, for a payload of at most FRAME_SKIP_BYTES_MAX. */
void framed_head_write(char *at, uint8_t format, size_t payload_bytes);

/* ERR_NOMEM leaves the buffer as it was. */
MUST_CHECK err_t framed_append(struct buf *out, uint8_t format, struct span payload);
