/* SPDX-License-Identifier: Apache-2.0
 *
 * reason: why a record was rejected. One list gives the enum, the label in metrics and rejected
 * files, and the sentence that tells a sender what to change. */
#pragma once

/* X(enumerator, label, what the sender should change) */
#define REASON_LIST(X)                                                                          \
    X(MISSING_TIMESTAMP, "missing_timestamp", "send a member \"timestamp\" (RFC 3339)")         \
    X(BAD_TIMESTAMP, "bad_timestamp", "send the timestamp as RFC 3339: 2026-01-31T12:00:00Z")   \
    X(MISSING_LEVEL, "missing_level", "send a member \"level\"")                                \
    X(BAD_LEVEL, "bad_level",                                                                   \
      "use one of DEBUG INFO NOTICE WARN WARNING ERR ERROR CRIT ALERT EMERG TRACE FATAL "       \
      "CRITICAL PANIC")                                                                         \
    X(MISSING_MESSAGE, "missing_message", "send a member \"message\" of at least one byte")     \
    X(MESSAGE_TOO_LONG, "message_too_long", "shorten the message or raise --max-message-bytes") \
    X(MISSING_SERVICE, "missing_service", "send a member \"service\" of at least one byte")     \
    X(SERVICE_TOO_LONG, "service_too_long", "shorten the service name to 256 bytes")            \
    X(BAD_JSON, "bad_json", "send one JSON object (RFC 8259) without duplicate names")          \
    X(BAD_UTF8, "bad_utf8", "send text as UTF-8")                                               \
    X(TOO_DEEP, "too_deep", "nest at most 64 levels")                                           \
    X(BAD_PROTOBUF, "bad_protobuf", "send one message of the registered type")                  \
    X(BAD_AVRO, "bad_avro", "send one binary datum of the registered schema")                   \
    X(SCHEMA, "schema", "send what the registered schema allows")                               \
    X(UNKNOWN_FORMAT, "unknown_format",                                                         \
      "send go-client frames of format 1 to 4, syslog, JSON lines or text lines")               \
    X(BAD_FRAME, "bad_frame",                                                                   \
      "send 1 byte format, 4 bytes big-endian length, payload; counted syslog; or a journal's " \
      "export as it is")                                                                        \
    X(TOO_LARGE, "too_large", "shorten the record or raise --max-record-bytes")                 \
    X(TRUNCATED, "truncated", "send whole records before the connection ends")                  \
    X(EMPTY, "empty", "send no empty frames")

enum reason {
    REASON_NONE, /* the record is good */
#define REASON_ENUM(name, label, fix) REASON_##name,
    REASON_LIST(REASON_ENUM)
#undef REASON_ENUM
        REASON_COUNT
};

/* The label; "none" for REASON_NONE. Never NULL. */
const char *reason_name(enum reason reason);

/* What the sender should change; "" for REASON_NONE. Never NULL. */
const char *reason_fix(enum reason reason);
