/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_check_json: what judging one record by a JSON Schema costs, the record being decoded
 * already, for schemas of the short way and of the long one. Prints one row per schema: best of the
 * rounds in ns per record. Not a test: it judges nothing.
 *   bench_check_json [records [row]]   one row alone is for counting instructions */
#include "base/clock.h"
#include "check/check_json.h"
#include "codec/codec_json.h"
#include "schema/schema_builtin.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORDS_DEFAULT 1000000u
#define ROUNDS          5u

static const struct row {
    const char *name;
    const char *schema; /* NULL: that of LogEntry */
} rows[] = {
    {"LogEntry", NULL},
    {"LogEntry, closed",
     "{\"properties\":{\"timestamp\":{\"type\":\"string\"},\"level\":{\"type\":\"string\"},"
     "\"message\":{\"type\":\"string\"},\"service\":{\"type\":\"string\"}},"
     "\"additionalProperties\":false}"},
    {"a pattern", "{\"properties\":{\"service\":{\"pattern\":\"^[a-z][a-z0-9-]*$\"}}}"},
    {"draft-07, date-time", "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
                            "\"properties\":{\"timestamp\":{\"format\":\"date-time\"}}}"},
};

static const char line[] =
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"INFO\",\"message\":\"User login "
    "successful\",\"service\":\"auth-service\"}";

struct bench {
    struct check_json check;
    struct batch batch;
    struct record rec;
    uint32_t records;
};

static void load(struct bench *b)
{
    static const struct codec_env env;
    static char copy[sizeof(line) + SPAN_SLACK_BYTES];
    const char *detail = NULL;

    memcpy(copy, line, sizeof(line));
    err_t err = batch_init(&b->batch, MIB);
    assert(err == ERR_OK);
    err = check_json_init(&b->check);
    assert(err == ERR_OK);
    enum reason reason =
        codec_json_entry(&env, span_of(copy, sizeof(line) - 1), &b->batch, &b->rec, &detail);
    assert(reason == REASON_NONE);
}

/* ns for all records. */
static uint64_t run(struct bench *b, const struct schema_json *s)
{
    uint64_t start = clock_mono_ns();

    for (uint32_t i = 0; i < b->records; i++) {
        const char *detail = NULL;
        bool valid = check_json_record(&b->check, s, &b->rec, &b->batch.arena, &detail);
        assert(valid);
    }
    return clock_mono_ns() - start;
}

static void run_row(struct bench *b, const struct row *row)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;
    uint64_t best = UINT64_MAX;
    struct span text =
        row->schema == NULL ? schema_builtin(SCHEMA_KIND_JSON) : span_of_str(row->schema);
    err_t err = schema_json_compile(text, &why, &s);

    assert(err == ERR_OK);
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t ns = run(b, s);
        best = ns < best ? ns : best;
    }
    printf("%-24s %8.1f ns\n", row->name, (double)best / b->records);
    schema_json_free(s);
}

int main(int argc, char **argv)
{
    static struct bench b;
    unsigned long only = argc > 2 ? strtoul(argv[2], NULL, 10) : ULONG_MAX;

    b.records = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : RECORDS_DEFAULT;
    load(&b);
    for (size_t i = 0; b.records > 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (only == ULONG_MAX || i == only) {
            run_row(&b, &rows[i]);
        }
    }
    check_json_done(&b.check);
    batch_done(&b.batch);
    return 0;
}
