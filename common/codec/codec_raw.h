/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_raw: a line of which nothing is known. A journald JSON object, if it is one; else syslog,
 * if it begins with <PRI>; else "TIMESTAMP [LEVEL] [SERVICE] MESSAGE", if it has that form (RFC
 * 3339 time, known level name, service of 1..256 bytes); else the whole line is the message. Never
 * rejects anything but an empty line (REASON_EMPTY). Bytes that are no UTF-8 are replaced, with
 * `invalid_utf8` and the line as `raw`. */
#pragma once

#include "codec/codec.h"

/* A line, a counted message or a datagram: ORIGIN_LINE. */
enum reason codec_raw_line(const struct codec_env *env, struct span in, struct batch *b,
                           struct record *ret_rec, const char **ret_detail);

/* The same from a stream of syslog, where a message may lack its <PRI>: codec_syslog_bare(). */
enum reason codec_raw_syslog(const struct codec_env *env, struct span in, struct batch *b,
                             struct record *ret_rec, const char **ret_detail);

/* A go-client frame of format 4: ORIGIN_FRAME. */
enum reason codec_raw_frame(const struct codec_env *env, struct span in, struct batch *b,
                            struct record *ret_rec, const char **ret_detail);
