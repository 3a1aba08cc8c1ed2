/* SPDX-License-Identifier: Apache-2.0
 *
 * The first line is a JSON Schema, the rest a value. The schema within other schemas must give the
 * same verdict, negated the opposite one; a record is judged like its JSON text; and a schema that
 * claims to accept what another allows does so. */
#include "check/check_json.h"

#include "base/buf.h"
#include "codec/codec_json.h"
#include "render/render_json.h"
#include "schema/schema_compat_json.h"
#include "wire/json_scan.h"

#include <stdlib.h>

#define INPUT_BYTES_MAX (8u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum verdict { VALID, INVALID, UNDECIDED };

static struct check_json check;
static struct batch batch;

static void require(bool cond)
{
    if (!cond) {
        abort();
    }
}

static void init_once(void)
{
    if (check.match_data == NULL) {
        require(check_json_init(&check) == ERR_OK);
        require(batch_init(&batch, 64 * KIB) == ERR_OK);
    }
}

/* A copy with slack, whose last bytes are hostile. */
static void copy_to(struct buf *b, struct span s)
{
    b->len = 0;
    require(buf_reserve(b, s.len + SPAN_SLACK_BYTES) == ERR_OK);
    require(buf_append(b, s) == ERR_OK);
    memset(b->at + b->len, '"', SPAN_SLACK_BYTES);
}

static bool is_json(struct span text)
{
    struct json_scan scan;
    struct extra value;

    batch_reset(&batch, 1);
    json_scan_init(&scan, text, &batch.arena);
    json_scan_reserve(&scan, text.len);
    json_scan_space(&scan);
    bool good = json_scan_value(&scan, &value) == ERR_OK;
    json_scan_space(&scan);
    arena_reset(&batch.arena);
    return good && scan.at == scan.end;
}

static bool gave_up(const char *detail)
{
    return strstr(detail, "takes too") != NULL || strstr(detail, "too deeply") != NULL ||
           strstr(detail, "too large") != NULL;
}

static enum verdict verdict_of(bool valid, const char *detail)
{
    require(valid || (detail != NULL && detail[0] != '\0'));
    return valid ? VALID : gave_up(detail) ? UNDECIDED : INVALID;
}

static enum verdict judge(const struct schema_json *s, struct span value)
{
    const char *detail = NULL;
    size_t before = batch.arena.used;
    bool valid = check_json_text(&check, s, value, &batch.arena, &detail);

    require(batch.arena.used == before);
    return verdict_of(valid, detail);
}

/* What another schema says, or UNDECIDED if it does not compile. */
static enum verdict judge_by(struct span schema, struct span value)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;
    enum verdict v = UNDECIDED;

    if (schema_json_compile(schema, &why, &s) == ERR_OK) {
        v = judge(s, value);
    }
    schema_json_free(s);
    return v;
}

/* The schema between head and tail, which are one string with % between them. */
static void require_wrapped(struct span schema, struct span value, const char *around,
                            enum verdict want)
{
    struct buf text = {0};
    struct span all = span_of_str(around);
    size_t head = span_find(all, '%');

    require(buf_append(&text, span_head(all, head)) == ERR_OK);
    require(buf_append(&text, schema) == ERR_OK);
    require(buf_append(&text, span_skip(all, head + 1)) == ERR_OK);
    require(buf_reserve(&text, SPAN_SLACK_BYTES) == ERR_OK);
    enum verdict got = judge_by(buf_span(&text), value);
    require(got == want || got == UNDECIDED);
    buf_done(&text);
}

/* Within another document a reference may mean something else. */
static bool has_names(struct span schema)
{
    return memmem(schema.at, schema.len, "$", 1) != NULL ||
           memmem(schema.at, schema.len, "\\", 1) != NULL ||
           memmem(schema.at, schema.len, "x-cordwood", 10) != NULL ||
           memchr(schema.at, 0, schema.len) != NULL;
}

static void wrap(struct span schema, struct span value, enum verdict v)
{
    enum verdict opposite = v == VALID ? INVALID : VALID;

    if (v == UNDECIDED || has_names(schema)) {
        return;
    }
    require_wrapped(schema, value, "{\"allOf\":[true,%]}", v);
    require_wrapped(schema, value, "{\"anyOf\":[false,%]}", v);
    require_wrapped(schema, value, "{\"oneOf\":[%,false]}", v);
    require_wrapped(schema, value, "{\"not\":%}", opposite);
    require_wrapped(schema, value, "{\"if\":%,\"else\":false}", v);
    require_wrapped(schema, value, "{\"$ref\":\"#/a\",\"a\":%}", v);
    require_wrapped(schema, value, "{\"unevaluatedItems\":true,\"allOf\":[%]}", v);
}

/* A record that is complete, in the form in which it is written. */
static void judge_as_record(const struct schema_json *s, struct span value)
{
    static const struct codec_env env;
    static struct buf line;
    struct record rec;
    const char *detail = NULL;

    batch_reset(&batch, 1);
    if (codec_json_entry(&env, value, &batch, &rec, &detail) != REASON_NONE ||
        rec.timestamp.at == NULL || rec.level.at == NULL || rec.message.at == NULL ||
        rec.service.at == NULL) {
        return;
    }
    bool valid = check_json_record(&check, s, &rec, &batch.arena, &detail);
    enum verdict v = verdict_of(valid, detail);
    line.len = 0;
    require(buf_reserve(&line, render_json_bound(&rec) + SPAN_SLACK_BYTES) == ERR_OK);
    line.len = (size_t)(render_json_line(&rec, line.at) - line.at) - 1;
    enum verdict text = judge(s, buf_span(&line));
    /* Our own names get an underscore in the line. */
    bool renamed = memmem(line.at, line.len, "\"_", 2) != NULL;
    require(renamed || v == text || v == UNDECIDED || text == UNDECIDED);
}

/* The second schema is the first with a word changed. */
static void compare_schemas(struct span schema, struct span value, enum verdict v)
{
    struct buf other = {0};
    struct schema_why why = {0};

    copy_to(&other, schema);
    char *digit = other.len == 0 ? NULL : memchr(other.at, '1', other.len);
    if (digit != NULL && v == VALID) {
        *digit = '2';
        if (schema_compat_json(buf_span(&other), schema, &why) == ERR_OK) {
            require(judge_by(buf_span(&other), value) != INVALID);
        }
    }
    buf_done(&other);
}

static void run(struct span schema, struct span value)
{
    struct schema_why why = {0};
    struct schema_json *s = NULL;

    if (schema_json_compile(schema, &why, &s) == ERR_OK && is_json(value)) {
        enum verdict v = judge(s, value);
        wrap(schema, value, v);
        compare_schemas(schema, value, v);
        judge_as_record(s, value);
    }
    schema_json_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf schema;
    static struct buf value;
    struct span input = span_of((const char *)data, size);

    if (size > INPUT_BYTES_MAX || size == 0) {
        return 0;
    }
    init_once();
    size_t line = span_find(input, '\n');
    copy_to(&schema, span_head(input, line));
    copy_to(&value, line == size ? SPAN_LIT("") : span_skip(input, line + 1));
    run(buf_span(&schema), buf_span(&value));
    return 0;
}
