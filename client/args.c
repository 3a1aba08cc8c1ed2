/* SPDX-License-Identifier: Apache-2.0
 *
 * args: the client's option table, and what the table cannot say: weights of levels, bursts, names
 * of fields, which options exclude each other. */
#include "client/args.h"

#include "base/limits.h"
#include "base/option_help.h"
#include "base/option_parse.h"
#include "base/option_value.h"

#include <stdlib.h>

#define SECONDS(n) ((uint64_t)(n)*NS_PER_S)
#define DAYS(n)    SECONDS((n)*86400ull)

static const char *const format_choices[] = {"json", "proto", "avro", "raw", NULL};

#define ROW(field) .offset = offsetof(struct args, field)

static const struct option rows[] = {
    {.name = "address",
     ROW(address),
     .group = "network",
     .type = OPTION_STRING,
     .flags = OPTION_COMMON | OPTION_NOT_EMPTY,
     .arg = "HOST",
     .default_text = "localhost",
     .help = "name or address of the ingestor"},
    {.name = "tcp-port",
     ROW(tcp_port),
     .flags = OPTION_COMMON,
     .type = OPTION_INTEGER,
     .min = 1,
     .max = 65535,
     .arg = "PORT",
     .default_text = "3001",
     .help = "its TLS port"},
    {.name = "udp-port",
     ROW(udp_port),
     .type = OPTION_INTEGER,
     .min = 1,
     .max = 65535,
     .arg = "PORT",
     .default_text = "3002",
     .help = "its UDP port"},
    {.name = "udp",
     ROW(udp),
     .type = OPTION_BOOL,
     .default_text = "false",
     .help = "send JSON by UDP, in datagrams of at most 1400 bytes; a larger record goes alone"},
    {.name = "format",
     ROW(format),
     .group = "records",
     .flags = OPTION_COMMON,
     .type = OPTION_ENUM,
     .choices = format_choices,
     .default_text = "json",
     .help = "format of generated records; raw mixes plain, syslog and journald lines"},
    {.name = "type",
     ROW(type),
     .type = OPTION_STRING,
     .flags = OPTION_NOT_EMPTY,
     .max = ARGS_TYPE_BYTES_MAX,
     .arg = "NAME",
     .default_text = ARGS_TYPE_DEFAULT,
     .help = "type of generated records; LogEntry is built in, others come from --registry and "
             "get plausible values"},
    {.name = "registry",
     ROW(registry),
     .type = OPTION_STRING,
     .arg = "URL",
     .default_text = "",
     .help = "schema registry, like http://localhost:8000, asked once at the start for the "
             "subject NAME-json, NAME-proto or NAME-avro; --ca holds for it too"},
    {.name = "file",
     ROW(file),
     .flags = OPTION_COMMON,
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "",
     .help = "send the lines of a file (- is standard input) as raw records instead of generated "
             "ones, as fast as possible unless --rate or --interval is given; blank lines are "
             "skipped"},
    {.name = "replay",
     ROW(replay),
     .flags = OPTION_COMMON,
     .type = OPTION_STRING_LIST,
     .arg = "FILE",
     .default_text = "",
     .help = "send the payloads of rejected_*.jsonl.zst files again, in the formats they had, "
             "instead of generated records; further names may follow without an option, up to 64. "
             "JSON goes into frames, where the names of lines (ts, msg ...) are not taken: what "
             "came as a line with such names is rejected again"},

    {.name = "batch",
     ROW(batch),
     .group = "pace",
     .type = OPTION_INTEGER,
     .min = 1,
     .max = 100000,
     .default_text = "100",
     .help = "records written at once"},
    {.name = "interval",
     ROW(interval_ns),
     .type = OPTION_DURATION,
     .unit = "ms",
     .max = DAYS(1),
     .default_text = "1000",
     .help = "each connection sends a batch this often, a bare number is in ms; without effect "
             "if --rate is given"},
    {.name = "rate",
     ROW(rate),
     .flags = OPTION_COMMON,
     .type = OPTION_INTEGER,
     .max = 1000000000,
     .default_text = "0",
     .help = "records a second over all connections, in batches small enough for ten a second; "
             "--rate 0 is as fast as possible; if not given, batch and interval say how fast"},
    {.name = "burst",
     ROW(burst_text),
     .type = OPTION_STRING,
     .arg = "Nx:TIME/TIME",
     .default_text = "",
     .help = "10x:5s/60s is ten times as fast for the first 5s of every 60s"},
    {.name = "connections",
     ROW(connections),
     .type = OPTION_INTEGER,
     .min = 1,
     .max = 1000,
     .default_text = "1",
     .help = "connections, each with its own thread"},
    {.name = "count",
     ROW(count),
     .flags = OPTION_COMMON,
     .type = OPTION_INTEGER,
     .default_text = "0",
     .help = "end after so many records; 0 is no limit"},
    {.name = "duration",
     ROW(duration_ns),
     .type = OPTION_DURATION,
     .flags = OPTION_ZERO_OK,
     .min = NS_PER_MS,
     .max = DAYS(365),
     .default_text = "0",
     .help = "end after this time; 0 is no limit"},
    {.name = "retries",
     ROW(retries),
     .type = OPTION_INTEGER,
     .max = 1000,
     .default_text = "3",
     .help = "how often a batch is sent again, on a new connection, before it counts as failed"},

    {.name = "seed",
     ROW(seed),
     .group = "content",
     .type = OPTION_INTEGER,
     .default_text = "0",
     .help = "the same seed makes the same records but for their times; 0 is another each run"},
    {.name = "levels",
     ROW(level_texts),
     .type = OPTION_STRING_LIST,
     .max = 32,
     .arg = "NAME=WEIGHT",
     .default_text = "error=5,warn=10,info=60,debug=25",
     .help = "how often each level appears"},
    {.name = "fields",
     ROW(fields),
     .type = OPTION_STRING_LIST,
     .max = 64,
     .arg = "NAME",
     .default_text = "",
     .help = "further fields of each generated record, with random values"},

    {.name = "ca",
     ROW(ca),
     .group = "tls",
     .flags = OPTION_COMMON,
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "",
     .help = "certificates to trust (PEM) instead of the system's; without this option a server "
             "on a loopback address may also show the ingestor's development certificate, if "
             "that is in ./data/.state/dev-cert.pem"},
    {.name = "insecure",
     ROW(insecure),
     .type = OPTION_BOOL,
     .default_text = "false",
     .help = "do not check the server's certificate"},
    {.name = "cert",
     ROW(cert),
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "",
     .help = "certificate to show (PEM)"},
    {.name = "key",
     ROW(key),
     .type = OPTION_PATH,
     .arg = "FILE",
     .default_text = "",
     .help = "private key of the certificate (PEM)"},

    {.name = "version",
     ROW(version),
     .group = "general",
     .type = OPTION_BOOL,
     .default_text = "false",
     .help = "print the version and exit"},
    {.name = "print-options",
     ROW(print_options),
     .type = OPTION_BOOL,
     .flags = OPTION_HIDDEN,
     .default_text = "false",
     .help = "print this table as JSON and exit"},
    {OPTION_HELP_ROW, ROW(help)},
};

static const struct option_group groups[] = {
    {"network", "where the ingestor is, TLS or UDP"},
    {"records", "what is sent: generated, a file, rejected records"},
    {"content", "what generated records look like"},
    {"pace", "how fast, how many, how long"},
    {"tls", "certificates"},
    {"general", "what only prints and exits"},
    {NULL, NULL},
};

const struct option_table args_table = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
    .program = "cordwood-client",
    .summary = "Sends log records to a cordwood ingestor by TLS, or by UDP: generated ones, the "
               "lines of a file, or again what was rejected. Large batches are fastest.",
    .groups = groups,
};

static struct option_set set_of(struct args *args)
{
    return (struct option_set){&args_table, args, &args->origins};
}

static bool was_given(const struct option_set *set, const char *name)
{
    const struct option *row = option_find(set->table, span_of_str(name));

    return set->origins->of[row - set->table->rows] == OPTION_ARG;
}

/* "error=5" */
static err_t level_parse(struct span text, struct args_level *ret)
{
    static const struct option weight_row = {.type = OPTION_INTEGER, .max = ARGS_WEIGHT_MAX};
    struct span name = span_head(text, span_find(text, '='));
    struct option_value weight = {0};
    struct args_level level = {0};

    ENSURE(name.len < text.len, ERR_SYNTAX);
    ENSURE(severity_lookup(name, &level.name, &level.severity), ERR_UNKNOWN);
    TRY(option_value_parse(&weight_row, span_skip(text, name.len + 1), &weight));
    level.weight = (uint32_t)weight.number;
    *ret = level;
    return ERR_OK;
}

static bool level_known(const struct args *args, struct span name)
{
    for (uint32_t i = 0; i < args->level_count; i++) {
        if (span_equal(args->levels[i].name, name)) {
            return true;
        }
    }
    return false;
}

static err_t check_levels(struct args *args, const struct option_set *set,
                          struct option_report *report)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < args->level_texts.count; i++) {
        const char *text = args->level_texts.at[i];
        struct args_level level;
        if (level_parse(span_of_str(text), &level) != ERR_OK) {
            return option_refuse(set, "levels", report,
                                 "\"%s\" is no level; allowed: NAME=WEIGHT, with a level's name "
                                 "and 0 to 1000",
                                 text);
        }
        if (level_known(args, level.name)) {
            return option_refuse(set, "levels", report, "\"%s\" comes twice; allowed: once", text);
        }
        args->levels[args->level_count++] = level;
        total += level.weight;
    }
    if (total == 0) {
        return option_refuse(set, "levels", report,
                             "no level has a weight; allowed: at least one above 0");
    }
    return ERR_OK;
}

/* "10x:5s/60s" */
static err_t burst_parse(struct span text, struct args_burst *ret)
{
    static const struct option factor_row = {.type = OPTION_INTEGER, .min = 2, .max = 1000};
    static const struct option time_row = {
        .type = OPTION_DURATION, .min = NS_PER_MS, .max = DAYS(1)};
    struct span factor_text = span_head(text, span_find(text, 'x'));
    struct option_value factor = {0};
    struct option_value length = {0};
    struct option_value period = {0};

    ENSURE(span_starts_with(span_skip(text, factor_text.len), SPAN_LIT("x:")), ERR_SYNTAX);
    struct span times = span_skip(text, factor_text.len + 2);
    struct span length_text = span_head(times, span_find(times, '/'));
    ENSURE(length_text.len < times.len, ERR_SYNTAX);
    TRY(option_value_parse(&factor_row, factor_text, &factor));
    TRY(option_value_parse(&time_row, length_text, &length));
    TRY(option_value_parse(&time_row, span_skip(times, length_text.len + 1), &period));
    ENSURE(length.number < period.number, ERR_LIMIT);
    *ret = (struct args_burst){factor.number, length.number, period.number};
    return ERR_OK;
}

static err_t check_pace(struct args *args, const struct option_set *set,
                        struct option_report *report)
{
    args->paced_by_rate = was_given(set, "rate");
    args->paced = args->paced_by_rate ? args->rate > 0 : args->interval_ns > 0;
    if ((args->file[0] != '\0' || args->replay.count > 0) && !args->paced_by_rate &&
        !was_given(set, "interval")) {
        args->paced = false;
    }
    if (args->burst_text[0] == '\0') {
        return ERR_OK;
    }
    if (burst_parse(span_of_str(args->burst_text), &args->burst) != ERR_OK) {
        return option_refuse(set, "burst", report,
                             "\"%.80s\" is no burst; allowed: 2x to 1000x, then :, a duration, / "
                             "and a longer duration, like 10x:5s/60s",
                             args->burst_text);
    }
    if (!args->paced) {
        return option_refuse(set, "burst", report,
                             "nothing is faster than as fast as possible; allowed: with a rate or "
                             "an interval above 0");
    }
    return ERR_OK;
}

static bool field_valid(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char *const taken[] = {"timestamp", "level", "message", "service"};

    for (size_t i = 0; i < 4; i++) {
        if (strcmp(name, taken[i]) == 0) {
            return false;
        }
    }
    return name[0] != '\0' && strchr(letters, name[0]) != NULL &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] ==
               '\0';
}

static bool field_twice(const struct option_strings *fields, uint32_t at)
{
    for (uint32_t i = 0; i < at; i++) {
        if (strcmp(fields->at[i], fields->at[at]) == 0) {
            return true;
        }
    }
    return false;
}

static err_t check_fields(const struct args *args, const struct option_set *set,
                          struct option_report *report)
{
    for (uint32_t i = 0; i < args->fields.count; i++) {
        if (!field_valid(args->fields.at[i]) || field_twice(&args->fields, i)) {
            return option_refuse(set, "fields", report,
                                 "\"%s\" cannot be used; allowed: each name once, of letters, "
                                 "digits and _, none of timestamp level message service",
                                 args->fields.at[i]);
        }
    }
    return ERR_OK;
}

/* Options that contradict each other. */
static err_t check_pairs(const struct args *args, const struct option_set *set,
                         struct option_report *report)
{
    bool file = args->file[0] != '\0';

    if (args->udp && args->format != ARGS_FORMAT_JSON) {
        return option_refuse(set, "udp", report, "UDP carries JSON; allowed: with --format json");
    }
    if (args->udp && file) {
        return option_refuse(
            set, "udp", report,
            "UDP carries JSON, and --file sends raw records; allowed: one of them");
    }
    if (file && was_given(set, "format") && args->format != ARGS_FORMAT_RAW) {
        return option_refuse(set, "format", report,
                             "--file sends raw records; allowed: with --format raw or without");
    }
    if ((args->cert[0] == '\0') != (args->key[0] == '\0')) {
        return option_refuse(set, args->key[0] == '\0' ? "cert" : "key", report,
                             "is only half of it; allowed: --cert and --key together");
    }
    return ERR_OK;
}

/* What --replay sends has its format already. */
static err_t check_replay(const struct args *args, const struct option_set *set,
                          struct option_report *report)
{
    static const char *const others[] = {"file", "udp", "format", "type", "registry", "fields"};

    if (args->replay.count == 0) {
        return ERR_OK;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (was_given(set, others[i])) {
            return option_refuse(set, others[i], report,
                                 "--replay sends records as they are; allowed: one of them");
        }
    }
    return ERR_OK;
}

static err_t check_type(const struct args *args, const struct option_set *set,
                        struct option_report *report)
{
    bool raw = args->file[0] != '\0' || args->format == ARGS_FORMAT_RAW;
    const char *given = was_given(set, "type") ? "type" : "registry";

    if (raw && was_given(set, given)) {
        return option_refuse(set, given, report,
                             "raw records have no schema; allowed: with --format json, proto or "
                             "avro");
    }
    if (args->registry[0] == '\0' && strcmp(args->type, ARGS_TYPE_DEFAULT) != 0) {
        return option_refuse(set, "type", report,
                             "\"%s\" is not built in; allowed: " ARGS_TYPE_DEFAULT
                             ", or another with --registry",
                             args->type);
    }
    return ERR_OK;
}

static err_t load_into(struct args *args, const struct option_set *set, int argc, char *const *argv,
                       struct option_report *report)
{
    TRY(option_parse_args(set, argc, argv, report));
    if (args->help[0] != '\0' || args->version || args->print_options) {
        return ERR_OK;
    }
    TRY(check_levels(args, set, report));
    TRY(check_pace(args, set, report));
    TRY(check_fields(args, set, report));
    TRY(check_replay(args, set, report));
    TRY(check_type(args, set, report));
    return check_pairs(args, set, report);
}

/* The words with "--replay" before each one that follows a --replay and its value without being an
 * option itself: so that a shell's pattern of many names works. The words stay the caller's. */
static err_t spread_replay(int argc, char *const *argv, char ***ret, int *ret_argc)
{
    static char option[] = "--replay";
    char **words = calloc((size_t)argc * 2 + 1, sizeof(*words));
    int count = 0;
    bool more = false;

    ENSURE(words != NULL, ERR_NOMEM);
    for (int i = 0; i < argc; i++) {
        bool is_option = argv[i][0] == '-' && argv[i][1] != '\0';
        bool is_value = i > 1 && strcmp(argv[i - 1], option) == 0;
        if (is_option && !is_value) {
            more = strncmp(argv[i], option, sizeof(option) - 1) == 0;
        }
        if (more && !is_option && !is_value) {
            words[count++] = option;
        }
        words[count++] = argv[i];
    }
    *ret = words;
    *ret_argc = count;
    return ERR_OK;
}

err_t args_load(int argc, char *const *argv, struct args *ret, struct option_report *report)
{
    struct args args = {0};
    struct option_set set = set_of(&args);
    char **words = NULL;
    int word_count = 0;

    TRY(spread_replay(argc, argv, &words, &word_count));
    err_t err = option_init(&set);
    if (err == ERR_OK) {
        err = load_into(&args, &set, word_count, words, report);
    }
    free(words);
    if (err != ERR_OK) {
        option_done(&set);
        return err;
    }
    *ret = args;
    return ERR_OK;
}

void args_done(struct args *args)
{
    struct option_set set = set_of(args);

    option_done(&set);
}
