/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an Avro datum. The first byte picks the schema: one of those below, or from 0xf0 on
 * one that follows, two bytes of length before it. What is accepted becomes one line in each form,
 * valid JSON; by the schemas below, that JSON encodes to a datum which decodes to the same line. */
#include "codec/codec_avro.h"
#include "schema/schema_avro_encode.h"
#include "schema/schema_builtin.h"
#include "tests/support/avro_one.h"
#include "tests/support/one_record.h"
#include "tests/support/oracle.h"

#include <stdlib.h>

#define INPUT_BYTES_MAX (16u * KIB)
#define OWN_SCHEMA      0xf0u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Behind these comes the built-in one. */
static const char *const texts[] = {
    /* every simple type */
    "{\"type\":\"record\",\"name\":\"S\",\"fields\":[{\"name\":\"n\",\"type\":\"null\"},"
    "{\"name\":\"b\",\"type\":\"boolean\"},{\"name\":\"i\",\"type\":\"int\"},{\"name\":\"l\","
    "\"type\":\"long\"},{\"name\":\"f\",\"type\":\"float\"},{\"name\":\"d\",\"type\":\"double\"},"
    "{\"name\":\"y\",\"type\":\"bytes\"},{\"name\":\"s\",\"type\":\"string\"},{\"name\":\"x\","
    "\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":3}},{\"name\":\"e\",\"type\":{\"type\":"
    "\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]}}]}",
    /* every logical type */
    "{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"u\",\"type\":[\"null\","
    "{\"type\":\"string\",\"logicalType\":\"uuid\"}]},{\"name\":\"d\",\"type\":[\"null\","
    "{\"type\":\"int\",\"logicalType\":\"date\"}]},{\"name\":\"tm\",\"type\":[\"null\","
    "{\"type\":\"int\",\"logicalType\":\"time-millis\"}]},{\"name\":\"tu\","
    "\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"time-micros\"}]},"
    "{\"name\":\"sm\",\"type\":[\"null\",{\"type\":\"long\","
    "\"logicalType\":\"timestamp-millis\"}]},{\"name\":\"su\",\"type\":[\"null\","
    "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}]},{\"name\":\"lm\","
    "\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"local-timestamp-millis\"}]},"
    "{\"name\":\"lu\",\"type\":[\"null\",{\"type\":\"long\","
    "\"logicalType\":\"local-timestamp-micros\"}]},{\"name\":\"p\","
    "\"type\":{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":60,"
    "\"scale\":20}},{\"name\":\"q\",\"type\":{\"type\":\"fixed\",\"name\":\"Q\",\"size\":8,"
    "\"logicalType\":\"decimal\",\"precision\":18,\"scale\":18}},{\"name\":\"r\","
    "\"type\":{\"type\":\"fixed\",\"name\":\"R\",\"size\":12,\"logicalType\":\"duration\"}}]}",
    /* whatever holds others, and itself */
    "{\"type\":\"record\",\"name\":\"N\",\"fields\":[{\"name\":\"a\",\"type\":{\"type\":\"array\","
    "\"items\":[\"null\",\"boolean\",\"long\",\"N\"]}},{\"name\":\"m\",\"type\":{\"type\":\"map\","
    "\"values\":{\"type\":\"map\",\"values\":[\"string\",\"null\"]}}},{\"name\":\"z\",\"type\":{"
    "\"type\":\"array\",\"items\":\"null\"}},{\"name\":\"n\",\"type\":[\"null\",\"N\"]}]}",
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static struct one_record run;
static struct one_record again;
static struct schema_avro *plans[TEXTS + 1];

static struct schema_avro *compiled(struct span text)
{
    struct schema_why why = {{0}};
    struct schema_avro *s = NULL;

    return schema_avro_compile(text, &why, &s) == ERR_OK ? s : NULL;
}

static void init_once(void)
{
    if (run.codec != NULL) {
        return;
    }
    one_record_init(&run, avro_one_codec);
    one_record_init(&again, avro_one_codec);
    for (size_t i = 0; i < TEXTS; i++) {
        plans[i] = compiled(span_of_str(texts[i]));
    }
    plans[TEXTS] = compiled(schema_builtin(SCHEMA_KIND_AVRO));
}

static void render_other_forms(struct span datum)
{
    static const char *const forms[] = {"csv", "text"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        run.out = forms[i];
        if (one_record_run(&run, datum) != REASON_NONE) {
            abort();
        }
    }
    run.out = "jsonl";
}

/* The members that avro_one_codec() filled in are no fields. */
static void drop_filled_in(json_t *value)
{
    static const char *const names[] = {"timestamp", "level", "message", "service"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_object_del(value, names[i]);
    }
}

static void check_round_trip(const struct schema_avro *plan, bool is_entry)
{
    struct span line = buf_span(&run.line);
    json_t *value = json_loadb(line.at, line.len, JSON_ALLOW_NUL, NULL);
    struct schema_why why = {{0}};
    struct buf datum = {0};

    if (value == NULL) {
        return; /* U+0000 in a name: the library cannot hold it */
    }
    if (!is_entry) {
        drop_filled_in(value);
    }
    if (schema_avro_encode(plan, value, &why, &datum) != ERR_OK) {
        abort();
    }
    enum reason reason = one_record_run(&again, buf_span(&datum));
    bool shorter = datum.len < run.input.len; /* one block for many: and less room for the output */
    if (!(reason == REASON_TOO_LARGE && shorter) &&
        (reason != REASON_NONE || !span_equal(buf_span(&again.line), line))) {
        abort();
    }
    json_decref(value);
    buf_done(&datum);
}

static void check_own(struct span in)
{
    size_t len = in.len < 2 ? 0 : (size_t)(unsigned char)in.at[0] << 8 | (unsigned char)in.at[1];
    struct span rest = span_skip(in, in.len < 2 ? in.len : 2);
    struct schema_avro *plan = compiled(span_head(rest, len));

    if (plan == NULL) {
        return;
    }
    struct span datum = span_skip(rest, len < rest.len ? len : rest.len);
    avro_one_use(plan);
    if (one_record_run(&run, datum) == REASON_NONE) {
        oracle_require_object(buf_span(&run.line));
        render_other_forms(datum);
    }
    schema_avro_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of((const char *)data, size);

    if (size < 1 || size > INPUT_BYTES_MAX) {
        return 0;
    }
    init_once();
    if (data[0] >= OWN_SCHEMA) {
        check_own(span_skip(in, 1));
        return 0;
    }
    size_t which = data[0] % (TEXTS + 1);
    struct span datum = span_skip(in, 1);
    avro_one_use(plans[which]);
    if (one_record_run(&run, datum) == REASON_NONE) {
        oracle_require_object(buf_span(&run.line));
        check_round_trip(plans[which], which == TEXTS);
        render_other_forms(datum);
    }
    return 0;
}
