/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_record: what one record of JSON, Avro or Protobuf costs between its frame and its output
 * line: decode, check, bound, render, on one core, from and to memory that stays in the cache.
 * Prints one row per kind of record: best and median of the rounds, in ns per record, and the
 * records of a round. It judges nothing; instructions.py does.
 *   bench_record [rounds [kind]] */
#include "base/clock.h"
#include "check/check_entry.h"
#include "codec/codec_avro.h"
#include "codec/codec_json.h"
#include "codec/codec_protobuf.h"
#include "codec/codec_raw.h"
#include "render/render.h"
#include "schema/schema_builtin.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES    (256u * KIB)
#define OUTPUT_BYTES   (1u * MIB)
#define PASSES         16u                    /* over the input, in one round */
#define RECEIVED_NS    1795234305000000000ull /* 2026-11-21 */
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

static const char *const rfc5424_lines[] = {
    "<134>1 2026-11-21T04:11:45Z web-1 auth-service 2164 - - User login successful",
    "<135>1 2026-11-21T04:11:45Z web-1 cache 1485 - - Cache miss for key",
    "<131>1 2026-11-21T04:11:46Z web-1 payment-service 2455 - - Payment declined by the provider "
    "after 3 tries",
    "<132>1 2026-11-21T04:11:47Z web-1 inventory-service 2649 - - Slow query: 812 ms",
    NULL,
};

static const char *const structured_lines[] = {
    "<134>1 2026-11-21T04:11:45.123456+01:00 web-1 shop 2164 Audit [order@32473 id=\"4711\" "
    "customer=\"kim\" total=\"12.50\"][meta sequenceId=\"29\"] Order placed",
    NULL,
};

static const char *const rfc3164_lines[] = {
    "<134>Nov 21 04:11:45 web-1 auth-service[2164]: User login successful",
    "<135>Nov 21 04:11:45 web-1 cache[1485]: Cache miss for key",
    "<131>Nov 21 04:11:46 web-1 payment-service[2455]: Payment declined by the provider after 3 "
    "tries",
    "<132>Nov 21 04:11:47 web-1 inventory-service[2649]: Slow query: 812 ms",
    NULL,
};

/* The records of same_lines and mixed_lines by the built-in schema: a length, twice, before each
 * string. */
static const char *const avro_same_data[] = {
    "\x28"
    "2026-11-21T04:11:45Z"
    "\x08"
    "INFO"
    "\x2a"
    "User login successful"
    "\x18"
    "auth-service",
    NULL,
};

static const char *const avro_mixed_data[] = {
    "\x28"
    "2026-11-21T04:11:45Z"
    "\x08"
    "INFO"
    "\x2a"
    "User login successful"
    "\x18"
    "auth-service",
    "\x28"
    "2026-11-21T04:11:45Z"
    "\x0a"
    "DEBUG"
    "\x24"
    "Cache miss for key"
    "\x0a"
    "cache",
    "\x28"
    "2026-11-21T04:11:46Z"
    "\x0a"
    "ERROR"
    "\x5c"
    "Payment declined by the provider after 3 tries"
    "\x1e"
    "payment-service",
    "\x28"
    "2026-11-21T04:11:46Z"
    "\x08"
    "INFO"
    "\x18"
    "Order placed"
    "\x1a"
    "order-service",
    "\x28"
    "2026-11-21T04:11:47Z"
    "\x08"
    "WARN"
    "\x24"
    "Slow query: 812 ms"
    "\x22"
    "inventory-service",
    "\x28"
    "2026-11-21T04:11:47Z"
    "\x08"
    "INFO"
    "\x14"
    "Email sent"
    "\x28"
    "notification-service",
    "\x28"
    "2026-11-21T04:11:48Z"
    "\x08"
    "INFO"
    "\x34"
    "Session refreshed for user"
    "\x18"
    "auth-service",
    NULL,
};

static struct schema_avro *avro_plan;

static enum reason decode_avro(const struct codec_env *env, struct span in, struct batch *b,
                               struct record *ret_rec, const char **ret_detail)
{
    (void)env;
    return codec_avro(avro_plan, in, b, ret_rec, ret_detail);
}

/* The same records, each of its four strings with tag and length before it. */
static const char *const same_messages[] = {
    "\x0a\x14"
    "2026-11-21T04:11:45Z"
    "\x12\x04"
    "INFO"
    "\x1a\x15"
    "User login successful"
    "\x22\x0c"
    "auth-service",
    NULL,
};

static const char *const mixed_messages[] = {
    "\x0a\x14"
    "2026-11-21T04:11:45Z"
    "\x12\x04"
    "INFO"
    "\x1a\x15"
    "User login successful"
    "\x22\x0c"
    "auth-service",
    "\x0a\x14"
    "2026-11-21T04:11:45Z"
    "\x12\x05"
    "DEBUG"
    "\x1a\x12"
    "Cache miss for key"
    "\x22\x05"
    "cache",
    "\x0a\x14"
    "2026-11-21T04:11:46Z"
    "\x12\x05"
    "ERROR"
    "\x1a\x2e"
    "Payment declined by the provider after 3 tries"
    "\x22\x0f"
    "payment-service",
    "\x0a\x14"
    "2026-11-21T04:11:46Z"
    "\x12\x04"
    "INFO"
    "\x1a\x0c"
    "Order placed"
    "\x22\x0d"
    "order-service",
    "\x0a\x14"
    "2026-11-21T04:11:47Z"
    "\x12\x04"
    "WARN"
    "\x1a\x12"
    "Slow query: 812 ms"
    "\x22\x11"
    "inventory-service",
    "\x0a\x14"
    "2026-11-21T04:11:47Z"
    "\x12\x04"
    "INFO"
    "\x1a\x0a"
    "Email sent"
    "\x22\x14"
    "notification-service",
    "\x0a\x14"
    "2026-11-21T04:11:48Z"
    "\x12\x04"
    "INFO"
    "\x1a\x1a"
    "Session refreshed for user"
    "\x22\x0c"
    "auth-service",
    NULL,
};

static struct schema_protobuf *protobuf_plan;

static enum reason decode_protobuf(const struct codec_env *env, struct span in, struct batch *b,
                                   struct record *ret_rec, const char **ret_detail)
{
    (void)env;
    return codec_protobuf(protobuf_plan->messages, in, b, ret_rec, ret_detail);
}

static const struct kind kinds[] = {
    {"the same line", codec_json_entry, same_lines},
    {"mixed lines", codec_json_entry, mixed_lines},
    {"four extras", codec_json_entry, extra_lines},
    {"escapes, spaces", codec_json_entry, escaped_lines},
    {"NDJSON, our names", codec_json_line, same_lines},
    {"NDJSON of pino", codec_json_line, pino_lines},
    {"RFC 5424", codec_raw_syslog, rfc5424_lines},
    {"RFC 5424, data", codec_raw_syslog, structured_lines},
    {"RFC 3164", codec_raw_syslog, rfc3164_lines},
    {"Avro, the same", decode_avro, avro_same_data},
    {"Avro, mixed", decode_avro, avro_mixed_data},
    {"Protobuf, the same", decode_protobuf, same_messages},
    {"Protobuf, mixed", decode_protobuf, mixed_messages},
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

    batch_reset(&b->batch, RECEIVED_NS);
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
    struct schema_why why = {{0}};
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS_DEFAULT;

    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    b.render = render_find(SPAN_LIT("jsonl"));
    b.input = malloc(INPUT_BYTES + SPAN_SLACK_BYTES);
    b.output = malloc(OUTPUT_BYTES);
    b.records = calloc(INPUT_BYTES, sizeof(*b.records));
    if (batch_init(&b.batch, 256 * KIB) != ERR_OK || b.input == NULL || b.output == NULL ||
        b.records == NULL ||
        schema_avro_compile(schema_builtin(SCHEMA_KIND_AVRO), &why, &avro_plan) != ERR_OK ||
        schema_protobuf_compile(schema_builtin(SCHEMA_KIND_PROTOBUF), &why, &protobuf_plan) !=
            ERR_OK) {
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
    schema_protobuf_free(protobuf_plan);
    schema_avro_free(avro_plan);
    free(b.records);
    free(b.output);
    free(b.input);
    batch_done(&b.batch);
    return 0;
}
