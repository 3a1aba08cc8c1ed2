/* SPDX-License-Identifier: Apache-2.0
 *
 * The load generator: every record it makes is accepted as the ingestor would judge it; levels come
 * as often as they should; the seed decides everything but the time. */
#include "client/gen.h"

#include "base/limits.h"
#include "codec/codec_avro.h"
#include "codec/codec_json.h"
#include "codec/codec_protobuf.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"
#include "wire/frame_length.h"

#include <stdlib.h>

#define WALL_NS (1795234305ull * NS_PER_S + 123456789) /* 2026-11-21T04:11:45.123456789Z */
#define COUNT   3000u

/* Settings with these words; release with args_done(). "lines" is the format of UDP. */
static void load(const char *format, const char *levels, const char *fields, struct args *ret)
{
    bool udp = strcmp(format, "lines") == 0;
    char *argv[] = {strdup("client"),
                    strdup("--levels"),
                    strdup(levels),
                    strdup("--fields"),
                    strdup(fields),
                    strdup("--format"),
                    strdup(udp ? "json" : format),
                    udp ? strdup("--udp") : NULL,
                    NULL};
    struct option_report report = {0};

    assert_ok(args_load(udp ? 8 : 7, argv, ret, &report));
    for (size_t i = 0; argv[i] != NULL; i++) {
        free(argv[i]);
    }
}

/* COUNT records; the caller frees them. */
static char *generate(const struct args *args, const struct schema_type *type, uint64_t seed,
                      size_t *ret_len)
{
    struct gen *gen = NULL;

    assert_ok(gen_new(args, type, seed, &gen));
    char *out = malloc(COUNT * gen_record_bytes_max(gen) + SPAN_SLACK_BYTES);
    assert_non_null(out);
    *ret_len = gen_write(gen, COUNT, WALL_NS, out);
    assert_true(*ret_len <= COUNT * gen_record_bytes_max(gen));
    gen_free(gen);
    return out;
}

/* Calls `each` for every frame; fails unless there are exactly COUNT of this type. */
static void each_frame(struct span in, uint8_t type, void (*each)(void *arg, struct span payload),
                       void *arg)
{
    struct frame_length frames;
    struct frame frame;
    uint32_t n = 0;

    frame_length_init(&frames, 64 * KIB);
    while (in.len > 0) {
        size_t used = 0;
        assert_ok(frame_length_next(&frames, in, &used, &frame));
        assert_int_equal(frame.reason, REASON_NONE);
        assert_int_equal(frame.type, type);
        each(arg, frame.payload);
        in = span_skip(in, used);
        n++;
    }
    frame_length_done(&frames);
    assert_int_equal(n, COUNT);
}

struct judged {
    struct one_record one;
    uint32_t by_severity[SEVERITY_COUNT];
};

static void judge_json(void *arg, struct span payload)
{
    struct judged *j = arg;

    assert_int_equal(one_record_run(&j->one, payload), REASON_NONE);
    const struct record *rec = &j->one.batch.records[0];
    test_assert_span(text_span(rec->timestamp), "2026-11-21T04:11:45.123Z");
    assert_true(rec->message.len > 20);
    assert_true(rec->service.len > 2);
    assert_int_equal(rec->extra_count, 2);
    j->by_severity[rec->severity]++;
}

static void json_records_keep_the_contract(void **state)
{
    struct judged j = {0};
    struct args args;
    size_t len = 0;

    (void)state;
    load("json",
         "debug=1,info=1,notice=1,warn=1,warning=1,err=1,error=1,crit=1,alert=1,emerg=1,trace=1,"
         "fatal=1,critical=1,panic=1",
         "user_id,session", &args);
    one_record_init(&j.one, codec_json_entry);
    char *out = generate(&args, NULL, 1, &len);
    each_frame(span_of(out, len), 1, judge_json, &j);
    for (unsigned i = 0; i < SEVERITY_OTHER; i++) {
        assert_true(j.by_severity[i] > 0);
    }
    assert_int_equal(j.by_severity[SEVERITY_OTHER], 0);
    free(out);
    one_record_done(&j.one);
    args_done(&args);
}

static void levels_come_by_their_weights(void **state)
{
    static const struct {
        enum severity severity;
        uint32_t percent;
    } want[] = {
        {SEVERITY_ERR, 5}, {SEVERITY_WARNING, 10}, {SEVERITY_INFO, 60}, {SEVERITY_DEBUG, 25}};
    struct judged j = {0};
    struct args args;
    size_t len = 0;

    (void)state;
    load("json", "error=5,warn=10,info=60,debug=25,panic=0", "a,b", &args);
    one_record_init(&j.one, codec_json_entry);
    char *out = generate(&args, NULL, 7, &len);
    each_frame(span_of(out, len), 1, judge_json, &j);
    for (size_t i = 0; i < TEST_COUNT(want); i++) {
        uint32_t expected = COUNT * want[i].percent / 100;
        assert_in_range(j.by_severity[want[i].severity], expected * 8 / 10, expected * 12 / 10);
    }
    assert_int_equal(j.by_severity[SEVERITY_EMERG], 0);
    free(out);
    one_record_done(&j.one);
    args_done(&args);
}

static void a_level_of_the_smallest_weight_appears(void **state)
{
    struct args args;
    struct gen *gen = NULL;

    (void)state;
    load("lines", "info=1000,debug=1000,warn=1000,error=1000,trace=1000,emerg=1", "a", &args);
    assert_ok(gen_new(&args, NULL, 3, &gen));
    char *out = malloc(COUNT * gen_record_bytes_max(gen));
    assert_non_null(out);
    bool seen = false;
    for (int i = 0; i < 50 && !seen; i++) {
        size_t len = gen_write(gen, COUNT, WALL_NS, out);
        seen = memmem(out, len, "\"EMERG\"", 7) != NULL;
    }
    assert_true(seen);
    free(out);
    gen_free(gen);
    args_done(&args);
}

/* The decoders of the ingestor, with a codec's signature. */
static struct schema_type *binary_type;

static enum reason decode_binary(const struct codec_env *env, struct span in, struct batch *b,
                                 struct record *ret_rec, const char **ret_detail)
{
    (void)env;
    return binary_type->kind == SCHEMA_KIND_AVRO
               ? codec_avro(binary_type->avro, in, b, ret_rec, ret_detail)
               : codec_protobuf(binary_type->message, in, b, ret_rec, ret_detail);
}

static void judge_binary(void *arg, struct span payload)
{
    struct judged *j = arg;

    assert_int_equal(one_record_run(&j->one, payload), REASON_NONE);
    const struct record *rec = &j->one.batch.records[0];
    test_assert_span(text_span(rec->timestamp), "2026-11-21T04:11:45.123Z");
    assert_true(rec->message.len > 20);
    assert_true(rec->service.len > 2);
    assert_int_equal(rec->extra_count, 0);
    j->by_severity[rec->severity]++;
}

/* A type made of this text. */
static struct schema_type *type_of(enum schema_kind kind, const char *text)
{
    const struct schema_type_source source = {
        .kind = kind, .name = SPAN_LIT("LogEntry"), .text = span_of_str(text)};
    struct schema_type *type = NULL;
    struct schema_why why = {0};

    assert_ok(schema_type_new(&source, &why, &type));
    return type;
}

static void check_binary(const char *format, uint8_t frame, struct schema_type *type)
{
    struct judged j = {0};
    struct args args;
    size_t len = 0;

    binary_type = type;
    load(format, "error=5,warn=10,info=60,debug=25", "", &args);
    one_record_init(&j.one, decode_binary);
    char *out = generate(&args, type, 1, &len);
    each_frame(span_of(out, len), frame, judge_binary, &j);
    assert_true(j.by_severity[SEVERITY_ERR] > 0);
    assert_true(j.by_severity[SEVERITY_DEBUG] > 0);
    free(out);
    one_record_done(&j.one);
    args_done(&args);
    schema_type_free(type);
}

static void binary_records_keep_the_contract(void **state)
{
    struct schema_type *type = NULL;

    (void)state;
    assert_ok(schema_type_builtin(SCHEMA_KIND_PROTOBUF, &type));
    check_binary("proto", 2, type);
    assert_ok(schema_type_builtin(SCHEMA_KIND_AVRO, &type));
    check_binary("avro", 3, type);
}

static void the_schema_decides_the_order(void **state)
{
    (void)state;
    check_binary("avro", 3,
                 type_of(SCHEMA_KIND_AVRO, "{\"type\":\"record\",\"name\":\"LogEntry\",\"fields\":["
                                           "{\"name\":\"service\",\"type\":\"string\"},"
                                           "{\"name\":\"message\",\"type\":\"string\"},"
                                           "{\"name\":\"timestamp\",\"type\":\"string\"},"
                                           "{\"name\":\"level\",\"type\":\"string\"}]}"));
}

static void types_with_more_have_no_templates(void **state)
{
    struct schema_type *type =
        type_of(SCHEMA_KIND_AVRO, "{\"type\":\"record\",\"name\":\"LogEntry\",\"fields\":["
                                  "{\"name\":\"service\",\"type\":\"string\"},"
                                  "{\"name\":\"message\",\"type\":\"string\"},"
                                  "{\"name\":\"timestamp\",\"type\":\"long\"},"
                                  "{\"name\":\"level\",\"type\":\"string\"}]}");
    struct args args;
    struct gen *gen = NULL;

    (void)state;
    load("avro", "info=1", "", &args);
    assert_err(gen_new(&args, type, 1, &gen), ERR_UNKNOWN);
    args_done(&args);
    schema_type_free(type);
}

/* Which of the four forms a raw record has. */
static void count_form(void *arg, struct span payload)
{
    uint32_t *forms = arg;

    assert_int_equal(span_find(payload, '\n'), payload.len);
    assert_non_null(memmem(payload.at, payload.len, "user_id", 7));
    if (payload.at[0] == '{') {
        assert_true(span_starts_with(payload, SPAN_LIT("{\"__REALTIME_TIMESTAMP\":\""
                                                       "1795234305123456\",\"PRIORITY\":\"")));
        forms[0]++;
    } else if (payload.at[0] == '<') {
        struct span rest = span_skip(payload, span_find(payload, '>') + 1);
        bool rfc5424 = span_starts_with(rest, SPAN_LIT("1 2026-11-21T04:11:45.123Z web-"));
        assert_true(rfc5424 || span_starts_with(rest, SPAN_LIT("Nov 21 04:11:45 web-")));
        forms[rfc5424 ? 1 : 2]++;
    } else {
        assert_true(span_starts_with(payload, SPAN_LIT("2026-11-21T04:11:45.123Z [")));
        forms[3]++;
    }
}

static void raw_records_mix_four_forms(void **state)
{
    uint32_t forms[4] = {0};
    struct args args;
    size_t len = 0;

    (void)state;
    load("raw", "error=5,warn=10,info=60,debug=25", "user_id", &args);
    char *out = generate(&args, NULL, 1, &len);
    each_frame(span_of(out, len), 4, count_form, forms);
    for (size_t i = 0; i < 4; i++) {
        assert_in_range(forms[i], COUNT / 4 * 8 / 10, COUNT / 4 * 12 / 10);
    }
    free(out);
    args_done(&args);
}

static void lines_end_with_lf_and_are_the_same_records(void **state)
{
    struct args args;
    size_t framed_len = 0;
    size_t len = 0;
    size_t at = 0;

    (void)state;
    load("json", "error=5,warn=10,info=60,debug=25", "a", &args);
    char *framed = generate(&args, NULL, 9, &framed_len);
    args_done(&args);
    load("lines", "error=5,warn=10,info=60,debug=25", "a", &args);
    char *lines = generate(&args, NULL, 9, &len);
    assert_int_equal(framed_len - COUNT * FRAME_HEAD_BYTES, len - COUNT);
    for (size_t from = 0; from < framed_len;) {
        size_t line = span_find(span_of(lines + at, len - at), '\n');
        assert_memory_equal(framed + from + FRAME_HEAD_BYTES, lines + at, line);
        from += FRAME_HEAD_BYTES + line;
        at += line + 1;
    }
    assert_int_equal(at, len);
    free(framed);
    free(lines);
    args_done(&args);
}

static void the_seed_decides(void **state)
{
    struct args args;
    size_t len[3] = {0};
    char *out[3];

    (void)state;
    load("json", "error=5,warn=10,info=60,debug=25", "a", &args);
    for (unsigned i = 0; i < 3; i++) {
        out[i] = generate(&args, NULL, i == 2 ? 43 : 42, &len[i]);
    }
    assert_int_equal(len[0], len[1]);
    assert_memory_equal(out[0], out[1], len[0]);
    assert_false(len[0] == len[2] && memcmp(out[0], out[2], len[0]) == 0);
    for (unsigned i = 0; i < 3; i++) {
        free(out[i]);
    }
    args_done(&args);
}

static void days_below_ten_have_a_space_in_rfc3164(void **state)
{
    struct args args;
    struct gen *gen = NULL;

    (void)state;
    load("raw", "info=1", "a", &args);
    assert_ok(gen_new(&args, NULL, 1, &gen));
    char *out = malloc(COUNT * gen_record_bytes_max(gen));
    assert_non_null(out);
    size_t len = gen_write(gen, COUNT, 1767312000ull * NS_PER_S, out); /* 2026-01-02 */
    assert_non_null(memmem(out, len, "<30>Jan  2 00:00:00 web-", 24));
    free(out);
    gen_free(gen);
    args_done(&args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_records_keep_the_contract),
        cmocka_unit_test(levels_come_by_their_weights),
        cmocka_unit_test(a_level_of_the_smallest_weight_appears),
        cmocka_unit_test(binary_records_keep_the_contract),
        cmocka_unit_test(the_schema_decides_the_order),
        cmocka_unit_test(types_with_more_have_no_templates),
        cmocka_unit_test(raw_records_mix_four_forms),
        cmocka_unit_test(lines_end_with_lf_and_are_the_same_records),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(days_below_ten_have_a_space_in_rfc3164),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
