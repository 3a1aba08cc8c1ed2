/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_journal_export: one journald entry of an export stream (wire/frame_journal.h) becomes the
 * record that the same entry as JSON (codec_journal.h) becomes. Source: systemd's Journal Export
 * Format and Journal JSON Format: a value that is printable UTF-8 is a string, any other an array
 * of its bytes; a field that comes more than once is an array of its values. */
#pragma once

#include "codec/codec.h"

/* Fields of one entry: systemd takes no more either. */
#define CODEC_JOURNAL_EXPORT_FIELDS_MAX 1024u

/* A codec (codec/codec.h). REASON_BAD_FRAME: a field's name is none; REASON_TOO_LARGE: more fields
 * than that; REASON_EMPTY: none. */
enum reason codec_journal_export(const struct codec_env *env, struct span in, struct batch *b,
                                 struct record *ret_rec, const char **ret_detail);
