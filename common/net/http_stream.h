/* SPDX-License-Identifier: Apache-2.0
 *
 * http_stream: the endless answers of one HTTP server. A stream with nothing to say is suspended,
 * so that it costs nothing until it is resumed. Part of http_server; server thread only. */
#pragma once

#include "net/http_reply.h"

#include <stdbool.h>

struct http_stream;
struct MHD_Connection;
struct MHD_Response;

struct http_streams {
    struct http_stream *first;
    bool ended; /* each ends the next time it is asked */
};

/* The library's response for a stream, or NULL without memory; the source's end() is called in any
 * case when it is over. */
struct MHD_Response *http_stream_response(struct http_streams *streams,
                                          struct MHD_Connection *connection,
                                          const struct http_reply_stream *source);

/* All suspended streams are asked again. */
void http_stream_resume(struct http_streams *streams);
