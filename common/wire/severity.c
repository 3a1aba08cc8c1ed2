/* SPDX-License-Identifier: Apache-2.0
 *
 * severity: fourteen names fit one 8-byte word each, so a lookup is one load, one mask to upper
 * case and compares of integers. */
#include "wire/severity.h"

#include <assert.h>
#include <endian.h>
#include <stdint.h>

struct level_name {
    char text[SEVERITY_NAME_BYTES_MAX]; /* padded with NUL */
    uint8_t len;
    uint8_t severity;
};

#define LEVEL(name, severity)                       \
    {                                               \
        name, sizeof(name) - 1, SEVERITY_##severity \
    }

/* In the order of how often they are met. The longest name fills its array: no NUL behind it. */
static const struct level_name level_names[] = {
    LEVEL("INFO", INFO),     LEVEL("DEBUG", DEBUG),     LEVEL("WARN", WARNING),
    LEVEL("ERROR", ERR),     LEVEL("WARNING", WARNING), LEVEL("NOTICE", NOTICE),
    LEVEL("ERR", ERR),       LEVEL("CRIT", CRIT),       LEVEL("ALERT", ALERT),
    LEVEL("EMERG", EMERG),   LEVEL("TRACE", TRACE),     LEVEL("FATAL", CRIT),
    LEVEL("CRITICAL", CRIT), LEVEL("PANIC", EMERG),
};

/* The name in one word, first character lowest, NUL above the last. Short names are put together
 * from loads that overlap: no byte outside the name is touched and none goes through memory. */
static uint64_t word_of(const char *name, size_t len)
{
    uint32_t head = 0;
    uint32_t tail = 0;
    uint64_t word = 0;

    if (len == SEVERITY_NAME_BYTES_MAX) {
        memcpy(&word, name, sizeof(word));
        return le64toh(word);
    }
    if (len >= sizeof(head)) {
        memcpy(&head, name, sizeof(head));
        memcpy(&tail, name + len - sizeof(tail), sizeof(tail));
        return le32toh(head) | (uint64_t)le32toh(tail) << 8 * (len - sizeof(tail));
    }
    for (size_t i = 0; i < len; i++) {
        word |= (uint64_t)(unsigned char)name[i] << 8 * i;
    }
    return word;
}

bool severity_lookup(struct span name, struct span *ret_upper, enum severity *ret_severity)
{
    const uint64_t upper_case = 0xdfdfdfdfdfdfdfdfu; /* only letters become capitals by it */

    if (name.len == 0 || name.len > SEVERITY_NAME_BYTES_MAX) {
        return false;
    }
    uint64_t word = word_of(name.at, name.len) & upper_case;
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        const struct level_name *level = &level_names[i];
        if (name.len == level->len && word == word_of(level->text, SEVERITY_NAME_BYTES_MAX)) {
            *ret_upper = span_of(level->text, level->len);
            *ret_severity = (enum severity)level->severity;
            return true;
        }
    }
    return false;
}

struct span severity_level_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_EMERG] = "EMERG", [SEVERITY_ALERT] = "ALERT",     [SEVERITY_CRIT] = "CRIT",
        [SEVERITY_ERR] = "ERR",     [SEVERITY_WARNING] = "WARNING", [SEVERITY_NOTICE] = "NOTICE",
        [SEVERITY_INFO] = "INFO",   [SEVERITY_DEBUG] = "DEBUG",
    };

    assert(severity <= SEVERITY_DEBUG);
    return span_of_str(names[severity]);
}

const char *severity_label(enum severity severity)
{
    static const char *const labels[SEVERITY_COUNT] = {
        [SEVERITY_EMERG] = "emerg", [SEVERITY_ALERT] = "alert",     [SEVERITY_CRIT] = "crit",
        [SEVERITY_ERR] = "err",     [SEVERITY_WARNING] = "warning", [SEVERITY_NOTICE] = "notice",
        [SEVERITY_INFO] = "info",   [SEVERITY_DEBUG] = "debug",     [SEVERITY_TRACE] = "trace",
        [SEVERITY_OTHER] = "other",
    };

    assert(severity < SEVERITY_COUNT);
    return labels[severity];
}
