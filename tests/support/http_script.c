/* SPDX-License-Identifier: Apache-2.0
 *
 * http_script: accept, read the head of a request, call, close. */
#include "tests/support/http_script.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 8192u
#define POLL_MS    20

struct http_script {
    int listen_fd;
    uint16_t port;
    http_script_fn serve;
    void *arg;
    pthread_t thread;
    _Atomic bool over;
};

uint16_t http_script_port(const struct http_script *h)
{
    return h->port;
}

bool http_script_is_over(const struct http_script *h)
{
    return atomic_load(&h->over);
}

bool http_script_send(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes = span_skip(bytes, (size_t)sent);
    }
    return true;
}

void http_script_answer(int fd, unsigned status, struct span body)
{
    char head[256];
    int len = snprintf(head, sizeof(head),
                       "HTTP/1.1 %u Fine\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                       status, body.len);

    if (http_script_send(fd, span_of(head, (size_t)len))) {
        http_script_send(fd, body);
    }
}

/* Waits for the descriptor; false when the server is stopped first. */
static bool wait_for(const struct http_script *h, int fd)
{
    while (!atomic_load(&h->over)) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, POLL_MS) == 1) {
            return true;
        }
    }
    return false;
}

void http_script_hang(struct http_script *h, int fd)
{
    char byte;

    if (wait_for(h, fd)) {
        IGNORE(recv(fd, &byte, 1, 0) < 0, "the client has left");
    }
}

/* The head of a request. False: the client left. */
static bool read_head(const struct http_script *h, int fd, char head[HEAD_BYTES])
{
    size_t len = 0;

    while (len < HEAD_BYTES - 1 && wait_for(h, fd)) {
        ssize_t got = recv(fd, head + len, HEAD_BYTES - 1 - len, 0);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n") != NULL) {
            return true;
        }
    }
    return false;
}

static void serve_one(struct http_script *h, int fd)
{
    char head[HEAD_BYTES];

    if (!read_head(h, fd, head) || strncmp(head, "GET ", 4) != 0) {
        return;
    }
    char *end = strchr(head + 4, ' ');
    assert(end != NULL);
    *end = '\0';
    h->serve(h->arg, h, fd, head + 4);
}

static void *run(void *arg)
{
    struct http_script *h = arg;

    while (wait_for(h, h->listen_fd)) {
        int fd = accept4(h->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            serve_one(h, fd);
            close(fd);
        }
    }
    return NULL;
}

struct http_script *http_script_start(uint16_t port, http_script_fn serve, void *arg)
{
    struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    struct http_script *h = calloc(1, sizeof(*h));
    socklen_t len = sizeof(addr);
    int yes = 1;

    assert(h != NULL);
    h->serve = serve;
    h->arg = arg;
    h->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(h->listen_fd >= 0);
    int failed = setsockopt(h->listen_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    failed |= bind(h->listen_fd, (struct sockaddr *)&addr, sizeof(addr));
    failed |= listen(h->listen_fd, 16);
    failed |= getsockname(h->listen_fd, (struct sockaddr *)&addr, &len);
    assert(failed == 0);
    h->port = ntohs(addr.sin_port);
    failed = pthread_create(&h->thread, NULL, run, h);
    assert(failed == 0);
    return h;
}

void http_script_stop(struct http_script *h)
{
    if (h == NULL) {
        return;
    }
    atomic_store(&h->over, true);
    pthread_join(h->thread, NULL);
    close(h->listen_fd);
    free(h);
}
