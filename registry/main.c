/* SPDX-License-Identifier: Apache-2.0
 *
 * main: cordwood-registry: opens the store, fills a new one, answers until a signal ends it.
 * Exit status: 0 ended in order; 1 something failed; 2 the command line is wrong. */
#include "base/limits.h"
#include "base/option_dump.h"
#include "base/option_help.h"
#include "net/http_server.h"
#include "net/sd_notify.h"
#include "registry/api.h"
#include "registry/registry_cfg.h"
#include "registry/registry_seed.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE      2
#define WHY_BYTES       1400u
#define CONNECTIONS_MAX 512u

struct program {
    struct registry_cfg cfg;
    struct api api;
    struct http_server *http;
    struct sd_notify notify;
    sigset_t signals;
};

/* The token is the file's first line. */
static err_t read_token(const char *path, char token[BEARER_TOKEN_BYTES_MAX + 2], char *why)
{
    FILE *f = fopen(path, "re");
    bool good = f != NULL && fgets(token, BEARER_TOKEN_BYTES_MAX + 2, f) != NULL;

    if (!good) {
        snprintf(why, WHY_BYTES, "--write-token-file: cannot read a token from \"%.500s\": %s",
                 path, f == NULL ? strerror(errno) : "the file is empty");
    }
    if (f != NULL) {
        fclose(f);
    }
    ENSURE(good, ERR_IO);
    token[strcspn(token, "\r\n")] = '\0';
    if (token[strcspn(token, " \t")] != '\0') {
        snprintf(why, WHY_BYTES, "--write-token-file: a token holds no white space");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static err_t prepare_access(struct program *p, char *why)
{
    char token[BEARER_TOKEN_BYTES_MAX + 2] = "";
    bool guarded = p->cfg.write_token_file[0] != '\0';

    if (guarded) {
        TRY(read_token(p->cfg.write_token_file, token, why));
    }
    err_t err = api_access_init(&p->api.access, p->cfg.bind, span_of_str(guarded ? token : NULL));
    if (err != ERR_OK) {
        snprintf(why, WHY_BYTES, "--write-token-file: the token is empty or longer than %u bytes",
                 BEARER_TOKEN_BYTES_MAX);
        return err;
    }
    if (!guarded && !p->api.access.is_loopback) {
        LOG(LOG_WARN, "main",
            "event=read_only bind=%s note=\"without --write-token-file this "
            "address takes no writes\"",
            p->cfg.bind);
    }
    return ERR_OK;
}

static err_t open_store(struct program *p, char *why)
{
    struct api_fault fault = {0};
    bool is_new = false;

    if (store_open(p->cfg.db, &p->api.rules.store, &is_new) != ERR_OK) {
        snprintf(why, WHY_BYTES, "--db: %.500s: %s", p->cfg.db, store_why(p->api.rules.store));
        return ERR_IO;
    }
    if (!is_new) {
        return ERR_OK;
    }
    err_t err = registry_seed(&p->api.rules, p->cfg.schemas, &fault);
    if (err != ERR_OK) {
        snprintf(why, WHY_BYTES, "%sthe first schemas cannot be registered: %s",
                 p->cfg.schemas[0] == '\0' ? "" : "--schemas: ", fault.message);
    }
    return err;
}

static err_t listen_http(struct program *p, char *why)
{
    const struct http_server_config config = {
        .bind = p->cfg.bind,
        .port = (uint16_t)p->cfg.port,
        .connections_max = CONNECTIONS_MAX,
        .body_bytes_max = MIB,
        .handle = api_handle,
        .arg = &p->api,
    };
    err_t err = http_server_start(&config, &p->http);

    if (err != ERR_OK) {
        snprintf(why, WHY_BYTES,
                 "cannot listen on address %.100s port %d: %s; choose another with --bind or "
                 "--port",
                 p->cfg.bind, (int)p->cfg.port, err == ERR_IO ? strerror(errno) : err_name(err));
    }
    return err;
}

static err_t announce(const struct program *p, char *why)
{
    char name[ADDR_TEXT_BYTES];
    struct addr addr;

    snprintf(why, WHY_BYTES, "cannot write to standard output");
    TRY(addr_parse(p->cfg.bind, http_server_port(p->http), &addr));
    addr_format(&addr, name);
    ENSURE(printf("listening http %s\nready\n", name) > 0 && fflush(stdout) == 0, ERR_IO);
    return ERR_OK;
}

/* Before there is a second thread: it changes the environment. */
static void meet_manager(struct program *p)
{
    if (sd_notify_open(&p->notify) != ERR_OK) {
        LOG(LOG_WARN, "main",
            "event=service_manager_not_understood variable=NOTIFY_SOCKET action=go_on_without");
    }
}

static err_t start(struct program *p, char *why)
{
    snprintf(why, WHY_BYTES, "out of memory");
    meet_manager(p);
    sigemptyset(&p->signals);
    sigaddset(&p->signals, SIGTERM);
    sigaddset(&p->signals, SIGINT);
    ENSURE(pthread_sigmask(SIG_BLOCK, &p->signals, NULL) == 0, ERR_IO);
    ENSURE(signal(SIGPIPE, SIG_IGN) != SIG_ERR, ERR_IO);
    TRY(check_json_init(&p->api.rules.check));
    TRY(prepare_access(p, why));
    TRY(open_store(p, why));
    TRY(listen_http(p, why));
    return announce(p, why);
}

/* A manager whose queue is full takes the message later; without it, it would end the program. */
static int serve_until_signal(struct program *p)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    int number = -1;

    while (
        p->notify.fd >= 0 && number < 0 &&
        !sd_notify_send(&p->notify, "READY=1\nSTATUS=serving schemas from %.200s\n", p->cfg.db)) {
        number = sigtimedwait(&p->signals, NULL, &pause);
    }
    while (number < 0) {
        number = sigwaitinfo(&p->signals, NULL);
    }
    return number;
}

static int serve(struct program *p)
{
    char why[WHY_BYTES];
    int signal_number = 0;
    err_t err = start(p, why);

    if (err == ERR_OK) {
        signal_number = serve_until_signal(p);
        LOG(LOG_INFO, "main", "event=stopping signal=%d", signal_number);
        IGNORE(sd_notify_send(&p->notify, "STOPPING=1\n"), "nobody may want to know");
    } else {
        colour_print_error(why);
    }
    sd_notify_close(&p->notify);
    http_server_stop(p->http);
    store_close(p->api.rules.store);
    check_json_done(&p->api.rules.check);
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static struct program p;
    struct option_report report = {0};
    err_t err = registry_cfg_load(argc, argv, environ, &p.cfg, &report);
    int status = EXIT_SUCCESS;

    if (report.warnings.len > 0) {
        fwrite(report.warnings.at, 1, report.warnings.len, stderr);
    }
    buf_done(&report.warnings);
    if (err != ERR_OK) {
        colour_print_error(err == ERR_NOMEM ? "out of memory" : report.why);
        return EXIT_USAGE;
    }
    log_set_level(p.cfg.log_level);
    if (p.cfg.help[0] != '\0') {
        status = option_help_print(&registry_cfg_table, p.cfg.help);
    } else if (p.cfg.print_options) {
        status = option_dump_print(&registry_cfg_table);
    } else if (p.cfg.version) {
        printf("cordwood-registry %s\n", CORDWOOD_VERSION);
    } else {
        status = serve(&p);
    }
    registry_cfg_done(&p.cfg);
    return status;
}
