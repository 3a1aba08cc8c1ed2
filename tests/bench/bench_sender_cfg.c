/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_sender_cfg: the table of the sender's options. */
#include "tests/bench/bench_sender_cfg.h"

#include "base/limits.h"
#include "base/option_help.h"
#include "base/option_parse.h"

#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE  2
#define ROW(member) .offset = offsetof(struct bench_sender_cfg, member)

/* In the order of the enums. */
static const char *const format_choices[] = {"json", "proto",   "avro",    "ndjson",
                                             "raw",  "rfc3164", "rfc5424", NULL};
static const char *const write_choices[] = {"at-once", "gathered", NULL};
static const char *const text_choices[] = {"go", "varied", NULL};

static const struct option rows[] = {
    {.name = "host",
     ROW(host),
     .type = OPTION_STRING,
     .default_text = "127.0.0.1",
     .arg = "ADDRESS",
     .help = "where to send to"},
    {.name = "tls-port",
     ROW(tls_port),
     .type = OPTION_PORT,
     .default_text = "off",
     .help = "send over TLS to this port"},
    {.name = "udp-port",
     ROW(udp_port),
     .type = OPTION_PORT,
     .default_text = "off",
     .help = "send datagrams to this port; ndjson and rfc3164 only"},
    {.name = "format",
     ROW(format),
     .type = OPTION_ENUM,
     .choices = format_choices,
     .default_text = "json",
     .help = "json, proto and avro are go-client frames, raw and rfc3164 are lines, rfc5424 is "
             "octet-counted"},
    {.name = "texts",
     ROW(texts),
     .type = OPTION_ENUM,
     .choices = text_choices,
     .default_text = "go",
     .help = "ten short messages, or varied ones of 200 to 400 bytes"},
    {.name = "marks",
     ROW(marks),
     .type = OPTION_BOOL,
     .default_text = "false",
     .help = "end each message with the number of its sender and its own"},
    {.name = "records",
     ROW(records),
     .type = OPTION_INTEGER,
     .default_text = "1000000",
     .min = 1,
     .max = 1000000000,
     .help = "records, shared evenly among the connections"},
    {.name = "connections",
     ROW(connections),
     .type = OPTION_INTEGER,
     .default_text = "4",
     .min = 1,
     .max = 256,
     .help = "connections that send, or sockets with --udp-port"},
    {.name = "tls-record-bytes",
     ROW(tls_record_bytes),
     .type = OPTION_INTEGER,
     .default_text = "16384",
     .min = 1,
     .max = 16384,
     .flags = OPTION_ZERO_OK,
     .help = "plaintext bytes in a TLS record; 0: one TLS record for each log record"},
    {.name = "writes",
     ROW(writes),
     .type = OPTION_ENUM,
     .choices = write_choices,
     .default_text = "at-once",
     .help = "a system call for each TLS record, or for 64 KiB of them"},
    {.name = "datagram-bytes",
     ROW(datagram_bytes),
     .type = OPTION_INTEGER,
     .default_text = "0",
     .min = 1,
     .max = 65000,
     .flags = OPTION_ZERO_OK,
     .help = "fill datagrams up to this size; 0: one log record in each"},
    {.name = "rate",
     ROW(rate),
     .type = OPTION_INTEGER,
     .default_text = "0",
     .min = 1,
     .max = 1000000000,
     .flags = OPTION_ZERO_OK,
     .help = "records a second, all connections together; 0: as fast as possible"},
    {.name = "duration",
     ROW(duration_ns),
     .type = OPTION_DURATION,
     .default_text = "0s",
     .min = NS_PER_MS,
     .max = 3600 * NS_PER_S,
     .flags = OPTION_ZERO_OK,
     .help = "send the records again and again for so long; 0: once"},
    {.name = "quiet",
     ROW(quiet),
     .type = OPTION_INTEGER,
     .default_text = "0",
     .min = 1,
     .max = 1000,
     .flags = OPTION_ZERO_OK,
     .help = "further connections that send one record a second; needs --duration"},
    {.name = "idle",
     ROW(idle),
     .type = OPTION_INTEGER,
     .default_text = "0",
     .min = 1,
     .max = 100000,
     .flags = OPTION_ZERO_OK,
     .help = "further connections that send nothing"},
    {.name = "controlled",
     ROW(controlled),
     .type = OPTION_BOOL,
     .default_text = "false",
     .help = "say ready, begin at a line on standard input, end at its end"},
    {.name = "help", ROW(help), .type = OPTION_BOOL, .default_text = "false", .help = "this list"},
};

static const struct option_table table = {.rows = rows, .count = sizeof(rows) / sizeof(rows[0])};

static err_t check_whole(const struct option_set *set, const struct bench_sender_cfg *cfg,
                         struct option_report *report)
{
    bool lines = cfg->format == BENCH_FORMAT_NDJSON || cfg->format == BENCH_FORMAT_RFC3164;

    if ((cfg->tls_port == OPTION_PORT_DISABLED) == (cfg->udp_port == OPTION_PORT_DISABLED)) {
        return option_refuse(set, "tls-port", report, "give this or --udp-port");
    }
    if (cfg->udp_port != OPTION_PORT_DISABLED && !lines) {
        return option_refuse(set, "udp-port", report, "needs --format ndjson or rfc3164");
    }
    if (cfg->udp_port != OPTION_PORT_DISABLED && cfg->quiet + cfg->idle + cfg->duration_ns > 0) {
        return option_refuse(set, "udp-port", report, "goes without quiet, idle and duration");
    }
    if (cfg->quiet > 0 && cfg->duration_ns == 0) {
        return option_refuse(set, "quiet", report, "needs --duration");
    }
    if (cfg->records < cfg->connections) {
        return option_refuse(set, "records", report, "fewer than connections");
    }
    return ERR_OK;
}

err_t bench_sender_cfg_load(int argc, char *const *argv, struct bench_sender_cfg *ret,
                            int *ret_exit)
{
    struct bench_sender_cfg cfg;
    struct option_origins origins = {0};
    struct option_set set = {.table = &table, .config = &cfg, .origins = &origins};
    struct option_report report = {0};

    *ret_exit = EXIT_USAGE;
    TRY(option_init(&set));
    err_t err = option_parse_args(&set, argc, argv, &report);
    if (err == ERR_OK && cfg.help) {
        *ret_exit = option_help_print(&table, "all");
        err = ERR_EOF;
    } else if (err == ERR_OK) {
        err = check_whole(&set, &cfg, &report);
    }
    if (report.why[0] != '\0') {
        fprintf(stderr, "error: %s\n", report.why);
    }
    buf_done(&report.warnings);
    if (err != ERR_OK) {
        option_done(&set);
        return err;
    }
    *ret = cfg;
    return ERR_OK;
}

void bench_sender_cfg_done(struct bench_sender_cfg *cfg)
{
    struct option_set set = {.table = &table, .config = cfg};

    option_done(&set);
}
