/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a whole connection: sniffed, framed, decoded, checked and rendered. Cut into small
 * pieces, and with an archive that often has no room, the same lines come out; nothing is counted
 * that is not there. */
#include "base/log.h"
#include "ingestor/conn.h"
#include "tests/support/builtin_schemas.h"
#include "tests/support/fake_archive.h"
#include "tests/support/transport_script.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORD_BYTES_MAX  512u /* small, so that short inputs reach both sides of it */
#define MESSAGE_BYTES_MAX 64u
#define RECEIVED_NS       1795234305000000000ull
#define PIECES_MAX        4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct archive archive;
static struct schema_cache *schemas;
static struct intake intake;
static struct refusal_table refusals;
static struct buf scratch;
static struct conn_env env;

static void init_once(void)
{
    struct intake_config config = {.archive = &archive,
                                   .render = render_find(SPAN_LIT("jsonl")),
                                   .record_bytes_max = RECORD_BYTES_MAX,
                                   .message_bytes_max = MESSAGE_BYTES_MAX};

    if (intake.batch != NULL) {
        return;
    }
    schemas = builtin_schemas_new();
    config.schemas = schemas;
    fake_archive_init(&archive, RENDER_LINE_BYTES_MAX(REJECT_KEEP_BYTES));
    err_t err = intake_init(&intake, &config);
    assert(err == ERR_OK);
    env = (struct conn_env){
        .intake = &intake, .refusals = &refusals, .scratch = &scratch, .held_bytes_max = 1u << 20};
}

/* The stream in pieces of `piece` bytes with a moment without bytes after each. */
static size_t cut(struct span stream, size_t piece, struct script_step *steps)
{
    size_t count = 0;

    while (stream.len > 0 && count + 4 < PIECES_MAX) {
        struct span head = span_head(stream, piece);
        steps[count++] = (struct script_step){SCRIPT_BYTES, head};
        steps[count++] = (struct script_step){SCRIPT_AGAIN, {0}};
        stream = span_skip(stream, head.len);
    }
    if (stream.len > 0) {
        steps[count++] = (struct script_step){SCRIPT_BYTES, stream};
    }
    steps[count++] = (struct script_step){SCRIPT_EOF, {0}};
    return count;
}

static enum shard_conn_result serve(struct span stream, size_t piece, unsigned refuse_every)
{
    static struct script_step steps[PIECES_MAX];
    struct transport_script script;
    enum shard_conn_result result = CONN_RESULT_COUNT;
    enum conn_verdict verdict = CONN_WAIT;
    struct addr peer;
    struct conn *c = NULL;

    fake_archive_reset(&archive);
    archive.refuse_every = refuse_every;
    transport_script_init(&script, steps, cut(stream, piece, steps));
    err_t err = addr_parse("192.0.2.7", 4242, &peer);
    assert(err == ERR_OK);
    err = conn_new(dup(STDIN_FILENO), &peer, &script.base, &c);
    assert(err == ERR_OK);
    c->stage = CONN_STAGE_SNIFF;
    for (unsigned turns = 0; verdict != CONN_OVER; turns++) {
        assert(turns < 1000000);
        intake.turn_mono_ns = 1;
        intake.turn_wall_ns = RECEIVED_NS;
        batch_reset(intake.batch, RECEIVED_NS);
        verdict = conn_serve(c, &env, &result);
    }
    conn_free(c, &env);
    archive.refuse_every = 0;
    assert(env.held_bytes == 0);
    return result;
}

static unsigned count_lines(const struct buf *b)
{
    unsigned count = 0;

    for (size_t i = 0; i < b->len; i++) {
        count += b->at[i] == '\n';
    }
    return count;
}

static uint64_t received(void)
{
    uint64_t sum = 0;

    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        sum += intake.stats->received[f];
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span stream = {(const char *)data, size};
    struct buf want = {0};

    init_once();
    log_set_level(LOG_ERROR);
    uint64_t before = received();
    enum shard_conn_result result = serve(stream, size + 1, 0);
    unsigned rejects = count_lines(&archive.lines[ARCHIVE_REJECTED]);
    assert(received() - before == count_lines(&archive.lines[ARCHIVE_LOG]) + rejects);
    err_t err = buf_append(&want, buf_span(&archive.lines[ARCHIVE_LOG]));
    assert(err == ERR_OK);

    size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 9u;
    assert(serve(stream, piece, 3) == result);
    assert(span_equal(buf_span(&want), buf_span(&archive.lines[ARCHIVE_LOG])));
    assert(count_lines(&archive.lines[ARCHIVE_REJECTED]) == rejects);
    buf_done(&want);
    return 0;
}
