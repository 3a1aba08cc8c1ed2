/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_record: what one JSON record costs between its frame and its output line: decode, check,
 * bound, render, on one core, from and to memory that stays in the cache. Prints one row per kind
 * of record: best and median of the rounds, in ns per record, and the records of a round. It judges
 * nothing; instructions.py does.
 *   bench_record [rounds [kind]] */
#include "base/clock.h"
#include "check/check_entry.h"
#include "codec/codec_json.h"
#include "render/render.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES    (256u * KIB)
#define OUTPUT_BYTES   (1u * MIB)
#define PASSES         16u /* over the input, in one round */
#define ROUNDS_DEFAULT 25u
#define ROUNDS_MAX     1000u

struct bench {
    struct batch batch;
    const struct render *render;
    char *input;
    struct span *records;
    uint32_t record_count;
    char *output;
};

typedef enum reason (*codec_fn)(const struct codec_env *env, struct span in, struct batch *b,
                                struct record *ret_rec, const char **ret_detail);

struct kind {
    const char *name;
    codec_fn codec;
    const char *const *lines; /* taken in turn; NULL ends them */
};

static const char *const same_lines[] = {
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"User login "
    "successful\","
    "\"service\":\"auth-service\"}",
    NULL,
};

static const char *const mixed_lines[] = {
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"User login "
    "successful\","
    "\"service\":\"auth-service\"}",
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"DEBUG\",\"message\":\"Cache miss for "
    "key\","
    "\"service\":\"cache\"}",
    "{\"timestamp\":\"2026-11-21T04:11:46Z\",\"level\":\"ERROR\",\"message\":\"Payment declined by "
    "the "
    "provider after 3 tries\",\"service\":\"payment-service\"}",
    "{\"timestamp\":\"2026-11-21T04:11:46Z\",\"level\":\"INFO\",\"message\":\"Order placed\","
    "\"service\":\"order-service\"}",
    "{\"timestamp\":\"2026-11-21T04:11:47Z\",\"level\":\"WARN\",\"message\":\"Slow query: 812 ms\","
    "\"service\":\"inventory-service\"}",
    "{\"timestamp\":\"2026-11-21T04:11:47Z\",\"level\":\"INFO\",\"message\":\"Email sent\","
    "\"service\":\"notification-service\"}",
    "{\"timestamp\":\"2026-11-21T04:11:48Z\",\"level\":\"INFO\",\"message\":\"Session refreshed "
    "for "
    "user\",\"service\":\"auth-service\"}",
    NULL,
};

static const char *const extra_lines[] = {
    "{\"timestamp\":\"2026-11-21T04:11:45.123Z\",\"level\":\"info\",\"message\":\"request served\","
    "\"service\":\"api\",\"status\":200,\"duration_ms\":12.75,\"path\":\"/v1/"
    "orders\",\"cached\":false}",
    NULL,
};

static const char *const escaped_lines[] = {
    "{\"timestamp\": \"2026-11-21T04:11:45Z\", \"level\": \"INFO\", \"message\": \"said \\\"no\\\" "
    "to "
    "caf\xc3\xa9\\n\", \"service\": \"auth-service\"}",
    NULL,
};

static const char *const pino_lines[] = {
    "{\"level\":30,\"time\":1795234305123,\"pid\":4242,\"hostname\":\"web-1\",\"msg\":\"request "
    "completed\",\"reqId\":\"req-17\",\"responseTime\":3.41}",
    NULL,
};

static const struct kind kinds[] = {
    {"the same line", codec_json_entry, same_lines},
    {"mixed lines", codec_json_entry, mixed_lines},
    {"four extras", codec_json_entry, extra_lines},
    {"escapes, spaces", codec_json_entry, escaped_lines},
    {"NDJSON, our names", codec_json_line, same_lines},
    {"NDJSON of pino", codec_json_line, pino_lines},
};

static void fill(struct bench *b, const struct kind *kind)
{
    size_t used = 0;

    b->record_count = 0;
    for (size_t i = 0;; i = kind->lines[i + 1] == NULL ? 0 : i + 1) {
        struct span line = span_of_str(kind->lines[i]);
        if (used + line.len + FRAME_HEAD_BYTES > INPUT_BYTES) {
            return;
        }
        memcpy(b->input + used + FRAME_HEAD_BYTES, line.at, line.len);
        b->records[b->record_count++] = span_of(b->input + used + FRAME_HEAD_BYTES, line.len);
        used += line.len + FRAME_HEAD_BYTES;
    }
}

static void run_batch(struct bench *b, codec_fn codec, uint32_t first, uint32_t count)
{
    const struct check_entry_limits limits = {.message_bytes_max = 64 * KIB};
    const struct codec_env env = {0};
    char *out = b->output;

    batch_reset(&b->batch, 1);
    for (uint32_t i = 0; i < count; i++) {
        const char *detail = "";
        enum reason reason = codec(&env, b->records[first + i], &b->batch,
                                   &b->batch.records[b->batch.record_count], &detail);
        assert(reason == REASON_NONE);
        b->batch.record_count++;
    }
    check_entry_batch(&limits, &b->batch);
    assert(b->batch.record_count == count);
    for (uint32_t i = 0; i < count; i++) {
        const struct record *rec = &b->batch.records[i];
        assert(b->render->bound(rec) <= (size_t)(b->output + OUTPUT_BYTES - out));
        out = b->render->line(rec, out);
    }
}

static double run_round(struct bench *b, codec_fn codec)
{
    uint64_t start = clock_mono_ns();
    uint64_t records = 0;

    for (unsigned pass = 0; pass < PASSES; pass++) {
        for (uint32_t at = 0; at < b->record_count; at += BATCH_ITEMS_MAX) {
            uint32_t left = b->record_count - at;
            run_batch(b, codec, at, left < BATCH_ITEMS_MAX ? left : BATCH_ITEMS_MAX);
        }
        records += b->record_count;
    }
    return (double)(clock_mono_ns() - start) / (double)records;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    static struct bench b;
    static double ns[ROUNDS_MAX];
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS_DEFAULT;

    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    b.render = render_find(SPAN_LIT("jsonl"));
    b.input = malloc(INPUT_BYTES + SPAN_SLACK_BYTES);
    b.output = malloc(OUTPUT_BYTES);
    b.records = calloc(INPUT_BYTES, sizeof(*b.records));
    if (batch_init(&b.batch, 256 * KIB) != ERR_OK || b.input == NULL || b.output == NULL ||
        b.records == NULL) {
        return 1;
    }
    memset(b.input, 0, INPUT_BYTES + SPAN_SLACK_BYTES);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        if (argc > 2 && strcmp(argv[2], kinds[k].name) != 0) {
            continue;
        }
        fill(&b, &kinds[k]);
        IGNORE(run_round(&b, kinds[k].codec) < 0, "warms caches and branch predictors up");
        for (unsigned long i = 0; i < rounds; i++) {
            ns[i] = run_round(&b, kinds[k].codec);
        }
        qsort(ns, rounds, sizeof(ns[0]), compare);
        printf("%-18s best %6.1f median %6.1f ns/record, %u records a round\n", kinds[k].name,
               ns[0], ns[rounds / 2], PASSES * b.record_count);
    }
    free(b.records);
    free(b.output);
    free(b.input);
    batch_done(&b.batch);
    return 0;
}
