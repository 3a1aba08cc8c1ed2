/* SPDX-License-Identifier: Apache-2.0
 *
 * http_server: libmicrohttpd is run from a loop of our own (its "external" mode with epoll),
 * because then handlers, ticks and streams share one thread. What it lacks is added here: a
 * deadline for whole requests (its own timeout starts anew with every byte, so a peer could hold a
 * connection for ever by sending one now and then), and paths as they were sent. */
#include "net/http_server.h"

#include "base/clock.h"
#include "net/http_stream.h"
#include "net/listener.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTP_QUIET_TIMEOUT_S    30u
#define HTTP_REQUEST_MS_DEFAULT 40000u
#define HTTP_CONNECTION_BYTES   (32u * KIB)
#define HTTP_STREAM_BLOCK_BYTES (16u * KIB)
#define HTTP_TICK_MS_DEFAULT    1000u

/* A connection, as far as its request deadline goes. */
struct http_conn {
    struct http_conn *prev;
    struct http_conn *next;
    int fd;
    bool streaming;
    bool ended;        /* shut down by us; the library has yet to notice */
    uint64_t since_ns; /* when it was made, or its last request was done */
};

/* A request while its body comes in. */
struct http_exchange {
    struct buf body;
    bool too_large;
};

struct http_server {
    struct http_server_config config; /* fixed after start */
    struct MHD_Daemon *daemon;
    pthread_t thread;
    int epoll_fd;
    int wake_fd;
    uint16_t port;

    atomic_bool stopping;
    _Atomic uint64_t beats;

    /* server thread only */
    struct http_conn *conns;
    unsigned conn_count; /* of those that are not ended */
    struct http_streams streams;
};

/* ---- connections ---- */

/* libmicrohttpd then notices. */
static void conn_end(struct http_server *s, struct http_conn *conn)
{
    if (!conn->ended) {
        conn->ended = true;
        s->conn_count--;
        shutdown(conn->fd, SHUT_RDWR);
    }
}

/* Peers that open connections and let them wait must not keep everybody else out: when three of
 * four places are taken, each newcomer takes the place of the one that has waited longest. A
 * request that is served at once is never the oldest. */
static void conn_make_room(struct http_server *s)
{
    struct http_conn *oldest = NULL;

    if (s->conn_count <= s->config.connections_max - s->config.connections_max / 4) {
        return;
    }
    /* The first of the list is the newcomer. */
    for (struct http_conn *conn = s->conns->next; conn != NULL; conn = conn->next) {
        if (!conn->streaming && !conn->ended &&
            (oldest == NULL || conn->since_ns < oldest->since_ns)) {
            oldest = conn;
        }
    }
    if (oldest != NULL) {
        conn_end(s, oldest);
    }
}

static void conn_track(void *arg, struct MHD_Connection *connection, void **socket_context,
                       enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = arg;
    struct http_conn *conn = *socket_context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        conn = calloc(1, sizeof(*conn));
        if (conn == NULL) {
            return; /* it is served without a deadline */
        }
        conn->fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        conn->since_ns = clock_mono_ns();
        conn->next = s->conns;
        if (s->conns != NULL) {
            s->conns->prev = conn;
        }
        s->conns = conn;
        s->conn_count++;
        *socket_context = conn;
        conn_make_room(s);
        return;
    }
    if (conn == NULL) {
        return;
    }
    if (conn->prev != NULL) {
        conn->prev->next = conn->next;
    } else {
        s->conns = conn->next;
    }
    if (conn->next != NULL) {
        conn->next->prev = conn->prev;
    }
    s->conn_count -= conn->ended ? 0 : 1;
    *socket_context = NULL;
    free(conn);
}

static struct http_conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info == NULL ? NULL : info->socket_context;
}

/* Ends connections that have not brought a whole request in time. */
static void conn_sweep(struct http_server *s, uint64_t now_ns)
{
    uint64_t patience_ns = s->config.request_ms * NS_PER_MS;

    for (struct http_conn *conn = s->conns; conn != NULL; conn = conn->next) {
        if (!conn->streaming && now_ns > conn->since_ns + patience_ns) {
            conn_end(s, conn);
        }
    }
}

/* ---- requests ---- */

static struct MHD_Response *reply_response(struct http_server *s, struct MHD_Connection *connection,
                                           struct http_reply *reply)
{
    if (reply->stream.next != NULL) {
        struct http_conn *conn = conn_of(connection);
        if (conn != NULL) {
            conn->streaming = true;
        }
        return http_stream_response(&s->streams, connection, &reply->stream);
    }
    if (reply->body.at != NULL) {
        struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback(
            reply->body.len, reply->body.at, free);
        if (response == NULL) {
            buf_done(&reply->body);
        }
        return response;
    }
    /* The library takes a pointer to non-const memory and does not write to it in this mode. */
    union {
        const char *fixed;
        void *at;
    } body = {.fixed = reply->fixed.at};
    return MHD_create_response_from_buffer(reply->fixed.len, body.at, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result reply_send(struct http_server *s, struct MHD_Connection *connection,
                                  struct http_reply *reply)
{
    struct MHD_Response *response = reply_response(s, connection, reply);

    if (response == NULL) {
        return MHD_NO; /* no memory: the connection is closed */
    }
    for (unsigned i = 0; i < reply->header_count; i++) {
        if (MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) !=
            MHD_YES) {
            MHD_destroy_response(response);
            return MHD_NO;
        }
    }
    enum MHD_Result result = MHD_queue_response(connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result request_refuse(struct http_server *s, struct MHD_Connection *connection,
                                      unsigned status, const char *why)
{
    struct http_reply reply = {0};

    http_reply_text(&reply, status, why);
    return reply_send(s, connection, &reply);
}

static enum MHD_Result request_answer(struct http_server *s, struct MHD_Connection *connection,
                                      const struct http_request *request)
{
    struct http_reply reply = {.status = MHD_HTTP_OK};

    s->config.handle(s->config.arg, request, &reply);
    return reply_send(s, connection, &reply);
}

static bool request_has_body(struct MHD_Connection *connection, uint64_t *ret_length)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *coding =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);

    *ret_length = length == NULL ? 0 : strtoull(length, NULL, 10);
    return coding != NULL || *ret_length > 0;
}

static enum MHD_Result request_too_large(struct http_server *s, struct MHD_Connection *connection)
{
    return request_refuse(s, connection, MHD_HTTP_CONTENT_TOO_LARGE,
                          "the request body is too large");
}

/* The headers are here. An answer at this point makes the library close the connection behind it,
 * so it is only for requests that are refused and for bodies nobody wants to read. */
static enum MHD_Result request_begin(struct http_server *s, const struct http_request *request,
                                     const char *version, void **exchange_at)
{
    struct MHD_Connection *connection = request->connection;
    uint64_t length = 0;
    bool has_body = request_has_body(connection, &length);

    *exchange_at = calloc(1, sizeof(struct http_exchange));
    if (*exchange_at == NULL) {
        return MHD_NO;
    }
    /* RFC 9112 section 3.2. (The library's own check answers with two heads.) */
    if (strcmp(version, MHD_HTTP_VERSION_1_1) == 0 &&
        http_request_header(request, "Host") == NULL) {
        return request_refuse(s, connection, MHD_HTTP_BAD_REQUEST, "HTTP/1.1 needs a Host header");
    }
    if (has_body && s->config.body_bytes_max == 0) {
        return request_answer(s, connection, request);
    }
    return length > s->config.body_bytes_max ? request_too_large(s, connection) : MHD_YES;
}

/* Called at the end of the headers, for every piece of the body, and at the end of the request. */
static enum MHD_Result request_step(void *arg, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_bytes, void **exchange_at)
{
    struct http_server *s = arg;
    struct http_exchange *exchange = *exchange_at;
    struct http_request request = {.method = method, .path = url, .connection = connection};

    if (exchange == NULL) {
        return request_begin(s, &request, version, exchange_at);
    }
    if (*data_bytes > 0) {
        if (exchange->body.len + *data_bytes > s->config.body_bytes_max ||
            buf_append(&exchange->body, span_of(data, *data_bytes)) != ERR_OK) {
            exchange->too_large = true;
        }
        *data_bytes = 0;
        return MHD_YES;
    }
    if (exchange->too_large) {
        return request_too_large(s, connection);
    }
    request.body = buf_span(&exchange->body);
    return request_answer(s, connection, &request);
}

static void request_done(void *arg, struct MHD_Connection *connection, void **exchange_at,
                         enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *exchange_at;
    struct http_conn *conn = conn_of(connection);

    (void)arg;
    (void)code;
    if (exchange != NULL) {
        buf_done(&exchange->body);
        free(exchange);
        *exchange_at = NULL;
    }
    if (conn != NULL) {
        conn->since_ns = clock_mono_ns();
        conn->streaming = false;
    }
}

/* Escapes stay in place: whoever reads a path splits it before unescaping. */
static size_t path_keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

/* ---- the loop ---- */

static int wait_ms(struct http_server *s, uint64_t now_ns, uint64_t tick_ns)
{
    unsigned long long library_ms = 0;
    uint64_t ms = tick_ns <= now_ns ? 0 : (tick_ns - now_ns) / NS_PER_MS + 1;

    if (MHD_get_timeout(s->daemon, &library_ms) == MHD_YES && library_ms < ms) {
        ms = library_ms;
    }
    return (int)ms;
}

static void *server_run(void *arg)
{
    struct http_server *s = arg;
    uint64_t tick_period_ns = s->config.tick_ms * NS_PER_MS;
    uint64_t tick_ns = clock_mono_ns();
    struct pollfd fds[] = {
        {.fd = s->epoll_fd, .events = POLLIN},
        {.fd = s->wake_fd, .events = POLLIN},
    };

    while (!atomic_load(&s->stopping)) {
        uint64_t now_ns = clock_mono_ns();
        if (now_ns >= tick_ns) {
            if (s->config.tick != NULL) {
                s->config.tick(s->config.arg);
            }
            http_stream_resume(&s->streams);
            conn_sweep(s, now_ns);
            tick_ns = now_ns - tick_ns > tick_period_ns ? now_ns + tick_period_ns
                                                        : tick_ns + tick_period_ns;
        }
        atomic_fetch_add_explicit(&s->beats, 1, memory_order_relaxed);
        MHD_run(s->daemon);
        poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(s, clock_mono_ns(), tick_ns));
    }
    return NULL;
}

/* ---- start and stop ---- */

/* The library owns the socket from here on, unless it fails. */
static err_t daemon_start(struct http_server *s, int listen_fd)
{
    s->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, request_step, s,
                         MHD_OPTION_LISTEN_SOCKET, listen_fd,                               /**/
                         MHD_OPTION_CONNECTION_LIMIT, s->config.connections_max,            /**/
                         MHD_OPTION_CONNECTION_TIMEOUT, HTTP_QUIET_TIMEOUT_S,               /**/
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONNECTION_BYTES, /**/
                         MHD_OPTION_NOTIFY_CONNECTION, conn_track, s,                       /**/
                         MHD_OPTION_NOTIFY_COMPLETED, request_done, s,                      /**/
                         MHD_OPTION_UNESCAPE_CALLBACK, path_keep_escapes, s,                /**/
                         MHD_OPTION_END);
    ENSURE(s->daemon != NULL, ERR_IO);
    s->epoll_fd = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return ERR_OK;
}

/* The library would shut the listening socket down, which ends it for those too who have it from
 * somewhere else: it is taken away before. */
static void stop_daemon(struct http_server *s)
{
    if (s->daemon == NULL) {
        return;
    }
    int listen_fd = MHD_quiesce_daemon(s->daemon);
    MHD_stop_daemon(s->daemon);
    if (listen_fd >= 0) {
        close(listen_fd);
    }
}

/* Signals are for the program's main thread. */
static err_t thread_start(struct http_server *s)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&s->thread, NULL, server_run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    ENSURE(failed == 0, ERR_NOMEM);
    pthread_setname_np(s->thread, "http");
    return ERR_OK;
}

static err_t take_socket(struct http_server *s, int *ret_fd)
{
    const struct http_server_config *config = &s->config;
    struct addr bound;

    if (config->socket != NULL) {
        *ret_fd = config->socket->fd;
        s->port = config->socket->port;
        return ERR_OK;
    }
    TRY(listener_tcp(config->bind, config->port, ret_fd, &bound));
    s->port = addr_port(&bound);
    return ERR_OK;
}

err_t http_server_start(const struct http_server_config *config, struct http_server **ret)
{
    struct http_server *s = calloc(1, sizeof(*s));
    int listen_fd = -1;

    ENSURE(s != NULL, ERR_NOMEM);
    s->config = *config;
    if (s->config.tick_ms == 0) {
        s->config.tick_ms = HTTP_TICK_MS_DEFAULT;
    }
    if (s->config.request_ms == 0) {
        s->config.request_ms = HTTP_REQUEST_MS_DEFAULT;
    }
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    err_t err = s->wake_fd < 0 ? ERR_IO : ERR_OK;
    if (err == ERR_OK) {
        err = take_socket(s, &listen_fd);
    }
    if (err == ERR_OK) {
        err = daemon_start(s, listen_fd);
    }
    if (err == ERR_OK) {
        listen_fd = -1;
        err = thread_start(s);
    }
    if (err != ERR_OK) {
        goto out;
    }
    *ret = s;
    return ERR_OK;

out:;
    int why = errno;
    stop_daemon(s);
    if (listen_fd >= 0 && config->socket == NULL) {
        close(listen_fd);
    }
    if (s->wake_fd >= 0) {
        close(s->wake_fd);
    }
    free(s);
    errno = why;
    return err;
}

uint64_t http_server_beats(const struct http_server *s)
{
    return atomic_load_explicit(&s->beats, memory_order_relaxed);
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_stop(struct http_server *s)
{
    uint64_t one = 1;

    if (s == NULL) {
        return;
    }
    atomic_store(&s->stopping, true);
    IGNORE(write(s->wake_fd, &one, sizeof(one)) < 0, "a counter at its end wakes as well");
    pthread_join(s->thread, NULL);

    /* The library must not be stopped with suspended connections: the streams end themselves. */
    s->streams.ended = true;
    http_stream_resume(&s->streams);
    MHD_run(s->daemon);
    stop_daemon(s);
    close(s->wake_fd);
    free(s);
}
