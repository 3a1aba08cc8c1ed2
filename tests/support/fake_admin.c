/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_admin: the ingestor's HTTP side over made-up numbers, for tests that drive it from outside.
 *   fake_admin [BIND [PORT [TOKEN]]]
 * It prints "listening http PORT", then obeys lines on standard input, answering each with "ok" or
 * "what?", until that ends:
 *   archive FORMAT COUNT        records received and archived
 *   fly FORMAT COUNT            records received, not archived
 *   reject FORMAT REASON LINE   a rejected record and its line
 *   drop FORMAT COUNT           records lost to a full disk
 *   sample FORMAT LINE          one of the latest lines
 *   state run|stall|drain */
#include "base/clock.h"
#include "ingestor/admin_http.h"
#include "tests/support/fake_server.h"

#include <stdio.h>
#include <stdlib.h>

#define FAKE_LINE_MAX 4096

static bool format_parse(const char *name, enum format *ret)
{
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        if (strcmp(name, format_name((enum format)f)) == 0) {
            *ret = (enum format)f;
            return true;
        }
    }
    return false;
}

static bool reason_parse(const char *name, enum reason *ret)
{
    for (unsigned r = 0; r < REASON_COUNT; r++) {
        if (strcmp(name, reason_name((enum reason)r)) == 0) {
            *ret = (enum reason)r;
            return true;
        }
    }
    return false;
}

static bool obey_state(struct server *s, const char *line)
{
    char state[16];

    if (sscanf(line, "state %15s", state) != 1) {
        return false;
    }
    s->archive.stalled = strcmp(state, "stall") == 0;
    s->state = strcmp(state, "drain") == 0 ? SERVER_DRAINING : SERVER_RUNNING;
    return true;
}

static bool obey(struct server *s, const char *line)
{
    char verb[16];
    char name[16];
    char why[32];
    enum format format = FORMAT_JSON;
    enum reason reason = REASON_NONE;
    unsigned long count = 0;
    int rest = 0;

    if (obey_state(s, line)) {
        return true;
    }
    if (sscanf(line, "%15s %15s %n", verb, name, &rest) != 2 || !format_parse(name, &format)) {
        return false;
    }
    if (strcmp(verb, "sample") == 0) {
        fake_server_sample(s, 0, format, clock_wall_ns(), line + rest);
        return true;
    }
    if (strcmp(verb, "reject") == 0) {
        int text = 0;
        if (sscanf(line + rest, "%31s %n", why, &text) != 1 || !reason_parse(why, &reason)) {
            return false;
        }
        fake_server_reject(s, 0, format, reason, line + rest + text);
        return true;
    }
    if (sscanf(line + rest, "%lu", &count) != 1) {
        return false;
    }
    if (strcmp(verb, "drop") == 0) {
        fake_server_drop(s, 0, format, DROP_DISK_FULL, count);
        return true;
    }
    fake_server_archive(s, 0, format, count, strcmp(verb, "fly") == 0 ? count : 0);
    return strcmp(verb, "archive") == 0 || strcmp(verb, "fly") == 0;
}

int main(int argc, char **argv)
{
    struct admin_http_config config = {
        .bind = argc > 1 ? argv[1] : "127.0.0.1",
        .port = argc > 2 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0,
        .token = argc > 3 ? argv[3] : NULL,
        .open = true,
    };
    struct server *s = fake_server_new(2);
    fake_server_type(s, "LogEntry", 0, 0, 0);
    struct admin_http *admin = NULL;
    char line[FAKE_LINE_MAX];

    err_t err = admin_http_start(&config, s, &admin);
    if (err != ERR_OK) {
        fprintf(stderr, "fake_admin: %s\n", err_name(err));
        fake_server_free(s);
        return 1;
    }
    printf("listening http %u\n", (unsigned)admin_http_port(admin));
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        pthread_mutex_lock(&s->lock);
        bool known = obey(s, line);
        pthread_mutex_unlock(&s->lock);
        puts(known ? "ok" : "what?");
        fflush(stdout);
    }
    admin_http_stop(admin);
    fake_server_free(s);
    return 0;
}
