/* SPDX-License-Identifier: Apache-2.0
 *
 * avro_answer: a program that answers questions about Avro, one JSON object a line, so that tests
 * in other languages can compare: {"do":"decode","schema":TEXT,"datum":HEX},
 * {"do":"encode","schema":TEXT,"value":JSON}, {"do":"compat","reader":TEXT,"writer":TEXT}. The
 * answer is {"error":NAME,"why":TEXT} with "ok" for no error, and "line" or "datum". */
#include "schema/schema_avro_encode.h"
#include "schema/schema_compat_avro.h"
#include "tests/support/avro_one.h"
#include "tests/support/one_record.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define QUESTION_BYTES_MAX (4u * MIB)

static struct one_record run;

static struct span text_of_key(const json_t *question, const char *key)
{
    return span_of_str(json_string_value(json_object_get(question, key)));
}

static void from_hex(struct span hex, struct buf *out)
{
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        char digits[3] = {hex.at[i], hex.at[i + 1], '\0'};
        char byte = (char)strtoul(digits, NULL, 16);
        err_t err = buf_append(out, span_of(&byte, 1));
        assert(err == ERR_OK);
    }
}

static json_t *to_hex(struct span bytes)
{
    struct buf hex = {0};

    for (size_t i = 0; i < bytes.len; i++) {
        err_t err = buf_printf(&hex, "%02x", (unsigned)(unsigned char)bytes.at[i]);
        assert(err == ERR_OK);
    }
    json_t *string = json_stringn(bytes.len == 0 ? "" : hex.at, hex.len);
    buf_done(&hex);
    return string;
}

static void decode(const struct schema_avro *plan, const json_t *question, json_t *answer)
{
    struct buf datum = {0};

    from_hex(text_of_key(question, "datum"), &datum);
    avro_one_use(plan);
    enum reason reason = one_record_run(&run, datum.len == 0 ? span_of("", 0) : buf_span(&datum));
    json_object_set_new(answer, "error",
                        json_string(reason == REASON_NONE ? "ok" : reason_name(reason)));
    if (reason == REASON_NONE) {
        json_object_set_new(answer, "line", json_stringn(run.line.at, run.line.len));
    } else {
        json_object_set_new(answer, "why", json_string(run.batch.rejects[0].detail));
    }
    buf_done(&datum);
}

static err_t encode(const struct schema_avro *plan, const json_t *question, json_t *answer,
                    struct schema_why *why)
{
    struct buf out = {0};

    TRY(schema_avro_encode(plan, json_object_get(question, "value"), why, &out));
    json_object_set_new(answer, "datum", to_hex(buf_span(&out)));
    buf_done(&out);
    return ERR_OK;
}

static void answer_with_schema(const json_t *question, json_t *answer, bool decodes)
{
    struct schema_why why = {{0}};
    struct schema_avro *plan = NULL;
    err_t err = schema_avro_compile(text_of_key(question, "schema"), &why, &plan);

    if (err == ERR_OK && decodes) {
        decode(plan, question, answer);
        schema_avro_free(plan);
        return;
    }
    if (err == ERR_OK) {
        err = encode(plan, question, answer, &why);
    }
    json_object_set_new(answer, "error", json_string(err_name(err)));
    json_object_set_new(answer, "why", json_string(why.text));
    schema_avro_free(plan);
}

static void answer_compat(const json_t *question, json_t *answer)
{
    struct schema_why why = {{0}};
    err_t err =
        schema_compat_avro(text_of_key(question, "reader"), text_of_key(question, "writer"), &why);

    json_object_set_new(answer, "error", json_string(err_name(err)));
    json_object_set_new(answer, "why", json_string(why.text));
}

static void reply(const json_t *question)
{
    struct span what = text_of_key(question, "do");
    json_t *answer = json_object();

    if (span_equal(what, SPAN_LIT("compat"))) {
        answer_compat(question, answer);
    } else {
        answer_with_schema(question, answer, span_equal(what, SPAN_LIT("decode")));
    }
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(answer);
}

int main(void)
{
    static char line[QUESTION_BYTES_MAX];

    one_record_init(&run, avro_one_codec);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        json_t *question = json_loads(line, 0, NULL);
        if (question == NULL) {
            return 1;
        }
        reply(question);
        json_decref(question);
    }
    one_record_done(&run);
    return 0;
}
