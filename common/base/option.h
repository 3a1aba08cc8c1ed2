/* SPDX-License-Identifier: Apache-2.0
 *
 * option: a program's settings as one table. A row says what a setting is called, what it may be
 * and where in the program's config struct it lives; from the table come the command line and the
 * environment (option_parse.h), the keys of a file, --help (option_help.h), --print-config
 * (option_show.h), manual pages and completion (option_dump.h), and every error text
 * (option_value.h). Nothing is printed.
 *
 * A setting is taken from its strongest origin: argument, else environment, else file, else
 * default. The order of the calls does not matter, and a value that is overruled is checked all the
 * same. Start-up and reload only: allocates, one thread. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

#define OPTION_ROWS_MAX      96u
#define OPTION_NAME_MAX      32u
#define OPTION_LIST_MAX      64u        /* items of a list */
#define OPTION_WHY_BYTES     1024u      /* an error text */
#define OPTION_TEXT_MAX      4095u      /* bytes of a string or path if the row says nothing else */
#define OPTION_AUTO          UINT64_MAX /* a duration given as "auto" */
#define OPTION_PORT_DISABLED (-1)       /* a port given as "off" */

enum option_type {
    OPTION_STRING,     /* char *, never NULL, owned */
    OPTION_PATH,       /* the same */
    OPTION_ENUM,       /* int or an enum: the index into `choices` */
    OPTION_BOOL,       /* bool; as an argument without value it means true */
    OPTION_INTEGER,    /* uint64_t */
    OPTION_PORT,       /* int32_t: 0..65535, or OPTION_PORT_DISABLED for "off" */
    OPTION_BYTES,      /* uint64_t: 50MiB, 256KiB, 1MB, 4096 */
    OPTION_DURATION,   /* uint64_t in ns: 500ms, 30s, 5m, 1h, 7d */
    OPTION_SHARE,      /* struct option_share: 5% or 1GiB */
    OPTION_PORT_LIST,  /* struct option_ports */
    OPTION_STRING_LIST /* struct option_strings */
};

enum option_flag {
    OPTION_RELOAD = 1,     /* SIGHUP may change it */
    OPTION_SECRET = 2,     /* its value is never shown */
    OPTION_ZERO_OK = 4,    /* 0 is allowed although it is below `min` */
    OPTION_AUTO_OK = 8,    /* "auto" is allowed (durations) */
    OPTION_NO_FILE = 16,   /* no key of the file */
    OPTION_NO_ENV = 32,    /* no variable of the environment */
    OPTION_NOT_EMPTY = 64, /* a text of at least one byte */
    OPTION_COMMON = 128,   /* among the most used: plain --help shows it */
    OPTION_HIDDEN = 256,   /* for our own tools: no help shows it */
    OPTION_NO_ARG = 512,   /* a key of the file only, no option */
    OPTION_STATED = 1024   /* a generated file states it, default or not */
};

struct option_share {
    uint64_t bytes;   /* an absolute size; 0 if `percent` counts */
    uint64_t percent; /* 0..100 */
};

struct option_ports {
    uint32_t count;
    int32_t at[OPTION_LIST_MAX]; /* as OPTION_PORT */
};

struct option_strings {
    uint32_t count;
    char *at[OPTION_LIST_MAX]; /* owned */
};

/* One setting. Bounds are in the value's own unit: bytes, ns, percent, bytes of text; max 0 means
 * the type's own limit. */
struct option {
    const char *name; /* without dashes: "tls-port" */
    const char *default_text;
    const char *help;           /* one sentence, without default and bounds: they are added */
    const char *const *choices; /* OPTION_ENUM: the names, ended by NULL */
    const char *arg;            /* what --help calls the value; NULL: by type */
    const char *unit;  /* OPTION_DURATION: what a bare number counts ("ms"); NULL: refused */
    const char *group; /* a name of the table's groups; NULL: the group of the row before */
    const char *alone; /* as an argument without value it means this; NULL: one must follow */
    uint64_t min;
    uint64_t max;
    size_t offset; /* of the value in the config struct */
    enum option_type type;
    unsigned flags; /* of enum option_flag */
};

/* What belongs together: a heading of --help and of the manual. */
struct option_group {
    const char *name; /* one word: "network" */
    const char *help; /* a few words */
};

struct option_table {
    const struct option *rows;
    size_t count;                      /* at most OPTION_ROWS_MAX */
    const char *env_prefix;            /* "CORDWOOD_"; NULL: the program has no variables */
    const char *program;               /* its name */
    const char *summary;               /* one sentence: what it is */
    const char *operands;              /* what the usage line names behind the options, or NULL */
    const struct option_group *groups; /* in the order of --help, ended by a NULL name; or NULL */
};

/* Rising strength. */
enum option_origin { OPTION_DEFAULT, OPTION_FILE, OPTION_ENV, OPTION_ARG };

struct option_origins {
    uint8_t of[OPTION_ROWS_MAX];    /* enum option_origin, by row */
    uint32_t line[OPTION_ROWS_MAX]; /* OPTION_FILE: the line of the key */
    const char *file;               /* the file's name, borrowed; NULL: none was read */
};

/* A config struct and what is known about it; built on the stack where it is needed. */
struct option_set {
    const struct option_table *table;
    void *config;
    struct option_origins *origins;
};

/* What goes back to the user. A zeroed one is empty. `why` says which key, in the user's own
 * writing, what was wrong and what is allowed:
 *   --rotate-bytes: "12parsecs" is no size; allowed: 64KiB to 1TiB
 * It is a NUL-terminated text without "error: " and LF, written when a call returns ERR_SYNTAX,
 * ERR_LIMIT or ERR_UNKNOWN. */
struct option_report {
    char why[OPTION_WHY_BYTES];
    struct buf warnings; /* lines ended by LF; to be released with buf_done() */
};

/* Where a value comes from, for option_assign(). */
struct option_source {
    enum option_origin origin;
    uint32_t line; /* OPTION_FILE */
};

/* Gives every setting its default. The config struct is overwritten, not released. ERR_NOMEM. */
MUST_CHECK err_t option_init(const struct option_set *set);

/* Releases the texts of the config struct. A zeroed struct is fine. */
void option_done(const struct option_set *set);

/* The row of that name, or NULL. */
const struct option *option_find(const struct option_table *table, struct span name);

/* The group of a row of this table; NULL if the table has none. */
const struct option_group *option_group(const struct option_table *table, const struct option *row);

/* Appends the name of its variable; the table has a prefix. ERR_NOMEM. */
MUST_CHECK err_t option_variable(const struct option_table *table, const struct option *row,
                                 struct buf *out);

/* Checks one value and stores it unless the setting has a stronger origin. An item is appended to a
 * list of the same origin and replaces one of a weaker origin. `text` is one value: lists written
 * with commas are taken apart by option_parse.h only.
 * Errors: ERR_SYNTAX no value of this type; ERR_LIMIT out of bounds, or too many items;
 * ERR_NOMEM. */
MUST_CHECK err_t option_assign(const struct option_set *set, const struct option *row,
                               struct option_source source, struct span text,
                               struct option_report *report);

/* A refused value as an error shows it: its head in double quotes, without control characters.
 * `row` is the setting it was meant for, or NULL; of a secret one nothing is shown. */
#define OPTION_QUOTED_BYTES 96u
void option_quote(const struct option *row, struct span text, char out[OPTION_QUOTED_BYTES]);

/* Empties a list, for a source that gives one without items. Other types: no effect. */
void option_clear(const struct option_set *set, const struct option *row,
                  struct option_source source);

/* For checks of the whole: writes `why`, beginning with the key as the user wrote it where the
 * setting's value comes from ("--cert: …", "CORDWOOD_CERT: …", "FILE:12: cert: …"; a default counts
 * as --cert), and returns ERR_SYNTAX. `name` is in the table. */
MUST_CHECK err_t option_refuse(const struct option_set *set, const char *name,
                               struct option_report *report, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Moves the values of all rows that have OPTION_RELOAD and differ from `from` into `to` (`from`
 * keeps the old ones, to be released as usual), with their origins. The names of moved settings go
 * to `applied`, those that differ and may not change to `refused`, each followed by a space.
 * ERR_NOMEM: nothing was moved. */
MUST_CHECK err_t option_reload(const struct option_set *to, const struct option_set *from,
                               struct buf *applied, struct buf *refused);

/* The setting's place in the config struct. */
static inline void *option_slot(const struct option_set *set, const struct option *row)
{
    return (char *)set->config + row->offset;
}
