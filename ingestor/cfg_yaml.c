/* SPDX-License-Identifier: Apache-2.0
 *
 * cfg_yaml: walks libyaml's events, twice. The grammar is so small that a key and its value are one
 * step of a loop. */
#include "ingestor/cfg_yaml.h"

#include "base/limits.h"
#include "base/option_parse.h"
#include "base/option_value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#define FILE_BYTES_MAX  (1u * MIB)
#define KEY_SHOWN_BYTES 80u
#define VERSION_KEY     SPAN_LIT("config-version")
#define IGNORE_KEY      SPAN_LIT("ignore-unknown")

/* The file is read twice: what it says of itself may stand at its end and holds for all of it. */
enum reading {
    READ_ABOUT,   /* config-version and ignore-unknown, nothing else */
    READ_SETTINGS /* all the rest */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the current one */
    enum reading reading;
    bool no_yaml; /* the parser gave up */
    const struct option_set *set;
    struct option_report *report;
    uint32_t seen_line[OPTION_ROWS_MAX]; /* 0: key not met yet */
    struct buf ignored;                  /* ", KEY (line N)" of each */
};

static uint32_t line_of(const yaml_event_t *event)
{
    return (uint32_t)event->start_mark.line + 1;
}

/* Writes "NAME:LINE: …" and returns the error. */
__attribute__((format(printf, 4, 5))) static err_t fail(const struct reader *r, err_t err,
                                                        size_t line, const char *format, ...)
{
    char *why = r->report->why;
    va_list args;

    int len = snprintf(why, OPTION_WHY_BYTES, "%.400s:%zu: ", r->set->origins->file, line);
    va_start(args, format);
    vsnprintf(why + len, OPTION_WHY_BYTES - (size_t)len, format, args);
    va_end(args);
    return err;
}

static err_t next_event(struct reader *r)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event) == 1) {
        return ERR_OK;
    }
    ENSURE(r->parser.error != YAML_MEMORY_ERROR, ERR_NOMEM);
    r->no_yaml = true;
    const char *problem = r->parser.problem == NULL ? "cannot be read" : r->parser.problem;
    return fail(r, ERR_SYNTAX, r->parser.problem_mark.line + 1, "no YAML: %s", problem);
}

static struct span scalar_text(const yaml_event_t *event)
{
    return span_of((const char *)event->data.scalar.value, event->data.scalar.length);
}

/* A key without a value, or with one of YAML's words for nothing. */
static bool scalar_is_null(const yaml_event_t *event)
{
    struct span text = scalar_text(event);

    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (text.len == 0 || span_equal(text, SPAN_LIT("~")) || span_equal(text, SPAN_LIT("null")));
}

static err_t assign_scalar(struct reader *r, const struct option *row, uint32_t key_line)
{
    struct option_source source = {OPTION_FILE, key_line};

    if (r->event.type != YAML_SCALAR_EVENT) {
        return fail(r, ERR_SYNTAX, key_line, "%s: not a single value; allowed: %s", row->name,
                    row->type == OPTION_PORT_LIST || row->type == OPTION_STRING_LIST
                        ? "a value, or a list of values"
                        : "one value");
    }
    if (scalar_is_null(&r->event)) {
        return fail(r, ERR_SYNTAX, key_line, "%s: has no value; \"\" is an empty text", row->name);
    }
    return option_assign(r->set, row, source, scalar_text(&r->event), r->report);
}

static err_t assign_sequence(struct reader *r, const struct option *row, uint32_t key_line)
{
    option_clear(r->set, row, (struct option_source){OPTION_FILE, key_line});
    TRY(next_event(r));
    while (r->event.type != YAML_SEQUENCE_END_EVENT) {
        TRY(assign_scalar(r, row, key_line));
        TRY(next_event(r));
    }
    return ERR_OK;
}

/* What an error shows of a value: a scalar, or what stands for a list or a mapping. */
static void value_quote(const struct reader *r, const struct option *near,
                        char out[OPTION_QUOTED_BYTES])
{
    if (r->event.type == YAML_SCALAR_EVENT) {
        option_quote(near, scalar_text(&r->event), out);
        return;
    }
    snprintf(out, OPTION_QUOTED_BYTES, "%s",
             r->event.type == YAML_SEQUENCE_START_EVENT ? "a list" : "a mapping");
}

/* `key` is the current event's; the next one is its value. */
static err_t key_unknown(struct reader *r, struct span key, uint32_t line)
{
    const char *name = option_parse_nearest(r->set->table, key);
    const struct option *near = name == NULL ? NULL : option_find(r->set->table, span_of_str(name));
    bool known = near != NULL && (near->flags & OPTION_NO_FILE) == 0;
    char value[OPTION_QUOTED_BYTES];
    char shown[KEY_SHOWN_BYTES];

    snprintf(shown, sizeof(shown), "%.*s", (int)span_head(key, sizeof(shown)).len, key.at);
    TRY(next_event(r));
    value_quote(r, near, value);
    return fail(r, ERR_UNKNOWN, line,
                "%s: unknown key (its value: %s)%s%s%s; allowed: names of options without dashes, "
                "see --help all",
                shown, value, known ? "; did you mean " : "", known ? name : "", known ? "?" : "");
}

/* From a key to the last event of its value, whatever that is. */
static err_t skip_value(struct reader *r)
{
    unsigned depth = 0;

    do {
        TRY(next_event(r));
        if (r->event.type == YAML_SEQUENCE_START_EVENT ||
            r->event.type == YAML_MAPPING_START_EVENT) {
            depth++;
        }
        if (r->event.type == YAML_SEQUENCE_END_EVENT || r->event.type == YAML_MAPPING_END_EVENT) {
            depth--;
        }
    } while (depth > 0);
    return ERR_OK;
}

/* A key of a later version is no error where the file says so. */
static bool key_is_ignored(const struct reader *r, struct span key)
{
    const struct option *row = option_find(r->set->table, IGNORE_KEY);
    const struct option_strings *list = row == NULL ? NULL : option_slot(r->set, row);

    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (span_equal(key, span_of_str(list->at[i]))) {
            return true;
        }
    }
    return false;
}

static err_t ignore_key(struct reader *r, struct span key, uint32_t line)
{
    TRY(buf_printf(&r->ignored, "%s%.*s (line %u)", r->ignored.len == 0 ? "" : ", ", (int)key.len,
                   key.at, line));
    return skip_value(r);
}

/* Before the value is taken as any other number, which would not say what to do. */
static err_t check_version(const struct reader *r, const struct option *row, uint32_t line)
{
    struct option_value value = {0};
    struct option any = *row;
    char allowed[64];

    any.max = UINT32_MAX;
    if (r->event.type != YAML_SCALAR_EVENT ||
        option_value_parse(&any, scalar_text(&r->event), &value) != ERR_OK ||
        value.number <= row->max) {
        return ERR_OK;
    }
    return fail(r, ERR_LIMIT, line,
                "config-version: \"%u\" is newer than this program; allowed: %s; start the "
                "newer program, or write the file for this one (--print-config-template)",
                (unsigned)value.number, option_value_allowed(row, allowed, sizeof(allowed)));
}

/* `row` is the current event's; afterwards the last event of its value is current. */
static err_t read_value(struct reader *r, const struct option *row, uint32_t line)
{
    uint32_t *seen = &r->seen_line[row - r->set->table->rows];

    if (*seen != 0) {
        return fail(r, ERR_SYNTAX, line, "%s: given twice; the first is on line %u", row->name,
                    *seen);
    }
    *seen = line;
    TRY(next_event(r));
    if (span_equal(span_of_str(row->name), VERSION_KEY)) {
        TRY(check_version(r, row, line));
    }
    if (r->event.type == YAML_SEQUENCE_START_EVENT &&
        (row->type == OPTION_PORT_LIST || row->type == OPTION_STRING_LIST)) {
        return assign_sequence(r, row, line);
    }
    return assign_scalar(r, row, line);
}

/* The current event is a key; afterwards it is the last one of the value. */
static err_t read_pair(struct reader *r)
{
    uint32_t line = line_of(&r->event);

    if (r->event.type != YAML_SCALAR_EVENT) {
        return fail(r, ERR_SYNTAX, line, "a key must be the name of an option");
    }
    struct span key = scalar_text(&r->event);
    bool about = span_equal(key, VERSION_KEY) || span_equal(key, IGNORE_KEY);
    const struct option *row = option_find(r->set->table, key);
    if ((r->reading == READ_ABOUT) != (about && row != NULL)) {
        return skip_value(r);
    }
    if (row == NULL || (row->flags & OPTION_NO_FILE) != 0) {
        return key_is_ignored(r, key) ? ignore_key(r, key, line) : key_unknown(r, key, line);
    }
    return read_value(r, row, line);
}

/* The current event begins a document. */
static err_t read_document(struct reader *r)
{
    TRY(next_event(r));
    if (r->event.type == YAML_SCALAR_EVENT && scalar_is_null(&r->event)) {
        return next_event(r);
    }
    if (r->event.type != YAML_MAPPING_START_EVENT) {
        return fail(r, ERR_SYNTAX, line_of(&r->event),
                    "not settings; allowed: lines \"key: value\"");
    }
    TRY(next_event(r));
    while (r->event.type != YAML_MAPPING_END_EVENT) {
        TRY(read_pair(r));
        TRY(next_event(r));
    }
    return next_event(r);
}

static err_t read_stream(struct reader *r)
{
    TRY(next_event(r)); /* the stream's start */
    TRY(next_event(r));
    if (r->event.type == YAML_DOCUMENT_START_EVENT) {
        TRY(read_document(r));
        TRY(next_event(r));
    }
    if (r->event.type != YAML_STREAM_END_EVENT) {
        return fail(r, ERR_SYNTAX, line_of(&r->event), "a second document; allowed: one");
    }
    return ERR_OK;
}

static err_t read_once(struct reader *r, enum reading reading, struct span text)
{
    r->reading = reading;
    ENSURE(yaml_parser_initialize(&r->parser) == 1, ERR_NOMEM);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)text.at, text.len);
    err_t err = read_stream(r);
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
    return err;
}

err_t cfg_yaml_parse(const struct option_set *set, const char *name, struct span text,
                     struct option_report *report)
{
    struct reader r = {.set = set, .report = report};

    set->origins->file = name;
    err_t err = read_once(&r, READ_ABOUT, text);
    if (err == ERR_OK || r.no_yaml) { /* then something before that may be wrong as well */
        err = read_once(&r, READ_SETTINGS, text);
    }
    if (err == ERR_OK && r.ignored.len > 0) {
        err = buf_printf(&report->warnings,
                         "%.400s: ignored, as ignore-unknown allows: this version does not know "
                         "%.*s\n",
                         name, (int)r.ignored.len, r.ignored.at);
    }
    buf_done(&r.ignored);
    return err;
}

/* Reads all of the descriptor. ERR_IO with errno; ERR_LIMIT. */
static err_t read_all(int fd, struct buf *out)
{
    for (;;) {
        TRY(buf_reserve(out, 64 * KIB));
        ssize_t n = read(fd, out->at + out->len, 64 * KIB);
        ENSURE(n >= 0, ERR_IO);
        out->len += (size_t)n;
        ENSURE(out->len <= FILE_BYTES_MAX, ERR_LIMIT);
        if (n == 0) {
            return ERR_OK;
        }
    }
}

err_t cfg_yaml_read(const struct option_set *set, const char *path, struct option_report *report)
{
    struct buf text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    err_t err = fd < 0 ? ERR_IO : read_all(fd, &text);

    if (err == ERR_IO) {
        snprintf(report->why, sizeof(report->why), "%.400s: cannot be read: %s", path,
                 strerror(errno));
    } else if (err == ERR_LIMIT) {
        snprintf(report->why, sizeof(report->why), "%.400s: too long; allowed: %u bytes", path,
                 FILE_BYTES_MAX);
    } else if (err == ERR_OK) {
        err = cfg_yaml_parse(set, path, buf_span(&text), report);
    }
    if (fd >= 0) {
        close(fd);
    }
    buf_done(&text);
    return err;
}
