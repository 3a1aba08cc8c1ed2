/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf_decode: decodes messages for tests/integration/test_protobuf_oracle.py.
 *   protobuf_decode DESCRIPTOR_SET MESSAGE < frames
 * A frame is 4 bytes little-endian length and a payload. Prints one line for each: the record's
 * members as a JSON object, or '!' and the reason. */
#include "codec/codec_protobuf.h"
#include "tests/support/record_json.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD_BYTES_MAX (1u * MIB)

static void die(const char *what)
{
    fprintf(stderr, "protobuf_decode: %s\n", what);
    exit(1);
}

static size_t read_file(const char *path, char *out, size_t max)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        die("no descriptors");
    }
    size_t len = fread(out, 1, max, f);
    fclose(f);
    return len;
}

static void decode(const struct schema_protobuf_message *message, struct span in,
                   struct batch *batch, struct arena *arena)
{
    struct record *rec = &batch->records[0];
    const char *detail = NULL;

    batch_reset(batch, 1);
    arena_reset(arena);
    enum reason reason = codec_protobuf(message, in, batch, rec, &detail);
    if (reason != REASON_NONE) {
        printf("!%s %s\n", reason_name(reason), detail);
        return;
    }
    struct span json = record_json(rec, arena);
    printf("%.*s\n", (int)json.len, json.at);
}

int main(int argc, char **argv)
{
    static char bytes[RECORD_BYTES_MAX + SPAN_SLACK_BYTES];
    static struct batch batch;
    struct schema_protobuf *plan = NULL;
    struct schema_why why = {0};
    struct arena arena;
    unsigned char head[4];

    if (argc != 3 || batch_init(&batch, RECORD_BYTES_MAX) != ERR_OK ||
        arena_init(&arena, 9 * RECORD_BYTES_MAX) != ERR_OK) {
        die("DESCRIPTOR_SET MESSAGE");
    }
    size_t len = read_file(argv[1], bytes, RECORD_BYTES_MAX);
    if (schema_protobuf_compile(span_of(bytes, len), &why, &plan) != ERR_OK) {
        die(why.text);
    }
    const struct schema_protobuf_message *message =
        schema_protobuf_find(plan, span_of_str(argv[2]));
    if (message == NULL) {
        die("no such message");
    }
    while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
        len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
        if (len > RECORD_BYTES_MAX || fread(bytes, 1, len, stdin) != len) {
            die("a broken frame");
        }
        decode(message, span_of(bytes, len), &batch, &arena);
    }
    schema_protobuf_free(plan);
    arena_done(&arena);
    batch_done(&batch);
    return 0;
}
