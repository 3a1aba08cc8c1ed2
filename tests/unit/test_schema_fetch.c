/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids that shards ask for: fetched at once, remembered, and remembered to be none: for long if the
 * registry says so, for a second if it says nothing. */
#include "ingestor/schema_fetch.h"

#include "base/clock.h"
#include "tests/support/schema_rig.h"
#include "tests/support/test.h"

#include <stdio.h>

#define ORDER \
    "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"n\",\"type\":\"long\"}]}"

static struct schema_rig rig;

/* Rounds are rare, so that what is asked is asked for ids. */
static int open_rig(void **state)
{
    (void)state;
    schema_rig_open(&rig);
    rig.config.refresh_ns = 3600 * NS_PER_S;
    schema_rig_start(&rig);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    schema_rig_close(&rig);
    return 0;
}

static void register_order(uint32_t id)
{
    const struct schema_rig_schema order = {.subject = "orders-value",
                                            .kind = SCHEMA_KIND_AVRO,
                                            .version = 6,
                                            .id = id,
                                            .text = SPAN_LIT(ORDER)};

    schema_rig_register(&rig, &order);
}

static struct schema_cache_stats stats(void)
{
    static struct schema_cache_stats s;

    schema_cache_read_stats(rig.cache, &s);
    return s;
}

static void an_id_is_fetched_at_once(void **state)
{
    (void)state;
    register_order(41);
    assert_null(schema_set_find(schema_rig_use(&rig), 41, clock_mono_ns()));
    uint64_t start = clock_mono_ns();
    const struct schema_set_id *id = schema_rig_ask(&rig, 0, 41);
    assert_true(clock_mono_ns() - start < 2 * NS_PER_S);
    assert_string_equal(id->type->name, "orders");
    assert_int_equal(id->type->kind, SCHEMA_KIND_AVRO);
    assert_int_equal(id->type->version, 6);
    assert_int_equal(id->type->id, 41);
    assert_false(id->type->is_entry);
    assert_int_equal(atomic_load(&rig.woken[1]), 0);
    assert_int_equal(stats().ids, 1);
    assert_string_equal(stats().types[id->type->slot].name, "orders");
}

static void every_language_has_ids(void **state)
{
    (void)state;
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct schema_rig_schema schema = schema_rig_builtin(kind, 2, 100 + (uint32_t)kind);
        schema_rig_register(&rig, &schema);
        const struct schema_set_id *id = schema_rig_ask(&rig, 0, schema.id);
        assert_int_equal(id->type->kind, kind);
        assert_true(id->type->is_entry);
        assert_ptr_not_equal(id->type, schema_rig_use(&rig)->defaults[kind]);
    }
}

/* message A { B b = 1; } imports message B { string x = 1; }, which the registry serializes under
 * another name than that of the import. */
static void a_protobuf_schema_comes_with_its_imports(void **state)
{
    static const char *const routes[][2] = {
        {"/schemas/ids/60", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"\",\"references\":["
                            "{\"name\":\"b.proto\",\"subject\":\"b\",\"version\":1}]}"},
        {"/schemas/ids/60/versions", "[{\"subject\":\"a-value\",\"version\":1}]"},
        {"/subjects/b/versions/1", "{\"subject\":\"b\",\"id\":61,\"version\":1,"
                                   "\"schemaType\":\"PROTOBUF\",\"schema\":\"\"}"},
        {"/schemas/ids/60?format=serialized",
         "{\"schema\":\"CgRyb290GgdiLnByb3RvIhIKAUESDQoBYhgBIAEoCzICLkJiBnByb3RvMw==\"}"},
        {"/schemas/ids/61?format=serialized",
         "{\"schema\":\"CgdkZWZhdWx0Ig4KAUISCQoBeBgBIAEoCWIGcHJvdG8z\"}"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(routes); i++) {
        schema_rig_route(&rig, routes[i][0], 200, routes[i][1]);
    }
    const struct schema_type *type = schema_rig_ask(&rig, 0, 60)->type;
    assert_non_null(type);
    assert_string_equal(type->name, "a");
    test_assert_span(type->message->fullname, "A"); /* the first one of the last file */
    assert_non_null(schema_protobuf_find(type->protobuf, SPAN_LIT("B")));
}

static void what_is_known_is_not_fetched_again(void **state)
{
    (void)state;
    register_order(41);
    const struct schema_type *type = schema_rig_ask(&rig, 0, 41)->type;
    unsigned asked = schema_rig_asked(&rig, NULL);
    for (unsigned i = 0; i < 20; i++) {
        assert_ptr_equal(schema_rig_ask(&rig, i % 2, 41)->type, type);
    }
    assert_int_equal(schema_rig_asked(&rig, NULL), asked);
}

static void an_id_that_is_none_is_remembered_for_a_minute(void **state)
{
    (void)state;
    uint64_t before = clock_mono_ns();
    const struct schema_set_id *id = schema_rig_ask(&rig, 0, 77);
    uint64_t after = clock_mono_ns();
    assert_null(id->type);
    assert_int_equal(id->cause, SCHEMA_SET_NONE);
    assert_true(id->until_mono_ns >= before + SCHEMA_CACHE_NEGATIVE_NS);
    assert_true(id->until_mono_ns <= after + SCHEMA_CACHE_NEGATIVE_NS);
    unsigned asked = schema_rig_asked(&rig, NULL);
    assert_null(schema_rig_ask(&rig, 1, 77)->type);
    assert_int_equal(schema_rig_asked(&rig, NULL), asked);
    assert_int_equal(stats().errors, 0); /* that there is none is an answer */
}

static void a_schema_that_does_not_compile_is_none(void **state)
{
    const struct schema_rig_schema bad = {.subject = "bad-value",
                                          .kind = SCHEMA_KIND_JSON,
                                          .version = 1,
                                          .id = 50,
                                          .text = SPAN_LIT("{\"type\":7}")};

    (void)state;
    schema_rig_register(&rig, &bad);
    const struct schema_set_id *id = schema_rig_ask(&rig, 0, 50);
    assert_null(id->type);
    assert_int_equal(id->cause, SCHEMA_SET_BAD);
    assert_true(id->until_mono_ns > clock_mono_ns() + 50 * NS_PER_S);
}

/* Asks until the id has a type. */
static void await_id(uint32_t id)
{
    const struct schema_set_id *known = NULL;
    uint64_t start = clock_mono_ns();

    while (known == NULL || known->type == NULL) {
        assert_true(clock_mono_ns() - start < 10 * NS_PER_S);
        known = schema_set_find(schema_rig_use(&rig), id, clock_mono_ns());
        if (known == NULL) {
            known = schema_rig_ask(&rig, 0, id);
        }
        schema_rig_nap_ms(5);
    }
    assert_true(clock_mono_ns() - start < 5 * NS_PER_S);
}

static void a_registry_that_lies_is_asked_again_soon(void **state)
{
    static const enum schema_rig_mood moods[] = {MOOD_GARBAGE, MOOD_HUGE, MOOD_REDIRECT,
                                                 MOOD_FAILING};

    (void)state;
    for (uint32_t i = 0; i < TEST_COUNT(moods); i++) {
        register_order(200 + i);
        schema_rig_set_mood(&rig, moods[i]);
        const struct schema_set_id *id = schema_rig_ask(&rig, 0, 200 + i);
        assert_null(id->type);
        assert_int_equal(id->cause, SCHEMA_SET_AWAY);
        assert_true(id->until_mono_ns <= clock_mono_ns() + SCHEMA_FETCH_AWAY_NS);
        assert_int_equal(stats().errors, i + 1);
        schema_rig_set_mood(&rig, MOOD_GOOD);
    }
    await_id(200);
}

static void a_dead_registry_that_comes_back_is_asked_again(void **state)
{
    (void)state;
    register_order(41);
    schema_rig_kill_registry(&rig);
    const struct schema_set_id *id = schema_rig_ask(&rig, 0, 41);
    assert_null(id->type);
    assert_int_equal(id->cause, SCHEMA_SET_AWAY);
    schema_rig_revive_registry(&rig);
    await_id(41);
}

/* All who wait for a registry that says nothing are told when one request has run out. */
static void a_silent_registry_is_given_up_for_all_at_once(void **state)
{
    (void)state;
    schema_rig_set_mood(&rig, MOOD_SILENT);
    uint64_t start = clock_mono_ns();
    for (uint32_t id = 300; id < 310; id++) {
        schema_cache_ask(rig.cache, id % SCHEMA_RIG_SHARDS, id);
    }
    schema_rig_await(&rig.woken[0], 1);
    schema_rig_await(&rig.woken[1], 1);
    assert_true(clock_mono_ns() - start < 6 * NS_PER_S);
    const struct schema_set *set = schema_rig_use(&rig);
    for (uint32_t id = 300; id < 310; id++) {
        assert_non_null(schema_set_find(set, id, start)); /* as of before it was forgotten */
    }
}

static void a_flood_of_ids_is_bounded(void **state)
{
    (void)state;
    register_order(40);
    const struct schema_type *known = schema_rig_ask(&rig, 0, 40)->type;
    for (uint32_t i = 0; i < 3000; i++) {
        schema_cache_ask(rig.cache, i % SCHEMA_RIG_SHARDS, 10000 + i);
        if (i % 32 == 0) {
            schema_rig_use(&rig);
            schema_rig_nap_ms(1);
        }
    }
    register_order(41);
    await_id(41);
    assert_ptr_equal(schema_set_find(schema_rig_use(&rig), 40, clock_mono_ns())->type, known);
    assert_int_equal(schema_rig_asked(&rig, "/schemas/ids/40"), 1); /* no flood washes it away */
}

/* Fills the table without a registry: what lies on the shelf is loaded at the start. */
static void fill_shelf(void)
{
    struct schema_shelf shelf;
    struct regapi_schema schema = {.kind = SCHEMA_KIND_AVRO, .version = 1, .subject = "S-avro"};

    assert_ok(schema_shelf_init(&shelf, rig.dir, rig.url, SCHEMA_SHELF_KEEPS));
    assert_ok(buf_append(&schema.text, SPAN_LIT("\"string\"")));
    for (uint32_t id = 1001; id <= 1000 + SCHEMA_IDS_TYPES_MAX + 3; id++) {
        schema.id = id;
        schema_shelf_put_id(&shelf, &schema);
    }
    regapi_schema_done(&schema);
}

static void a_full_table_is_told_at_once_and_remembered(void **state)
{
    (void)state;
    schema_rig_stop(&rig);
    fill_shelf();
    schema_rig_start(&rig);
    assert_int_equal(stats().ids, SCHEMA_IDS_TYPES_MAX);
    register_order(41);
    const struct schema_set_id *id = schema_rig_ask(&rig, 0, 41);
    assert_non_null(id); /* who asked need not wait any longer */
    assert_null(id->type);
    assert_int_equal(id->cause, SCHEMA_SET_NO_ROOM);
    assert_true(id->until_mono_ns > clock_mono_ns() + 50 * NS_PER_S);
    assert_int_equal(stats().ids_refused, 1);
    schema_rig_ask(&rig, 0, 41);
    assert_int_equal(stats().ids_refused, 1);
    assert_int_equal(schema_rig_asked(&rig, "/schemas/ids/41"), 0);
}

/* The rig's wake, with a look at the disk before anybody runs. */
static _Atomic unsigned stored_at_wake;

static void look_and_wake(void *arg, unsigned shard)
{
    char path[TEMP_DIR_BYTES + 32];

    snprintf(path, sizeof(path), "%s/schemas", rig.dir);
    if (temp_dir_has(path, "id-41")) {
        atomic_fetch_add(&stored_at_wake, 1);
    }
    atomic_fetch_add(&((struct schema_rig *)arg)->woken[shard], 1);
}

static void who_waits_does_not_wait_for_the_disk(void **state)
{
    char path[TEMP_DIR_BYTES + 32];

    (void)state;
    schema_rig_stop(&rig);
    rig.config.wake = look_and_wake;
    schema_rig_start(&rig);
    register_order(41);
    assert_non_null(schema_rig_ask(&rig, 0, 41)->type);
    assert_int_equal(atomic_load(&stored_at_wake), 0);
    snprintf(path, sizeof(path), "%s/schemas", rig.dir);
    while (!temp_dir_has(path, "id-41")) {
        schema_rig_nap_ms(2);
    }
}

/* A shard that does nothing until it is woken: every wake is a turn. */
static void use_and_wake(void *arg, unsigned shard)
{
    atomic_fetch_add(&((struct schema_rig *)arg)->woken[shard], 1);
    if (shard == 1) {
        assert_non_null(schema_cache_use(rig.cache, 1));
    }
}

static void an_idle_shard_holds_up_nobody(void **state)
{
    (void)state;
    schema_rig_stop(&rig);
    rig.config.wake = use_and_wake;
    schema_rig_start(&rig);
    assert_non_null(schema_cache_use(rig.cache, 1));
    uint64_t start = clock_mono_ns();
    for (uint32_t id = 500; id < 700; id++) { /* more than there may be sets in use */
        unsigned before = atomic_load(&rig.woken[0]);
        schema_cache_ask(rig.cache, 0, id);
        while (atomic_load(&rig.woken[0]) == before ||
               schema_set_find(schema_cache_use(rig.cache, 0), id, start) == NULL) {
            assert_true(clock_mono_ns() - start < 20 * NS_PER_S);
            schema_rig_nap_ms(1);
        }
    }
    assert_true(atomic_load(&rig.woken[1]) > 0);
}

/* Shard 0 asks for ever new ids. */
static void *flood(void *arg)
{
    const _Atomic bool *over = arg;

    for (uint32_t id = 100000; !atomic_load(over); id++) {
        schema_cache_ask(rig.cache, 0, id);
        if (id % 16 == 0) {
            assert_non_null(schema_cache_use(rig.cache, 0));
        }
    }
    return NULL;
}

static void a_shard_that_asks_for_much_starves_no_other(void **state)
{
    _Atomic bool over = false;
    pthread_t thread;

    (void)state;
    register_order(41);
    assert_int_equal(pthread_create(&thread, NULL, flood, &over), 0);
    schema_rig_await(&rig.woken[0], 100); /* by now nothing is free */
    schema_cache_ask(rig.cache, 1, 41);   /* once, and that is enough */
    uint64_t start = clock_mono_ns();
    while (schema_set_find(schema_cache_use(rig.cache, 1), 41, start) == NULL) {
        assert_true(clock_mono_ns() - start < 20 * NS_PER_S);
        schema_rig_nap_ms(2);
    }
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    assert_non_null(schema_set_find(schema_rig_use(&rig), 41, clock_mono_ns())->type);
}

static void ids_at_the_ends_are_ids_too(void **state)
{
    (void)state;
    register_order(4294967295u);
    assert_non_null(schema_rig_ask(&rig, 0, UINT32_MAX)->type);
    assert_null(schema_rig_ask(&rig, 0, 0)->type);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_id_is_fetched_at_once),
        TEST(every_language_has_ids),
        TEST(a_protobuf_schema_comes_with_its_imports),
        TEST(what_is_known_is_not_fetched_again),
        TEST(an_id_that_is_none_is_remembered_for_a_minute),
        TEST(a_schema_that_does_not_compile_is_none),
        TEST(a_registry_that_lies_is_asked_again_soon),
        TEST(a_dead_registry_that_comes_back_is_asked_again),
        TEST(a_silent_registry_is_given_up_for_all_at_once),
        TEST(a_flood_of_ids_is_bounded),
        TEST(a_full_table_is_told_at_once_and_remembered),
        TEST(who_waits_does_not_wait_for_the_disk),
        TEST(an_idle_shard_holds_up_nobody),
        TEST(a_shard_that_asks_for_much_starves_no_other),
        TEST(ids_at_the_ends_are_ids_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
