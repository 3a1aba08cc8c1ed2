/* SPDX-License-Identifier: Apache-2.0
 *
 * main: cordwood-client: starts the workers, listens to signals, tells how it goes.
 * Exit status: 0 everything was sent; 1 something was not; 2 the command line is wrong. */
#include "base/clock.h"
#include "base/log.h"
#include "base/option_dump.h"
#include "base/option_help.h"
#include "client/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LOOPBACK_CERT "data/.state/dev-cert.pem"

enum exit_status { EXIT_ALL_SENT = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct client {
    struct args args;
    struct worker_job job;
    struct stop stop;
    struct lines lines;
    struct replay replay;
    struct types types;
    struct feed_source source;
    struct tls_client_settings *settings;
    struct worker *workers;
    unsigned worker_count; /* started */
    int signal_fd;
};

static int usage_error(const char *why)
{
    colour_print_error(why);
    return EXIT_USAGE;
}

/* INT and TERM come by a descriptor; the threads that are started later inherit the mask. A peer
 * that closed is told by an error, not by PIPE. */
static err_t catch_signals(int *ret_fd)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    ENSURE(sigprocmask(SIG_BLOCK, &set, NULL) == 0, ERR_IO);
    *ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ret_fd < 0 ? ERR_IO : ERR_OK;
}

/* Until there is something to stop in order, signals end the program as they do any other. */
static void let_signals_end(int how)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(how, &set, NULL);
}

/* The first signal asks to stop, the second ends at once. */
static void on_signal(struct client *c)
{
    struct signalfd_siginfo info;
    sigset_t set;

    IGNORE(read(c->signal_fd, &info, sizeof(info)) < 0, "poll said there is one");
    stop_request(&c->stop);
    sigfillset(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Until all workers have ended. */
static err_t watch(struct client *c, struct report *report)
{
    struct pollfd fds[2] = {{.fd = c->signal_fd, .events = POLLIN},
                            {.fd = c->job.ended_fd, .events = POLLIN}};
    uint64_t ended = 0;

    while (ended < c->worker_count) {
        uint64_t now = clock_mono_ns();
        eventfd_t more = 0;
        if (now >= report_due_ns(report)) {
            TRY(report_progress(report, now));
            continue;
        }
        int ready = poll(fds, 2, (int)((report_due_ns(report) - now) / NS_PER_MS) + 1);
        if (ready > 0 && fds[0].revents != 0) {
            on_signal(c);
        }
        if (ready > 0 && fds[1].revents != 0 && eventfd_read(c->job.ended_fd, &more) == 0) {
            ended += more;
        }
    }
    return ERR_OK;
}

/* Whether everything that was to be sent was. */
static enum exit_status judge(const struct client *c)
{
    const struct lines *lines = c->source.lines;
    const struct replay *replay = c->source.replay;
    bool good = (lines == NULL || (lines->refused == 0 && lines->read_errno == 0)) &&
                (replay == NULL || replay_complete(replay));

    for (unsigned i = 0; i < c->worker_count; i++) {
        const struct worker *w = &c->workers[i];
        good = good && w->totals.batches_failed == 0 && !w->given_up && !w->unclean;
    }
    if (lines != NULL && lines->read_errno != 0) {
        fprintf(stderr, "error: %s: %s\n", c->args.file, strerror(lines->read_errno));
    }
    return good ? EXIT_ALL_SENT : EXIT_FAILED;
}

static enum exit_status run(struct client *c)
{
    struct report report;
    uint64_t start = clock_mono_ns();
    enum exit_status status = EXIT_ALL_SENT;

    c->job.start_mono_ns = start;
    report_init(&report, c->workers, 0, start);
    for (unsigned i = 0; i < c->args.connections; i++) {
        if (worker_start(&c->workers[i], &c->job, i) != ERR_OK) {
            fprintf(stderr, "error: no thread for connection %u\n", i);
            stop_request(&c->stop);
            status = EXIT_FAILED;
            break;
        }
        report.worker_count = ++c->worker_count;
    }
    err_t err = watch(c, &report);
    stop_request(&c->stop);
    for (unsigned i = 0; i < c->worker_count; i++) {
        worker_join(&c->workers[i]);
    }
    if (err == ERR_OK) {
        err = report_totals(&report, &c->source, clock_mono_ns());
    }
    return status == EXIT_ALL_SENT && err == ERR_OK ? judge(c) : EXIT_FAILED;
}

static err_t open_lines(struct client *c, char why[TLS_CLIENT_WHY_BYTES])
{
    err_t err = lines_open(&c->lines, c->args.file, &c->stop);

    if (err != ERR_OK) {
        snprintf(why, TLS_CLIENT_WHY_BYTES, "--file: %.150s: %s", c->args.file,
                 err == ERR_IO ? strerror(errno) : "out of memory");
        return err;
    }
    c->source.lines = &c->lines;
    return ERR_OK;
}

static err_t open_replay(struct client *c, char why[TLS_CLIENT_WHY_BYTES])
{
    const char *path = "";
    err_t err = replay_open(&c->replay, &c->args.replay, &c->stop, &path);

    if (err != ERR_OK) {
        snprintf(why, TLS_CLIENT_WHY_BYTES, "--replay: %.150s: %s", path,
                 err == ERR_IO ? strerror(errno) : "out of memory");
        return err;
    }
    c->source.replay = &c->replay;
    return ERR_OK;
}

/* Which option named the file that a TLS error begins with. */
static void name_option(const struct args *args, char why[TLS_CLIENT_WHY_BYTES])
{
    const struct {
        const char *path;
        const char *option;
    } rows[] = {{args->ca, "ca"}, {args->cert, "cert"}, {args->key, "key"}};
    char text[TLS_CLIENT_WHY_BYTES];

    snprintf(text, sizeof(text), "%s", why);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].path[0] != '\0' && strncmp(text, rows[i].path, strlen(rows[i].path)) == 0) {
            snprintf(why, TLS_CLIENT_WHY_BYTES, "--%s: %.240s", rows[i].option, text);
            return;
        }
    }
}

/* TLS settings and files: what can be wrong with the paths of the command line. */
static err_t open_inputs(struct client *c, char why[TLS_CLIENT_WHY_BYTES])
{
    const struct tls_client_config config = {
        .ca_file = c->args.ca,
        .loopback_file = LOOPBACK_CERT,
        .cert_file = c->args.cert,
        .key_file = c->args.key,
        .insecure = c->args.insecure,
    };

    c->source.args = &c->args;
    if (!c->args.udp) {
        err_t err = tls_client_settings_new(&config, why, &c->settings);
        if (err != ERR_OK) {
            name_option(&c->args, why);
            return err;
        }
    }
    if (c->args.replay.count > 0) {
        return open_replay(c, why);
    }
    return c->args.file[0] != '\0' ? open_lines(c, why) : ERR_OK;
}

static err_t prepare(struct client *c, char why[TLS_CLIENT_WHY_BYTES])
{
    snprintf(why, TLS_CLIENT_WHY_BYTES, "the system refuses descriptors or memory");
    TRY(catch_signals(&c->signal_fd));
    TRY(stop_init(&c->stop));
    c->job.ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ENSURE(c->job.ended_fd >= 0, ERR_IO);
    c->workers = calloc(c->args.connections, sizeof(*c->workers));
    ENSURE(c->workers != NULL, ERR_NOMEM);
    TRY(open_inputs(c, why));
    c->job.args = &c->args;
    c->job.source = &c->source;
    c->job.stop = &c->stop;
    c->job.settings = c->settings;
    c->job.seed = c->args.seed != 0 ? c->args.seed : clock_wall_ns();
    if (c->args.insecure && !c->args.udp) {
        LOG(LOG_WARN, "main", "event=insecure action=trust_any_certificate");
    }
    return ERR_OK;
}

/* The schema, and whether records of it can be made at all. */
static enum exit_status load_type(struct client *c)
{
    struct schema_why why = {0};

    let_signals_end(SIG_UNBLOCK);
    err_t err = types_load(&c->args, &why, &c->types);
    let_signals_end(SIG_BLOCK);
    if (err == ERR_OK) {
        c->source.types = &c->types;
        err = feed_choose(&c->source, c->job.seed, &why);
    }
    if (err != ERR_OK) {
        colour_print_error(why.text[0] != '\0' ? why.text : err_name(err));
        return EXIT_FAILED;
    }
    return EXIT_ALL_SENT;
}

static void release(struct client *c)
{
    if (c->source.lines != NULL) {
        lines_close(&c->lines);
    }
    if (c->source.replay != NULL) {
        replay_close(&c->replay);
    }
    types_done(&c->types);
    tls_client_settings_free(c->settings);
    free(c->workers);
    args_done(&c->args);
}

int main(int argc, char **argv)
{
    struct client c = {0};
    struct option_report report = {0};
    char why[TLS_CLIENT_WHY_BYTES];
    int status = EXIT_USAGE;

    if (args_load(argc, argv, &c.args, &report) != ERR_OK) {
        return usage_error(report.why);
    }
    if (c.args.help[0] != '\0') {
        status = option_help_print(&args_table, c.args.help);
    } else if (c.args.print_options) {
        status = option_dump_print(&args_table);
    } else if (c.args.version) {
        printf("cordwood-client %s\n", CORDWOOD_VERSION);
        status = EXIT_ALL_SENT;
    } else if (prepare(&c, why) != ERR_OK) {
        status = usage_error(why);
    } else {
        status = (int)load_type(&c);
        status = status == EXIT_ALL_SENT ? (int)run(&c) : status;
    }
    release(&c);
    return status;
}
