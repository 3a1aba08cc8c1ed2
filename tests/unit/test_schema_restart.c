/* SPDX-License-Identifier: Apache-2.0
 *
 * What a schema cache knows after a restart, of itself or of the registry: the last good schemas,
 * how old they are, and that the registry is not the one it was. */
#include "base/clock.h"
#include "ingestor/schema_cache.h"
#include "tests/support/schema_rig.h"
#include "tests/support/test.h"

static struct schema_rig rig;

static int open_rig(void **state)
{
    (void)state;
    schema_rig_open(&rig);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    schema_rig_close(&rig);
    return 0;
}

static void register_builtin(uint32_t version)
{
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct schema_rig_schema schema =
            schema_rig_builtin(kind, version, 10 * version + (uint32_t)kind);
        schema_rig_register(&rig, &schema);
    }
}

static struct schema_cache_stats stats(void)
{
    static struct schema_cache_stats s;

    schema_cache_read_stats(rig.cache, &s);
    return s;
}

static void a_restart_needs_no_registry(void **state)
{
    (void)state;
    register_builtin(3);
    schema_rig_start(&rig);
    assert_non_null(schema_rig_ask(&rig, 0, 31)->type);
    schema_rig_stop(&rig);
    schema_rig_kill_registry(&rig);
    schema_rig_start(&rig);
    const struct schema_set *set = schema_rig_use(&rig);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        assert_int_equal(set->defaults[kind]->version, 3);
        assert_int_equal(set->defaults[kind]->id, 30 + kind);
    }
    const struct schema_set_id *id = schema_set_find(set, 31, clock_mono_ns());
    assert_int_equal(id->type->kind, SCHEMA_KIND_AVRO);
    assert_string_equal(id->type->name, "LogEntry");
    assert_false(stats().reachable);
    assert_true(stats().types[id->type->slot].fetched_wall_ns > 0);
    schema_rig_stop(&rig);
    rig.config.registry = "http://127.0.0.1:1"; /* of which nothing is known */
    schema_rig_start(&rig);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 0);
    assert_int_equal(schema_rig_use(&rig)->id_count, 0);
}

static void the_age_survives_a_restart(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_kill_registry(&rig);
    uint64_t errors = stats().errors;
    while (stats().errors < errors + 2) {
        schema_rig_nap_ms(2);
    }
    schema_rig_stop(&rig);
    schema_rig_nap_ms(300);
    uint64_t start = clock_mono_ns();
    schema_rig_start(&rig);
    uint64_t age = stats().age_ns;
    assert_true(age >= 300 * NS_PER_MS + (clock_mono_ns() - start) / 2);
    assert_true(age < 60 * NS_PER_S);
    schema_rig_revive_registry(&rig);
    while (stats().age_ns > 200 * NS_PER_MS) {
        schema_rig_nap_ms(2);
    }
}

/* LogEntry as it is built in, with one more space where that means nothing. */
static struct span padded(enum schema_kind kind, struct buf *copy)
{
    struct span text = schema_rig_builtin(kind, 1, 1).text;

    assert_ok(buf_append(copy, text));
    if (kind != SCHEMA_KIND_PROTOBUF) {
        assert_ok(buf_append(copy, SPAN_LIT(" ")));
        return buf_span(copy);
    }
    for (size_t i = 0; i + 7 < copy->len; i++) {
        if (memcmp(copy->at + i, "message", 7) == 0) {
            copy->at[i] = 'M'; /* the name of a field */
            return buf_span(copy);
        }
    }
    fail();
    return text;
}

/* A registry that was set up anew gives the same ids and versions to other texts. */
static void replace_texts(struct buf copies[SCHEMA_KIND_COUNT])
{
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct schema_rig_schema schema = schema_rig_builtin(kind, 1, 10 + (uint32_t)kind);
        schema.text = padded(kind, &copies[kind]);
        schema_rig_register(&rig, &schema);
    }
}

#define ORDER(field)                                                         \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"" field \
    "\",\"type\":\"long\"}]}"

static void register_order(struct span text)
{
    const struct schema_rig_schema order = {
        .subject = "Order-avro", .kind = SCHEMA_KIND_AVRO, .version = 1, .id = 41, .text = text};

    schema_rig_register(&rig, &order);
}

/* Until the id has been compared. */
static void await_asked(const char *path, unsigned least)
{
    uint64_t start = clock_mono_ns();

    while (schema_rig_asked(&rig, path) < least) {
        assert_true(clock_mono_ns() - start < 10 * NS_PER_S);
        schema_rig_use(&rig);
        schema_rig_nap_ms(2);
    }
}

static void ids_are_compared_after_the_start(void **state)
{
    (void)state;
    register_builtin(1);
    register_order(SPAN_LIT(ORDER("a")));
    schema_rig_start(&rig);
    assert_non_null(schema_rig_ask(&rig, 0, 41)->type);
    schema_rig_stop(&rig);
    schema_rig_start(&rig);
    await_asked("/schemas/ids/41", 2);
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(schema_rig_asked(&rig, "/schemas/ids/41"), 2); /* the same, asked once */
    assert_int_equal(stats().ids, 1);
    schema_rig_stop(&rig);
    register_order(SPAN_LIT(ORDER("b")));
    schema_rig_start(&rig);
    assert_non_null(schema_set_find(schema_rig_use(&rig), 41, clock_mono_ns())); /* nobody waits */
    while (schema_set_find(schema_rig_use(&rig), 41, clock_mono_ns()) != NULL) {
        schema_rig_nap_ms(2);
    }
    assert_int_equal(stats().ids, 0);
    test_assert_span(schema_rig_ask(&rig, 0, 41)->type->avro->fields[0].name, "b");
    schema_rig_kill_registry(&rig);
    schema_rig_stop(&rig);
    schema_rig_start(&rig);
    const struct schema_set_id *id = schema_set_find(schema_rig_use(&rig), 41, clock_mono_ns());
    test_assert_span(id->type->avro->fields[0].name, "b");
}

static void texts_are_compared_at_the_start(void **state)
{
    struct buf copies[SCHEMA_KIND_COUNT] = {0};

    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_stop(&rig);
    schema_rig_start(&rig);
    assert_int_equal(stats().adopted, 0); /* the same texts */
    schema_rig_stop(&rig);
    replace_texts(copies);
    schema_rig_start(&rig);
    assert_int_equal(stats().adopted, SCHEMA_KIND_COUNT);
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(stats().adopted, SCHEMA_KIND_COUNT);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        buf_done(&copies[kind]);
    }
}

static void texts_are_compared_when_the_registry_is_back(void **state)
{
    struct buf copies[SCHEMA_KIND_COUNT] = {0};

    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    uint64_t adopted = stats().adopted;
    schema_rig_kill_registry(&rig);
    uint64_t errors = stats().errors;
    while (stats().errors < errors + 2) {
        schema_rig_nap_ms(2);
    }
    replace_texts(copies);
    schema_rig_revive_registry(&rig);
    uint64_t start = clock_mono_ns();
    while (stats().adopted < adopted + SCHEMA_KIND_COUNT) {
        assert_true(clock_mono_ns() - start < 10 * NS_PER_S);
        schema_rig_nap_ms(2);
        schema_rig_use(&rig);
    }
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        buf_done(&copies[kind]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_restart_needs_no_registry),
        TEST(the_age_survives_a_restart),
        TEST(ids_are_compared_after_the_start),
        TEST(texts_are_compared_at_the_start),
        TEST(texts_are_compared_when_the_registry_is_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
