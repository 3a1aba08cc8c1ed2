/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of all spellings: parts, order, integers, counts, multiples, hashes. */
#include "wire/json_number.h"

#include "tests/support/test.h"

static struct json_number number(const char *text)
{
    return json_number_parse(span_of_str(text));
}

static int compare(const char *a, const char *b)
{
    struct json_number x = number(a);
    struct json_number y = number(b);

    return json_number_compare(&x, &y);
}

/* Ascending; what stands in one row is equal. */
static const char *const ladder[][5] = {
    {"-1e1000000", "-10e999999"},
    {"-10", "-1e1", "-100.0e-1", "-0.1e2"},
    {"-9.99"},
    {"-0.001", "-1e-3", "-0.00100"},
    {"0", "-0", "0.000", "0e99", "-0.0e-5"},
    {"1e-99"},
    {"0.0075", "75e-4", "0.75E-2"},
    {"1", "1.0", "10e-1", "0.01e+2", "1.00e0"},
    {"1.0000000000000000000000000000000000001"},
    {"12.5", "1.25e1", "125e-1"},
    {"9007199254740993"},
    {"9007199254740993.5"},
    {"98249283749234923498293171823948729348710298301928331"},
    {"98249283749234923498293171823948729348710298301928332"},
    {"1e400"},
};

static void orders_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ladder); i++) {
        for (size_t k = 0; k < TEST_COUNT(ladder); k++) {
            int want = (i > k) - (i < k);
            for (size_t a = 0; a < 5 && ladder[i][a] != NULL; a++) {
                for (size_t b = 0; b < 5 && ladder[k][b] != NULL; b++) {
                    assert_int_equal(compare(ladder[i][a], ladder[k][b]), want);
                }
            }
        }
    }
}

static void hashes_by_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(ladder); i++) {
        struct json_number first = number(ladder[i][0]);
        for (size_t a = 1; a < 5 && ladder[i][a] != NULL; a++) {
            struct json_number other = number(ladder[i][a]);
            assert_true(json_number_hash(&first, 7) == json_number_hash(&other, 7));
        }
        assert_true(json_number_hash(&first, 7) != json_number_hash(&first, 8));
    }
}

static void saturates_exponents(void **state)
{
    (void)state;
    assert_int_equal(compare("1e99999999999999999999", "1e88888888888888888888"), 0);
    assert_int_equal(compare("1e-99999999999999999999", "0"), 1);
    assert_int_equal(compare("1e99999999999999999999", "1"), 1);
}

static void knows_integers(void **state)
{
    static const char *const integers[] = {"0", "-0.0", "1.0", "1e3", "12.50e1", "-7"};
    static const char *const others[] = {"0.5", "1e-1", "12.5", "10.01e1"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(integers); i++) {
        struct json_number n = number(integers[i]);
        assert_true(json_number_is_integer(&n));
    }
    for (size_t i = 0; i < TEST_COUNT(others); i++) {
        struct json_number n = number(others[i]);
        assert_false(json_number_is_integer(&n));
    }
}

static bool count(const char *text, uint32_t *ret)
{
    struct json_number n = number(text);

    return json_number_to_count(&n, 1000, ret);
}

static void reads_counts(void **state)
{
    uint32_t value = 7;

    (void)state;
    assert_false(count("-1", &value));
    assert_false(count("1.5", &value));
    assert_int_equal(value, 7);
    assert_true(count("0", &value) && value == 0);
    assert_true(count("2.0", &value) && value == 2);
    assert_true(count("12e1", &value) && value == 120);
    assert_true(count("1000", &value) && value == 1000);
    assert_true(count("1e999999999", &value) && value == 1000);
}

static bool multiple(const char *of, const char *text)
{
    struct json_number d = number(of);
    struct json_number n = number(text);
    struct json_number_divisor divisor;

    assert_true(json_number_to_divisor(&d, &divisor));
    return json_number_is_multiple(&n, &divisor);
}

static void knows_multiples(void **state)
{
    (void)state;
    assert_true(multiple("0.01", "4.02"));
    assert_false(multiple("0.01", "0.00751"));
    assert_true(multiple("0.0001", "0.0075"));
    assert_true(multiple("3", "-9"));
    assert_false(multiple("3", "-10"));
    assert_true(multiple("20", "1e2"));
    assert_false(multiple("20", "30"));
    assert_true(multiple("1e-8", "12391239123"));
    assert_false(multiple("7", "1e1000000000"));
    assert_true(multiple("8", "1e1000000000"));
    assert_true(multiple("999999999999999999", "999999999999999999000000000000000000"));
    assert_true(multiple("5", "0"));
}

static void refuses_divisors(void **state)
{
    static const char *const bad[] = {"0", "-1", "1234567890123456789"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct json_number n = number(bad[i]);
        struct json_number_divisor d;
        assert_false(json_number_to_divisor(&n, &d));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_divisors), cmocka_unit_test(saturates_exponents),
        cmocka_unit_test(orders_numbers),   cmocka_unit_test(hashes_by_value),
        cmocka_unit_test(knows_integers),   cmocka_unit_test(reads_counts),
        cmocka_unit_test(knows_multiples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
