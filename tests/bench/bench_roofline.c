/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_roofline: what the two things that cannot be left out cost by themselves, each in one
 * thread, in CPU time of this process:
 *   bench_roofline tls CONNECTIONS DIR   receives what bench_sender sends on so many connections,
 *                                        by the ingestor's own TLS settings and transport, and does
 *                                        nothing with the bytes; DIR is for its certificate
 *   bench_roofline zstd LEVEL < LINES    compresses finished lines into frames with the archive's
 *                                        own code: its frame size, checksum, index
 * Prints one JSON object. `tls` says first "listening tls ADDRESS:PORT"; it counts from the first
 * byte that is no handshake. `zstd` reads all lines before it begins and has those of a frame in
 * the cache when it compresses them, as the ingestor has. */
#include "archive/archive_zstd.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/listener.h"
#include "net/transport_tls.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EXIT_USAGE      2
#define CONNECTIONS_MAX 256u
#define EVENTS_MAX      64
#define WHY_BYTES       512u
#define STDIN_BYTES     (1u * MIB)
#define LINE_BYTES_MAX  (1u * MIB)

/* As ingestor/conn.c reads: one TLS record a call, several into one buffer. */
#define READ_CHUNK_BYTES (64u * KIB)
#define READ_ROOM_BYTES  (16u * KIB)

struct peer {
    int fd;
    struct transport *transport;
    bool shaken;
};

struct receiver {
    struct tls_server *tls;
    int listen_fd;
    int epoll_fd;
    struct peer peers[CONNECTIONS_MAX];
    unsigned accepted;
    unsigned ended;
    unsigned failed; /* of the ended: not in order */
    uint64_t bytes;
    uint64_t reads;
    uint64_t cpu_start_ns;
    uint64_t start_ns;
    size_t at; /* in the buffer */
    char buffer[READ_CHUNK_BYTES];
};

static uint64_t cpu_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* --- tls ------------------------------------------------------------------------------------- */

static err_t poll_fd(struct receiver *r, int fd, struct peer *peer)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};

    ENSURE(epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0, ERR_IO);
    return ERR_OK;
}

static err_t accept_all(struct receiver *r)
{
    while (r->accepted < CONNECTIONS_MAX) {
        struct peer *p = &r->peers[r->accepted];
        struct addr from;
        err_t err = listener_accept(r->listen_fd, &p->fd, &from);
        if (err == ERR_AGAIN) {
            return ERR_OK;
        }
        TRY(err);
        TRY(transport_tls_new(r->tls, p->fd, &p->transport));
        r->accepted++;
        TRY(poll_fd(r, p->fd, p));
    }
    return ERR_LIMIT;
}

static void end_peer(struct receiver *r, struct peer *p, err_t how)
{
    r->ended++;
    r->failed += how == ERR_EOF ? 0 : 1;
    p->transport->ops->free(p->transport);
    close(p->fd);
    *p = (struct peer){.fd = -1};
}

static void count_read(struct receiver *r, size_t got)
{
    if (r->bytes == 0) {
        r->start_ns = clock_mono_ns();
        r->cpu_start_ns = cpu_ns();
    }
    r->bytes += got;
    r->reads++;
    r->at += got;
    if (r->at + READ_ROOM_BYTES > READ_CHUNK_BYTES) {
        r->at = 0;
    }
}

/* Everything that can be read from it now. */
static void serve_peer(struct receiver *r, struct peer *p)
{
    err_t err = ERR_OK;

    if (!p->shaken) {
        err = p->transport->ops->handshake(p->transport);
        p->shaken = err == ERR_OK;
    }
    while (err == ERR_OK) {
        size_t got = 0;
        err = p->transport->ops->read(p->transport, r->buffer + r->at, READ_ROOM_BYTES, &got);
        if (err == ERR_OK) {
            count_read(r, got);
        }
    }
    if (err != ERR_AGAIN) {
        end_peer(r, p, err);
    }
}

static err_t receive_all(struct receiver *r, unsigned connections)
{
    struct epoll_event events[EVENTS_MAX];

    while (r->ended < connections) {
        int n = epoll_wait(r->epoll_fd, events, EVENTS_MAX, -1);
        ENSURE(n > 0, ERR_IO);
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == NULL) {
                TRY(accept_all(r));
            } else {
                serve_peer(r, events[i].data.ptr);
            }
        }
    }
    return ERR_OK;
}

static err_t start_receiver(struct receiver *r, const char *state_dir)
{
    const struct tls_server_config config = {
        .cert_file = "", .key_file = "", .client_ca_file = "", .state_dir = state_dir};
    char why[WHY_BYTES];
    char name[ADDR_TEXT_BYTES];
    struct addr bound;

    err_t err = tls_server_new(&config, why, sizeof(why), &r->tls);
    if (err != ERR_OK) {
        fprintf(stderr, "error: %s\n", why);
        return err;
    }
    TRY(listener_tcp("127.0.0.1", 0, &r->listen_fd, &bound));
    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    ENSURE(r->epoll_fd >= 0, ERR_IO);
    TRY(poll_fd(r, r->listen_fd, NULL));
    addr_format(&bound, name);
    printf("listening tls %s\n", name);
    fflush(stdout);
    return ERR_OK;
}

static err_t run_tls(unsigned connections, const char *state_dir)
{
    static struct receiver r;

    TRY(start_receiver(&r, state_dir));
    TRY(receive_all(&r, connections));
    printf("{\"bytes\":%" PRIu64 ",\"reads\":%" PRIu64 ",\"failed\":%u,\"cpu_seconds\":%.9f,"
           "\"seconds\":%.9f}\n",
           r.bytes, r.reads, r.failed, (double)(cpu_ns() - r.cpu_start_ns) * 1e-9,
           (double)(clock_mono_ns() - r.start_ns) * 1e-9);
    close(r.epoll_fd);
    close(r.listen_fd);
    tls_server_free(r.tls);
    return ERR_OK;
}

/* --- zstd ------------------------------------------------------------------------------------ */

struct packer {
    struct archive_zstd *zstd;
    struct archive_frame frame;
    char *lines; /* of the frame in hand */
    uint64_t records;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t cpu_ns;
};

static err_t read_stdin(struct buf *in)
{
    size_t got = 0;

    do {
        TRY(buf_reserve(in, STDIN_BYTES));
        got = fread(in->at + in->len, 1, STDIN_BYTES, stdin);
        in->len += got;
    } while (got > 0);
    ENSURE(ferror(stdin) == 0, ERR_IO);
    ENSURE(in->len > 0 && in->at[in->len - 1] == '\n', ERR_SYNTAX);
    return ERR_OK;
}

/* The lines that the archive would put into one frame: it ends with the line that reaches
 * ARCHIVE_FRAME_BYTES. */
static err_t frame_of(struct span left, uint64_t *records, struct span *ret)
{
    size_t len = 0;

    while (len < left.len && len < ARCHIVE_FRAME_BYTES) {
        size_t line = span_find(span_skip(left, len), '\n') + 1;
        ENSURE(line <= LINE_BYTES_MAX, ERR_LIMIT);
        len += line;
        (*records)++;
    }
    *ret = span_head(left, len);
    return ERR_OK;
}

static err_t pack_all(struct packer *p, struct span left)
{
    while (left.len > 0) {
        struct span frame;
        TRY(frame_of(left, &p->records, &frame));
        memcpy(p->lines, frame.at, frame.len);
        uint64_t before_ns = cpu_ns();
        TRY(archive_zstd_pack(p->zstd, span_of(p->lines, frame.len), &p->frame));
        p->cpu_ns += cpu_ns() - before_ns;
        p->bytes_in += frame.len;
        p->bytes_out += p->frame.len;
        left = span_skip(left, frame.len);
    }
    return ERR_OK;
}

static err_t run_zstd(int level)
{
    struct packer p = {.lines = malloc(ARCHIVE_FRAME_BYTES + LINE_BYTES_MAX)};
    struct buf in = {0};
    err_t err = p.lines == NULL
                    ? ERR_NOMEM
                    : archive_zstd_new(level, ARCHIVE_FRAME_BYTES + LINE_BYTES_MAX, &p.zstd);

    if (err == ERR_OK) {
        err = read_stdin(&in);
    }
    if (err == ERR_OK) {
        err = pack_all(&p, buf_span(&in));
    }
    if (err == ERR_OK) {
        printf("{\"records\":%" PRIu64 ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
               ",\"cpu_seconds\":%.9f}\n",
               p.records, p.bytes_in, p.bytes_out, (double)p.cpu_ns * 1e-9);
    }
    archive_frame_done(&p.frame);
    archive_zstd_free(p.zstd);
    buf_done(&in);
    free(p.lines);
    return err;
}

/* --------------------------------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr, "usage: bench_roofline tls CONNECTIONS DIR\n"
                    "       bench_roofline zstd LEVEL <LINES\n");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    unsigned long number = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    err_t err = ERR_OK;

    if (argc == 4 && strcmp(argv[1], "tls") == 0 && number > 0 && number <= CONNECTIONS_MAX) {
        err = run_tls((unsigned)number, argv[3]);
    } else if (argc == 3 && strcmp(argv[1], "zstd") == 0 && number > 0 && number < 20) {
        err = run_zstd((int)number);
    } else {
        return usage();
    }
    if (err != ERR_OK) {
        fprintf(stderr, "error: %s: %s\n", argv[1], err_name(err));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
