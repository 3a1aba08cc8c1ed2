/* SPDX-License-Identifier: Apache-2.0
 *
 * replay_line: reads by name, ignores what it does not need, and believes nothing: what another
 * program may have written over is BAD, not sent. */
#include "client/replay_line.h"

#include "base/base64.h"
#include "client/framed.h"
#include "wire/format.h"

#include <jansson.h>

const char *replay_line_name(enum replay_line_verdict verdict)
{
    static const char *const names[REPLAY_LINE_VERDICTS] = {"sent", "cut", "empty", "unknown",
                                                            "bad"};

    return names[verdict];
}

/* The frame for a format's name; 0: there is none. False: no format has that name. */
static bool frame_of(const char *name, uint8_t *ret)
{
    static const uint8_t frames[FORMAT_COUNT] = {
        [FORMAT_JSON] = FRAMED_JSON, [FORMAT_PROTO] = FRAMED_PROTO, [FORMAT_AVRO] = FRAMED_AVRO,
        [FORMAT_RAW] = FRAMED_RAW,   [FORMAT_SYSLOG] = FRAMED_RAW,  [FORMAT_JOURNALD] = FRAMED_RAW,
    };

    for (int format = 0; format < FORMAT_COUNT; format++) {
        if (strcmp(name, format_name((enum format)format)) == 0) {
            *ret = frames[format];
            return true;
        }
    }
    return false;
}

static struct span string_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
                                 : span_of(NULL, 0);
}

/* Exactly one of the two forms. ERR_SYNTAX otherwise. */
static err_t read_payload(const json_t *object, struct buf *ret)
{
    struct span text = string_of(object, "payload");
    struct span base64 = string_of(object, "payload_base64");

    ENSURE((text.at == NULL) != (base64.at == NULL), ERR_SYNTAX);
    return text.at != NULL ? buf_append(ret, text) : base64_decode(base64, BASE64_STRICT, ret);
}

static err_t read_object(const json_t *object, struct buf *payload, uint8_t *ret_format,
                         enum replay_line_verdict *ret_verdict)
{
    const json_t *length = json_object_get(object, "length");
    struct span name = string_of(object, "format");
    uint8_t format = 0;

    ENSURE(json_is_integer(length) && json_integer_value(length) >= 0, ERR_SYNTAX);
    ENSURE(name.at != NULL && strlen(name.at) == name.len && frame_of(name.at, &format),
           ERR_SYNTAX);
    TRY(read_payload(object, payload));
    uint64_t bytes = (uint64_t)json_integer_value(length);
    ENSURE(payload->len <= bytes || format == 0, ERR_SYNTAX);
    *ret_format = format;
    *ret_verdict = REPLAY_LINE_SEND;
    if (format == 0) {
        *ret_verdict = REPLAY_LINE_UNKNOWN;
    } else if (bytes == 0) {
        *ret_verdict = REPLAY_LINE_EMPTY;
    } else if (payload->len < bytes) {
        *ret_verdict = REPLAY_LINE_CUT;
    }
    return ERR_OK;
}

err_t replay_line_parse(struct span line, struct buf *ret_payload, uint8_t *ret_format,
                        enum replay_line_verdict *ret_verdict)
{
    ret_payload->len = 0;
    json_t *object =
        line.len > REPLAY_LINE_BYTES_MAX
            ? NULL
            : json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    /* Of an array, a member is as absent as of an object without it. */
    err_t err = read_object(object, ret_payload, ret_format, ret_verdict);

    json_decref(object);
    if (err == ERR_SYNTAX) {
        *ret_verdict = REPLAY_LINE_BAD;
        return ERR_OK;
    }
    return err;
}
