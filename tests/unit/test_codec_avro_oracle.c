/* SPDX-License-Identifier: Apache-2.0
 *
 * avro-c as a second opinion on plain types: it writes random values and we read them; we write the
 * JSON that came out and it reads that. */
#include "base/base64.h"
#include "schema/schema_avro_encode.h"
#include "tests/support/avro_one.h"
#include "tests/support/avro_theirs.h"
#include "tests/support/one_record.h"
#include "tests/support/test.h"

#define ROUNDS 3000u

static struct one_record run;
static struct schema_avro *plan;
static uint64_t state_bits = 88172645463325252ull;

static uint64_t random_bits(void)
{
    state_bits ^= state_bits << 13;
    state_bits ^= state_bits >> 7;
    state_bits ^= state_bits << 17;
    return state_bits;
}

/* Small and large numbers alike. */
static int64_t random_long(void)
{
    uint64_t bits = random_bits();

    return (int64_t)bits >> (random_bits() % 64);
}

static int setup(void **state)
{
    struct schema_why why = {{0}};

    (void)state;
    one_record_init(&run, avro_one_codec);
    assert_ok(schema_avro_compile(span_of_str(avro_theirs_schema), &why, &plan));
    avro_one_use(plan);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    schema_avro_free(plan);
    one_record_done(&run);
    return 0;
}

static void random_values(struct avro_theirs_values *v)
{
    memset(v, 0, sizeof(*v));
    v->b = (int)(random_bits() % 2);
    v->i = (int32_t)random_long();
    v->l = random_long();
    v->f = (float)(int32_t)random_long() / 128;
    v->d = (double)random_long() / 1e6;
    v->y_len = random_bits() % AVRO_THEIRS_TEXT_BYTES;
    for (size_t i = 0; i < v->y_len; i++) {
        v->y[i] = (char)random_bits();
    }
    size_t s_len = random_bits() % AVRO_THEIRS_TEXT_BYTES;
    for (size_t i = 0; i < s_len; i++) {
        v->s[i] = (char)(1 + random_bits() % 127);
    }
    memcpy(v->x, &state_bits, sizeof(v->x));
    v->e = (int)(random_bits() % 3);
    v->a_len = random_bits() % 6;
    for (size_t i = 0; i < v->a_len; i++) {
        v->a[i] = random_long();
    }
    v->m_len = random_bits() % 4;
    v->u = (int)(random_bits() % 3);
    v->q = (int32_t)random_long();
}

static void assert_base64(const json_t *string, const char *bytes, size_t len)
{
    struct buf out = {0};

    assert_ok(base64_decode(span_of_str(json_string_value(string)), BASE64_STRICT, &out));
    assert_int_equal(out.len, len);
    assert_memory_equal(len > 0 ? out.at : "", bytes, len);
    buf_done(&out);
}

static void assert_collections(const json_t *got, const struct avro_theirs_values *v)
{
    const json_t *array = json_object_get(got, "a");
    const json_t *either = json_object_get(got, "u");

    assert_int_equal(json_array_size(array), v->a_len);
    for (size_t i = 0; i < v->a_len; i++) {
        assert_int_equal(json_integer_value(json_array_get(array, i)), v->a[i]);
    }
    assert_int_equal(json_object_size(json_object_get(got, "m")), v->m_len);
    if (v->u == 0) {
        assert_true(json_is_null(either));
    } else if (v->u == 1) {
        assert_string_equal(json_string_value(either), v->s);
    } else {
        assert_int_equal(json_integer_value(either), v->l);
    }
}

static void assert_values(const json_t *got, const struct avro_theirs_values *v)
{
    static const char *const symbols[] = {"A", "B", "C"};

    assert_true(json_is_null(json_object_get(got, "n")));
    assert_int_equal(json_is_true(json_object_get(got, "b")), v->b);
    assert_int_equal(json_integer_value(json_object_get(got, "i")), v->i);
    assert_int_equal(json_integer_value(json_object_get(got, "l")), v->l);
    assert_true((float)json_number_value(json_object_get(got, "f")) == v->f);
    assert_true(json_number_value(json_object_get(got, "d")) == v->d);
    assert_base64(json_object_get(got, "y"), v->y, v->y_len);
    assert_string_equal(json_string_value(json_object_get(got, "s")), v->s);
    assert_base64(json_object_get(got, "x"), v->x, sizeof(v->x));
    assert_string_equal(json_string_value(json_object_get(got, "e")), symbols[v->e]);
    const json_t *inner = json_object_get(got, "r");
    assert_int_equal(json_integer_value(json_object_get(inner, "q")), v->q);
    assert_collections(got, v);
}

/* Our datum of the same JSON, read by avro-c, is the same value. */
static void assert_they_read_ours(json_t *got, const struct avro_theirs_values *v)
{
    struct schema_why why = {{0}};
    struct buf ours = {0};

    json_object_del(got, "timestamp");
    json_object_del(got, "level");
    json_object_del(got, "message");
    json_object_del(got, "service");
    assert_ok(schema_avro_encode(plan, got, &why, &ours));
    assert_true(avro_theirs_reads(buf_span(&ours), v));
    buf_done(&ours);
}

static void test_random_values(void **state)
{
    static char datum_bytes[AVRO_THEIRS_DATUM_BYTES];

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct avro_theirs_values v;
        random_values(&v);
        struct span datum = avro_theirs_write(&v, datum_bytes);
        assert_int_equal(one_record_run(&run, datum), REASON_NONE);
        json_t *got = json_loadb(run.line.at, run.line.len, 0, NULL);
        assert_non_null(got);
        assert_values(got, &v);
        assert_they_read_ours(got, &v);
        json_decref(got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_values),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
