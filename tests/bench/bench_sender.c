/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_sender: the load of the benchmark, a process of its own. Everything it will send is encoded
 * and every connection is open before the clock starts. It ends as a well-behaved sender does:
 * close_notify, then it waits until the other side has answered, which it does when it has read
 * everything. Prints one JSON object: what was written, how long it took, and what CPU time of its
 * own it took. With --controlled: "ready" when it could begin, begins at a line on standard input,
 * and keeps idle connections until the end of standard input.
 *
 * One thread for each busy connection, one for all quiet ones. Exit status 1: something was not
 * sent; standard error says why, and nothing is printed. */
#include "base/clock.h"
#include "tests/bench/bench_corpus.h"
#include "tests/bench/bench_crowd.h"
#include "tests/bench/bench_flow.h"
#include "tests/bench/bench_pace.h"
#include "tests/bench/bench_sender_cfg.h"
#include "tests/bench/bench_udp.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* One busy connection or UDP socket. */
struct lane {
    const struct bench_sender_cfg *cfg;
    uint32_t sender;
    struct bench_corpus corpus;
    struct bench_flow flow;
    int udp_fd;
    pthread_t thread;
    err_t err;
    int sys_errno;
    uint64_t records;
    uint64_t bytes;
    uint64_t packets; /* TLS records or datagrams */
};

struct sender {
    struct bench_sender_cfg cfg;
    SSL_CTX *tls;
    struct lane *lanes;
    struct bench_crowd quiet;
    struct bench_crowd idle;
    struct bench_crowd_sent quiet_sent;
    uint64_t start_ns;
    double cpu_start_s;
};

static err_t complain(const char *what, err_t err)
{
    int saved = errno;
    unsigned long code = ERR_get_error();
    const char *why = ERR_reason_error_string(code);

    fprintf(stderr, "error: %s: %s%s%s\n", what, err_name(err),
            why != NULL || saved != 0 ? ": " : "",
            why != NULL  ? why
            : saved != 0 ? strerror(saved)
                         : "");
    return err;
}

static double cpu_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* --- preparing ------------------------------------------------------------------------------- */

static void *lane_build(void *arg)
{
    struct lane *l = arg;
    uint64_t lanes = l->cfg->connections;
    const struct bench_corpus_config config = {
        .format = l->cfg->format,
        .texts = l->cfg->texts,
        .marks = l->cfg->marks,
        .sender = l->sender,
        .records = l->cfg->records / lanes + (l->sender < l->cfg->records % lanes ? 1 : 0),
    };

    l->err = bench_corpus_build(&config, &l->corpus);
    return NULL;
}

/* Runs `work` for all lanes, each in its thread, and waits for all. The first error. */
static err_t run_lanes(struct sender *s, void *(*work)(void *))
{
    uint64_t started = 0;
    err_t err = ERR_OK;

    for (; started < s->cfg.connections; started++) {
        if (pthread_create(&s->lanes[started].thread, NULL, work, &s->lanes[started]) != 0) {
            err = ERR_NOMEM;
            break;
        }
    }
    for (uint64_t i = 0; i < started; i++) {
        pthread_join(s->lanes[i].thread, NULL);
        if (err == ERR_OK) {
            err = s->lanes[i].err;
            errno = s->lanes[i].sys_errno;
        }
    }
    return err;
}

static err_t open_lanes(struct sender *s, const struct addr *to)
{
    for (uint64_t i = 0; i < s->cfg.connections; i++) {
        if (s->cfg.udp_port != OPTION_PORT_DISABLED) {
            TRY(bench_udp_open(to, &s->lanes[i].udp_fd));
        } else {
            TRY(bench_flow_open(s->tls, to, s->cfg.writes, &s->lanes[i].flow));
        }
    }
    return ERR_OK;
}

/* As many descriptors as the system lets us have. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        IGNORE(setrlimit(RLIMIT_NOFILE, &limit) != 0, "too few show when connections are opened");
    }
}

/* Busy connections first: whoever shares connections out by their number gives each shard as many
 * busy ones. */
static err_t prepare(struct sender *s)
{
    const struct bench_sender_cfg *cfg = &s->cfg;
    int32_t port = cfg->udp_port == OPTION_PORT_DISABLED ? cfg->tls_port : cfg->udp_port;
    struct addr to;

    raise_descriptor_limit();
    TRY(addr_parse(cfg->host, (uint16_t)port, &to));
    TRY(bench_flow_context(&s->tls));
    s->lanes = calloc(cfg->connections, sizeof(*s->lanes));
    ENSURE(s->lanes != NULL, ERR_NOMEM);
    for (uint32_t i = 0; i < cfg->connections; i++) {
        s->lanes[i] = (struct lane){.cfg = cfg, .sender = i, .udp_fd = -1};
    }
    TRY(run_lanes(s, lane_build));
    TRY(open_lanes(s, &to));
    TRY(bench_crowd_open(&s->quiet, s->tls, &to, cfg->quiet));
    return bench_crowd_open(&s->idle, s->tls, &to, cfg->idle);
}

/* --- sending --------------------------------------------------------------------------------- */

static struct bench_pace pace_of(const struct lane *l)
{
    return (struct bench_pace){.start_ns = clock_mono_ns(),
                               .records_per_second =
                                   (double)l->cfg->rate / (double)l->cfg->connections};
}

/* All records of the lane once, in TLS records of one size; the last is smaller. */
static err_t send_evenly(struct lane *l, const struct bench_pace *pace)
{
    struct span left = span_of(l->corpus.at, l->corpus.len);
    uint64_t bytes_before = l->bytes;
    double records_per_byte = (double)l->corpus.records / (double)l->corpus.len;

    while (left.len > 0) {
        struct span bytes = span_head(left, l->cfg->tls_record_bytes);
        uint64_t so_far = (uint64_t)((double)(l->bytes - bytes_before) * records_per_byte);
        bench_pace_wait(pace, l->records + so_far);
        TRY(bench_flow_write(&l->flow, bytes));
        left = span_skip(left, bytes.len);
        l->bytes += bytes.len;
        l->packets++;
    }
    l->records += l->corpus.records;
    return ERR_OK;
}

/* All records of the lane once, each in a TLS record of its own. */
static err_t send_one_by_one(struct lane *l, const struct bench_pace *pace)
{
    const char *at = l->corpus.at;

    for (uint64_t i = 0; i < l->corpus.records; i++) {
        bench_pace_wait(pace, l->records);
        TRY(bench_flow_write(&l->flow, span_of(at, l->corpus.record_bytes[i])));
        at += l->corpus.record_bytes[i];
        l->bytes += l->corpus.record_bytes[i];
        l->packets++;
        l->records++;
    }
    return ERR_OK;
}

static err_t send_tls(struct lane *l)
{
    const struct bench_pace pace = pace_of(l);

    do {
        TRY(l->cfg->tls_record_bytes == 0 ? send_one_by_one(l, &pace) : send_evenly(l, &pace));
    } while (clock_mono_ns() - pace.start_ns < l->cfg->duration_ns);
    return bench_flow_finish(&l->flow);
}

static err_t send_datagrams(struct lane *l)
{
    const struct bench_pace pace = pace_of(l);
    struct bench_udp_sent sent = {0};
    err_t err = bench_udp_send(l->udp_fd, &l->corpus, l->cfg->datagram_bytes, &pace, &sent);

    l->records = sent.records;
    l->bytes = sent.bytes;
    l->packets = sent.datagrams;
    return err;
}

static void *lane_send(void *arg)
{
    struct lane *l = arg;

    errno = 0;
    l->err = l->udp_fd >= 0 ? send_datagrams(l) : send_tls(l);
    l->sys_errno = errno;
    if (l->err != ERR_OK) {
        ERR_print_errors_fp(stderr); /* the queue is this thread's own */
    }
    return NULL;
}

static void *quiet_send(void *arg)
{
    struct sender *s = arg;
    err_t err = bench_crowd_talk(&s->quiet, s->cfg.duration_ns, &s->quiet_sent);

    return err == ERR_OK ? NULL : s;
}

static err_t send_all(struct sender *s)
{
    pthread_t quiet;
    void *quiet_failed = NULL;

    s->cpu_start_s = cpu_seconds();
    s->start_ns = clock_mono_ns();
    if (s->cfg.quiet > 0) {
        ENSURE(pthread_create(&quiet, NULL, quiet_send, s) == 0, ERR_NOMEM);
    }
    err_t err = run_lanes(s, lane_send);
    if (s->cfg.quiet > 0) {
        pthread_join(quiet, &quiet_failed);
    }
    return err == ERR_OK && quiet_failed != NULL ? ERR_IO : err;
}

/* --- reporting ------------------------------------------------------------------------------- */

static void report(const struct sender *s)
{
    double seconds = (double)(clock_mono_ns() - s->start_ns) * 1e-9;
    double cpu = cpu_seconds() - s->cpu_start_s;
    const SSL *ssl = s->lanes[0].flow.ssl;
    uint64_t records = s->quiet_sent.records;
    uint64_t bytes = s->quiet_sent.bytes;
    uint64_t packets = s->quiet_sent.records;

    for (uint64_t i = 0; i < s->cfg.connections; i++) {
        records += s->lanes[i].records;
        bytes += s->lanes[i].bytes;
        packets += s->lanes[i].packets;
    }
    printf("{\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"packets\":%" PRIu64
           ",\"quiet_records\":%" PRIu64 ",\"seconds\":%.6f,\"cpu_seconds\":%.6f,"
           "\"protocol\":\"%s\",\"cipher\":\"%s\"}\n",
           records, bytes, packets, s->quiet_sent.records, seconds, cpu,
           ssl == NULL ? "UDP" : SSL_get_version(ssl),
           ssl == NULL ? "none" : SSL_get_cipher_name(ssl));
    fflush(stdout);
}

/* Reads standard input up to a line's end, or to its end. */
static void wait_for_line(void)
{
    int c = 0;

    do {
        c = getchar();
    } while (c != '\n' && c != EOF);
}

static err_t run(struct sender *s)
{
    err_t err = prepare(s);

    if (err != ERR_OK) {
        return complain("cannot prepare", err);
    }
    if (s->cfg.controlled) {
        printf("ready\n");
        fflush(stdout);
        wait_for_line();
    }
    err = send_all(s);
    if (err != ERR_OK) {
        return complain("cannot send", err);
    }
    report(s);
    if (s->cfg.controlled) {
        wait_for_line();
    }
    return ERR_OK;
}

static void finish(struct sender *s)
{
    bench_crowd_close(&s->idle);
    bench_crowd_close(&s->quiet);
    for (uint64_t i = 0; s->lanes != NULL && i < s->cfg.connections; i++) {
        bench_flow_close(&s->lanes[i].flow);
        bench_corpus_done(&s->lanes[i].corpus);
        if (s->lanes[i].udp_fd >= 0) {
            close(s->lanes[i].udp_fd);
        }
    }
    free(s->lanes);
    SSL_CTX_free(s->tls);
    bench_sender_cfg_done(&s->cfg);
}

int main(int argc, char **argv)
{
    struct sender s = {0};
    int status = EXIT_FAILURE;

    signal(SIGPIPE, SIG_IGN);
    if (bench_sender_cfg_load(argc, argv, &s.cfg, &status) != ERR_OK) {
        return status;
    }
    err_t err = run(&s);
    finish(&s);
    return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
