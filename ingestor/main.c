/* SPDX-License-Identifier: Apache-2.0
 *
 * main: the ingestor's command line, its signals, and the loop that accepts connections and tells
 * the time to the statistics. */
#include "base/clock.h"
#include "base/log.h"
#include "base/option_dump.h"
#include "base/option_help.h"
#include "base/option_show.h"
#include "ingestor/admin_http.h"
#include "ingestor/admin_start.h"
#include "ingestor/explain.h"
#include "ingestor/fd_budget.h"
#include "ingestor/ingestor_cfg.h"
#include "ingestor/inherit.h"
#include "ingestor/metrics.h"
#include "ingestor/server.h"
#include "ingestor/service.h"
#include "ingestor/stats_line.h"
#include "ingestor/token_file.h"
#include "net/sd_listen.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EXIT_USAGE         2
#define TICK_MS            200
#define ACCEPT_PAUSE_NS    (100u * NS_PER_MS)
#define ACCEPT_BEHIND_NS   (5u * NS_PER_MS)
#define WHY_BYTES          1024u
#define TOTALS_PATIENCE_NS NS_PER_S /* standard output may be a pipe that nobody empties */

struct program {
    struct ingestor_cfg_input input;
    struct ingestor_cfg cfg;
    struct inherit inherit;
    struct service *service;
    struct server *server;
    struct admin_http *http;
    struct stats_line *stats;
    int epoll_fd;
    int signal_fd;
    uint64_t accept_after_ns; /* out of descriptors: no accepting until then */
    uint64_t udp_due_ns;      /* when to look at the kernel's drops again */
    uint64_t udp_drops;       /* as last seen */
    bool stopping;
};

static void print_warnings(struct option_report *report)
{
    if (report->warnings.len > 0) {
        fwrite(report->warnings.at, 1, report->warnings.len, stderr);
    }
    buf_done(&report->warnings);
}

static int print_text(err_t err, struct buf *text)
{
    if (err != ERR_OK || fwrite(text->at, 1, text->len, stdout) != text->len ||
        fflush(stdout) != 0) {
        colour_print_error("cannot write to standard output");
        buf_done(text);
        return EXIT_FAILURE;
    }
    buf_done(text);
    return EXIT_SUCCESS;
}

/* What the settings name and a start would need. */
static err_t check_files(const struct ingestor_cfg *cfg, char *why, size_t why_bytes)
{
    char token[TOKEN_FILE_BYTES];

    if (cfg->http_token_file[0] != '\0' && cfg->http_port != OPTION_PORT_DISABLED) {
        TRY(token_file_read(cfg->http_token_file, token, why, why_bytes));
    }
    return server_check_files(cfg, why, why_bytes);
}

/* A file that cannot be used is told with the setting that names it, as the user wrote that. */
static void print_failure(struct ingestor_cfg *cfg, const char *why)
{
    static const struct {
        const char *begins;
        const char *setting;
    } rows[] = {{"cannot use certificate", "cert"},
                {"cannot use private key", "key"},
                {"cannot use client CA", "client-ca"}};
    const struct option_set set = ingestor_cfg_set(cfg);
    struct option_report report = {0};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strncmp(why, rows[i].begins, strlen(rows[i].begins)) == 0) {
            IGNORE(option_refuse(&set, rows[i].setting, &report, "%s", why) == ERR_OK,
                   "it is called for its text");
            why = report.why;
            break;
        }
    }
    colour_print_error(why);
}

static int check_config(struct ingestor_cfg *cfg)
{
    char why[WHY_BYTES];
    struct buf text = {0};

    if (check_files(cfg, why, sizeof(why)) != ERR_OK) {
        print_failure(cfg, why);
        return EXIT_USAGE;
    }
    return print_text(buf_printf(&text, "configuration is valid\n"), &text);
}

/* The options that print something and end the program. Returns -1 if there is none of them. */
static int answer_questions(struct ingestor_cfg *cfg)
{
    struct buf text = {0};
    struct option_set set = ingestor_cfg_set(cfg);

    if (cfg->help[0] != '\0') {
        return option_help_print(set.table, cfg->help);
    }
    if (cfg->print_options) {
        return option_dump_print(set.table);
    }
    if (cfg->version) {
        return print_text(buf_printf(&text, "cordwood-ingestor %s\n", CORDWOOD_VERSION), &text);
    }
    if (cfg->print_config) {
        return print_text(option_show_config(&set, &text), &text);
    }
    if (cfg->print_config_template) {
        return print_text(option_show_template(&set, &text), &text);
    }
    if (cfg->check_config) {
        return check_config(cfg);
    }
    if (cfg->explain[0] != '\0') {
        return explain_run(cfg);
    }
    return -1;
}

/* Signals are read from a descriptor by the main thread; all threads inherit the mask. */
static err_t take_signals(struct program *p)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    ENSURE(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0, ERR_IO);
    ENSURE(signal(SIGPIPE, SIG_IGN) != SIG_ERR, ERR_IO);
    p->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    ENSURE(p->signal_fd >= 0, ERR_IO);
    return ERR_OK;
}

static err_t watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    ENSURE(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, ERR_IO);
    return ERR_OK;
}

static err_t watch_all(struct program *p)
{
    int fds[OPTION_LIST_MAX];
    unsigned count = server_listen_fds(p->server, fds, OPTION_LIST_MAX);

    p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    ENSURE(p->epoll_fd >= 0, ERR_IO);
    TRY(watch(p->epoll_fd, p->signal_fd));
    for (unsigned i = 0; i < count; i++) {
        TRY(watch(p->epoll_fd, fds[i]));
    }
    return ERR_OK;
}

static err_t start_http(struct program *p, char *why, size_t why_bytes)
{
    const struct admin_start_config config = {&p->cfg, &p->inherit, p->server};

    return admin_start(&config, why, why_bytes, &p->http);
}

/* The lines by which whoever started us learns the ports. */
static err_t announce(struct program *p)
{
    struct buf text = {0};
    err_t err = server_describe(p->server, &text);

    if (err == ERR_OK) {
        err = admin_start_describe(&p->cfg, &p->inherit, p->http, &text);
    }
    if (err == ERR_OK) {
        err = buf_printf(&text, "ready\n");
    }
    return print_text(err, &text) == EXIT_SUCCESS ? ERR_OK : ERR_IO;
}

static uint64_t stats_interval_ns(const struct ingestor_cfg *cfg)
{
    if (cfg->stats_interval_ns != OPTION_AUTO) {
        return cfg->stats_interval_ns;
    }
    return isatty(STDOUT_FILENO) == 1 ? NS_PER_S : 60 * NS_PER_S;
}

/* Before anything else is opened, and while there is one thread only. */
static err_t meet_manager(struct program *p, char *why, size_t why_bytes)
{
    struct sd_listen passed;

    TRY(service_new(&p->service));
    TRY(sd_listen_take(&passed, why, why_bytes));
    return inherit_sort(&passed, &p->cfg, &p->inherit, why, why_bytes);
}

static err_t start_server(struct program *p, char *why, size_t why_bytes)
{
    const struct server_config config = {&p->cfg, &p->inherit, service_io(p->service)};

    return server_start(&config, why, why_bytes, &p->server);
}

static err_t start(struct program *p, char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "out of memory or descriptors");
    TRY(meet_manager(p, why, why_bytes));
    TRY(take_signals(p));
    IGNORE(fd_budget_raise() == 0, "the server asks what it has become");
    TRY(start_server(p, why, why_bytes));
    if (server_cert_is_development(p->server)) {
        LOG(LOG_WARN, "main",
            "event=development_certificate dir=%s remedy=\"give --cert and --key\"",
            p->cfg.state_dir);
    }
    TRY(start_http(p, why, why_bytes));
    TRY(watch_all(p));
    TRY(stats_line_new(STDOUT_FILENO, stats_interval_ns(&p->cfg), &p->stats));
    TRY(announce(p));
    service_ready(p->service);
    return ERR_OK;
}

static void replace_stats_line(struct program *p)
{
    struct stats_line *fresh = NULL;

    if (stats_line_new(STDOUT_FILENO, stats_interval_ns(&p->cfg), &fresh) == ERR_OK) {
        stats_line_free(p->stats);
        p->stats = fresh;
    }
}

/* Standard error may be a pipe that nobody empties: the running program only logs. */
static void log_warnings(struct option_report *report)
{
    struct span rest = buf_span(&report->warnings);

    while (rest.len > 0) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        LOG_EACH(LOG_WARN, "main", "event=setting_skipped text=\"%.*s\"", (int)line.len, line.at);
        rest = span_skip(rest, line.len < rest.len ? line.len + 1 : line.len);
    }
    buf_done(&report->warnings);
}

static void apply(struct program *p, const struct buf *applied, const struct buf *refused)
{
    log_set_level(p->cfg.log_level);
    replace_stats_line(p);
    server_reload(p->server);
    LOG(LOG_INFO, "main", "event=reloaded changed=\"%.*s\" needs_restart=\"%.*s\"",
        (int)applied->len, applied->at == NULL ? "" : applied->at, (int)refused->len,
        refused->at == NULL ? "" : refused->at);
}

/* SIGHUP: all of it or, where something is wrong, what was there before. */
static void reload(struct program *p)
{
    struct option_report report = {0};
    struct ingestor_cfg fresh;
    struct buf applied = {0};
    struct buf refused = {0};
    char why[WHY_BYTES];
    err_t err = ingestor_cfg_load(&p->input, &fresh, &report);

    snprintf(why, sizeof(why), "%s", err == ERR_NOMEM ? "out of memory" : report.why);
    if (err == ERR_OK) {
        err = server_prepare_reload(p->server, &fresh, why, sizeof(why));
        if (err == ERR_OK) {
            err = ingestor_cfg_adopt(&p->cfg, &fresh, &applied, &refused);
        }
        ingestor_cfg_done(&fresh);
    }
    if (err == ERR_OK) {
        apply(p, &applied, &refused);
    } else {
        LOG(LOG_ERROR, "main", "event=reload_failed reason=\"%s\" action=keep_settings", why);
    }
    log_warnings(&report);
    buf_done(&applied);
    buf_done(&refused);
}

static void take_signal(struct program *p)
{
    struct signalfd_siginfo info;

    while (read(p->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        LOG(LOG_INFO, "main", "event=signal name=SIG%s",
            sigabbrev_np((int)info.ssi_signo) == NULL ? "?" : sigabbrev_np((int)info.ssi_signo));
        switch (info.ssi_signo) {
        case SIGHUP:
            service_reloading(p->service);
            reload(p);
            service_ready(p->service);
            break;
        case SIGUSR1:
            server_rotate(p->server);
            break;
        default:
            p->stopping = true;
            break;
        }
    }
}

static void accept_connections(struct program *p, uint64_t now_ns)
{
    if (now_ns < p->accept_after_ns) {
        return;
    }
    err_t err = server_accept(p->server);
    if (err == ERR_IO) {
        LOG(LOG_ERROR, "main", "event=accept_failed reason=\"%s\" action=pause_accepting",
            strerror(errno));
        p->accept_after_ns = now_ns + ACCEPT_PAUSE_NS;
    } else if (err == ERR_AGAIN) {
        p->accept_after_ns = now_ns + ACCEPT_BEHIND_NS;
    }
}

/* Once a second, whether anybody scrapes or not: the kernel drops without a word, and refusals were
 * held back. */
static void tell_what_was_silent(struct program *p, uint64_t now_ns)
{
    if (now_ns < p->udp_due_ns) {
        return;
    }
    p->udp_due_ns = now_ns + NS_PER_S;
    server_report_refusals(p->server, now_ns);
    uint64_t drops = server_udp_drops(p->server);
    if (drops > p->udp_drops) {
        LOG(LOG_WARN, "main", "event=udp_dropped_by_kernel datagrams=%llu",
            (unsigned long long)(drops - p->udp_drops));
        p->udp_drops = drops;
    }
}

static void run(struct program *p)
{
    struct epoll_event events[16];

    while (!p->stopping) {
        int n = epoll_wait(p->epoll_fd, events, 16, TICK_MS);
        uint64_t now = clock_mono_ns();
        bool arrivals = false;
        assert(n >= 0 || errno == EINTR);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == p->signal_fd) {
                take_signal(p);
            } else {
                arrivals = true;
            }
        }
        if (arrivals) {
            accept_connections(p, now);
        }
        if (p->accept_after_ns > now) {
            usleep((useconds_t)((p->accept_after_ns - now) / NS_PER_US));
        }
        tell_what_was_silent(p, now);
        stats_line_tick(p->stats, p->server, now);
        service_tick(p->service, p->server, p->http, now);
    }
}

/* A second signal ends the process at once: recovery at the next start is made for that. */
static void let_signals_kill(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    IGNORE(pthread_sigmask(SIG_UNBLOCK, &set, NULL) != 0, "an orderly end follows anyway");
}

static void put_patiently(int fd, const char *line, size_t bytes)
{
    uint64_t until = clock_mono_ns() + TOTALS_PATIENCE_NS;

    while (!log_put(fd, line, bytes) && clock_mono_ns() < until) {
        usleep(10000);
    }
}

/* What was read, and the law as the last line. False if it does not add up. */
static bool print_totals(const struct program *p)
{
    char line[160];
    struct metrics_law total = {0};
    struct metrics_view *view = calloc(1, sizeof(*view));

    if (view == NULL) {
        return false;
    }
    metrics_read(p->server, view);
    total = metrics_law_total(&view->sum);
    int len = snprintf(
        line, sizeof(line), "read %llu bytes; %llu datagrams, the kernel dropped %llu more\n",
        (unsigned long long)view->sum.bytes_received, (unsigned long long)view->sum.udp_datagrams,
        (unsigned long long)view->udp_drops);
    put_patiently(STDOUT_FILENO, line, (size_t)len);
    free(view);
    len = snprintf(line, sizeof(line),
                   "received %llu = archived %llu + rejected %llu + dropped %llu\n",
                   (unsigned long long)total.received, (unsigned long long)total.archived,
                   (unsigned long long)total.rejected, (unsigned long long)total.dropped);
    put_patiently(STDOUT_FILENO, line, (size_t)len);
    return total.in_flight == 0 &&
           total.received == total.archived + total.rejected + total.dropped;
}

static void release(struct program *p)
{
    admin_http_stop(p->http);
    stats_line_free(p->stats);
    server_free(p->server);
    service_free(p->service);
    ingestor_cfg_done(&p->cfg);
    close(p->epoll_fd);
    close(p->signal_fd);
}

/* What another start would meet again, until somebody changes something. */
static bool is_users(err_t err)
{
    return err == ERR_EXISTS || err == ERR_SYNTAX || err == ERR_UNKNOWN || err == ERR_LIMIT;
}

static int serve(struct program *p)
{
    char why[WHY_BYTES];
    err_t err = start(p, why, sizeof(why));
    int status = err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;

    if (err == ERR_OK) {
        run(p);
        service_stopping(p->service);
        let_signals_kill();
    } else {
        print_failure(&p->cfg, why);
        status = is_users(err) ? EXIT_USAGE : EXIT_FAILURE;
    }
    if (p->server != NULL) {
        server_stop(p->server);
        if (err == ERR_OK && !print_totals(p)) {
            LOG(LOG_ERROR, "main", "event=numbers_do_not_add_up");
            status = EXIT_FAILURE;
        }
    }
    release(p);
    return status;
}

int main(int argc, char **argv)
{
    struct program p = {
        .input = {.argc = argc, .argv = argv, .env = environ}, .epoll_fd = -1, .signal_fd = -1};
    struct option_report report = {0};
    err_t err = ingestor_cfg_load(&p.input, &p.cfg, &report);

    print_warnings(&report);
    if (err != ERR_OK) {
        colour_print_error(err == ERR_NOMEM ? "out of memory" : report.why);
        return EXIT_USAGE;
    }
    log_set_level(p.cfg.log_level);
    inherit_init(&p.inherit);
    int answered = answer_questions(&p.cfg);
    if (answered >= 0) {
        ingestor_cfg_done(&p.cfg);
        return answered;
    }
    return serve(&p);
}
