/* SPDX-License-Identifier: Apache-2.0
 *
 * http_stream: feeds libmicrohttpd from a source that gives pieces of any length. */
#include "net/http_stream.h"

#include "base/limits.h"

#include <microhttpd.h>
#include <stdlib.h>

#define HTTP_STREAM_BLOCK_BYTES (16u * KIB)

struct http_stream {
    struct http_stream *prev;
    struct http_stream *next;
    struct http_streams *streams;
    struct MHD_Connection *connection;
    struct http_reply_stream source;
    struct span left; /* of the last next() */
    bool waiting;     /* suspended */
};

static ssize_t stream_read(void *arg, uint64_t pos, char *out, size_t cap)
{
    struct http_stream *stream = arg;

    (void)pos;
    if (stream->streams->ended) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    if (stream->left.len == 0) {
        stream->left = stream->source.next(stream->source.arg);
    }
    if (stream->left.len == 0) {
        stream->waiting = true;
        MHD_suspend_connection(stream->connection);
        return 0;
    }

    struct span part = span_head(stream->left, cap);
    memcpy(out, part.at, part.len);
    stream->left = span_skip(stream->left, part.len);
    return (ssize_t)part.len;
}

static void stream_free(void *arg)
{
    struct http_stream *stream = arg;

    if (stream->prev != NULL) {
        stream->prev->next = stream->next;
    } else {
        stream->streams->first = stream->next;
    }
    if (stream->next != NULL) {
        stream->next->prev = stream->prev;
    }
    stream->source.end(stream->source.arg);
    free(stream);
}

struct MHD_Response *http_stream_response(struct http_streams *streams,
                                          struct MHD_Connection *connection,
                                          const struct http_reply_stream *source)
{
    struct http_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL) {
        source->end(source->arg);
        return NULL;
    }
    *stream = (struct http_stream){
        .next = streams->first,
        .streams = streams,
        .connection = connection,
        .source = *source,
    };
    if (streams->first != NULL) {
        streams->first->prev = stream;
    }
    streams->first = stream;

    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, HTTP_STREAM_BLOCK_BYTES, stream_read, stream, stream_free);
    if (response == NULL) {
        stream_free(stream);
    }
    return response;
}

void http_stream_resume(struct http_streams *streams)
{
    for (struct http_stream *stream = streams->first; stream != NULL; stream = stream->next) {
        if (stream->waiting) {
            stream->waiting = false;
            MHD_resume_connection(stream->connection);
        }
    }
}
