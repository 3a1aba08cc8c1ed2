/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema cache and a registry that comes, goes, hangs and lies: what is in force, what stays in
 * force, what survives a restart, and that nobody ever waits. */
#include "ingestor/schema_cache.h"

#include "base/clock.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/schema_rig.h"
#include "tests/support/test.h"

#include <stdio.h>

#define SOON_NS     (1 * NS_PER_S)
#define LATEST_JSON "/subjects/LogEntry-json/versions/latest"

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

static void without_a_registry_it_is_what_is_built_in(void **state)
{
    (void)state;
    rig.config.registry = "";
    schema_rig_start(&rig);
    const struct schema_set *set = schema_rig_use(&rig);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        assert_non_null(set->defaults[kind]);
        assert_int_equal(set->defaults[kind]->kind, kind);
        assert_int_equal(set->defaults[kind]->version, 0);
        assert_true(set->defaults[kind]->is_entry);
    }
    assert_ptr_equal(set->entry, set->defaults[SCHEMA_KIND_JSON]);
    assert_true(set->generation > 0);
    assert_false(set->avro_prefix); /* there are no ids */
    schema_cache_ask(rig.cache, 0, 7);
    assert_null(schema_set_find(set, 7, clock_mono_ns())->type); /* nobody could know it */
    assert_false(stats().registry);
    assert_int_equal(stats().age_ns, 0);
    assert_int_equal(stats().type_count, 3);
    assert_int_equal(schema_rig_asked(&rig, NULL), 0);
}

static void what_cannot_work_is_refused_at_the_start(void **state)
{
    static const struct {
        const char *registry; /* NULL: the rig's */
        const char *type;
        err_t err;
        const char *why;
    } rows[] = {
        {"localhost:8000", "LogEntry", ERR_SYNTAX, "neither http:// nor https://"},
        {"ftp://localhost/", "LogEntry", ERR_SYNTAX, "neither http:// nor https://"},
        {"", "Order", ERR_UNKNOWN, "no registry is given"},
        {NULL, "Order", ERR_UNKNOWN, "none that can be used"},
        {"http://127.0.0.1:1", "Order", ERR_UNKNOWN, "does not answer"},
        {NULL, "", ERR_LIMIT, ""},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(rows); i++) {
        rig.config.registry = rows[i].registry == NULL ? rig.url : rows[i].registry;
        rig.config.type = rows[i].type;
        err_t err = schema_cache_start(&rig.config, rig.why, sizeof(rig.why), &rig.cache);
        assert_err(err, rows[i].err);
        assert_non_null(strstr(rig.why, rows[i].why));
        assert_null(rig.cache);
    }
}

static err_t start_and_stop(void *arg)
{
    (void)arg;
    TRY(schema_cache_start(&rig.config, rig.why, sizeof(rig.why), &rig.cache));
    schema_rig_stop(&rig);
    return ERR_OK;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    (void)state;
    rig.config.registry = "";
    fail_alloc_walk(start_and_stop, NULL);
    rig.config.registry = "http://127.0.0.1:1";
    fail_alloc_walk(start_and_stop, NULL);
}

static void a_registry_replaces_what_is_built_in(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    const struct schema_set *set = schema_rig_use(&rig);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        assert_int_equal(set->defaults[kind]->version, 1);
        assert_int_equal(set->defaults[kind]->id, 10 + kind);
    }
    assert_non_null(set->defaults[SCHEMA_KIND_PROTOBUF]->message);
    assert_true(set->avro_prefix); /* an empty timestamp is rejected anyway */
    assert_ptr_equal(set->entry, set->defaults[SCHEMA_KIND_JSON]);
    assert_true(stats().reachable);
    assert_int_equal(stats().errors, 0);
}

static void a_new_version_is_taken_within_the_interval(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_await_version(&rig, SCHEMA_KIND_AVRO, 1);
    uint64_t before = schema_rig_use(&rig)->generation;
    register_builtin(2);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        schema_rig_await_version(&rig, kind, 2);
    }
    assert_true(schema_rig_use(&rig)->generation > before);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 2);
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(stats().adopted, 6); /* three built in, three of version 1 */
    assert_int_equal(stats().type_count, 9);
    assert_int_equal(schema_rig_asked(&rig, "/schemas/ids/22?format=serialized"), 1);
}

static void what_is_in_force_is_not_compiled_again(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    const struct schema_set *set = schema_rig_use(&rig);
    uint64_t generation = set->generation;
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(schema_rig_use(&rig)->generation, generation);
    assert_int_equal(schema_rig_asked(&rig, "/schemas/ids/12?format=serialized"), 1);
}

/* A set is left alone as long as one shard may be using it. */
static void a_set_in_use_stays(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    const struct schema_set *kept = schema_cache_use(rig.cache, 1);
    const struct schema_type *type = kept->defaults[SCHEMA_KIND_JSON];
    for (uint32_t version = 2; version < 100; version++) {
        struct schema_rig_schema schema = schema_rig_builtin(SCHEMA_KIND_JSON, version, version);
        schema_rig_register(&rig, &schema);
        unsigned before = schema_rig_asked(&rig, LATEST_JSON);
        for (unsigned i = 0; i < 200 && schema_rig_asked(&rig, LATEST_JSON) < before + 2; i++) {
            assert_non_null(schema_cache_use(rig.cache, 0));
            schema_rig_nap_ms(2);
        }
        if (schema_rig_asked(&rig, LATEST_JSON) < before + 2) {
            break; /* it waits for the shard that does not move */
        }
    }
    assert_int_equal(type->version, 1);
    assert_string_equal(type->name, "LogEntry");
    assert_ptr_equal(kept->entry, type);
    assert_true(schema_cache_use(rig.cache, 0)->generation < kept->generation + 64);
    struct schema_rig_schema last = schema_rig_builtin(SCHEMA_KIND_JSON, 500, 500);
    schema_rig_register(&rig, &last);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 500);
}

/* A shard on a thread of its own: uses each newest set, all of it, and asks for ids. */
struct reader {
    unsigned shard;
    pthread_t thread;
    uint64_t newest; /* generation */
    _Atomic bool over;
};

static void *read_sets(void *arg)
{
    struct reader *reader = arg;

    for (uint32_t turn = 0; !atomic_load(&reader->over); turn++) {
        const struct schema_set *set = schema_cache_use(rig.cache, reader->shard);
        assert_true(set->generation >= reader->newest);
        reader->newest = set->generation;
        uint32_t version = set->defaults[SCHEMA_KIND_JSON]->version;
        assert_ptr_equal(set->entry, set->defaults[SCHEMA_KIND_JSON]);
        for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
            assert_string_equal(set->defaults[kind]->name, "LogEntry");
        }
        schema_cache_ask(rig.cache, reader->shard, turn % 50);
        assert_int_equal(set->entry->version, version);
        if (turn % 64 == 0) {
            schema_rig_nap_ms(1);
        }
    }
    return NULL;
}

static void shards_read_while_versions_come(void **state)
{
    struct reader readers[SCHEMA_RIG_SHARDS] = {0};

    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    for (unsigned i = 0; i < SCHEMA_RIG_SHARDS; i++) {
        readers[i].shard = i;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_sets, &readers[i]), 0);
    }
    for (uint32_t version = 2; version < 12; version++) {
        uint64_t adopted = stats().adopted;
        register_builtin(version);
        while (stats().adopted < adopted + SCHEMA_KIND_COUNT) {
            schema_rig_nap_ms(2);
        }
    }
    for (unsigned i = 0; i < SCHEMA_RIG_SHARDS; i++) {
        atomic_store(&readers[i].over, true);
        pthread_join(readers[i].thread, NULL);
        assert_true(readers[i].newest > 1);
    }
    assert_true(atomic_load(&rig.woken[0]) > 0 && atomic_load(&rig.woken[1]) > 0);
}

static void an_outage_changes_nothing(void **state)
{
    static const enum schema_rig_mood moods[] = {MOOD_GARBAGE, MOOD_HUGE, MOOD_REDIRECT,
                                                 MOOD_FAILING};

    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 1);
    uint64_t generation = schema_rig_use(&rig)->generation;
    for (size_t i = 0; i < TEST_COUNT(moods); i++) {
        uint64_t errors = stats().errors;
        schema_rig_set_mood(&rig, moods[i]);
        while (stats().errors < errors + 3 || stats().reachable) {
            schema_rig_nap_ms(2);
        }
        assert_int_equal(schema_rig_use(&rig)->generation, generation);
        schema_rig_set_mood(&rig, MOOD_GOOD);
        schema_rig_await_rounds(&rig, 2);
    }
    schema_rig_kill_registry(&rig);
    uint64_t errors = stats().errors;
    while (stats().errors < errors + 3) {
        schema_rig_nap_ms(2);
    }
    assert_false(stats().reachable);
    assert_true(stats().age_ns > 0);
    assert_int_equal(schema_rig_use(&rig)->generation, generation);
    register_builtin(2);
    schema_rig_revive_registry(&rig);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 2);
    while (stats().age_ns > NS_PER_S) {
        schema_rig_nap_ms(2);
    }
    assert_true(stats().reachable);
}

static void the_age_grows_while_nobody_answers(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_kill_registry(&rig);
    uint64_t errors = stats().errors;
    while (stats().errors < errors + 2) {
        schema_rig_nap_ms(2);
    }
    uint64_t age = stats().age_ns;
    schema_rig_nap_ms(50);
    assert_true(stats().age_ns >= age + 50 * NS_PER_MS);
}

static void a_registry_that_hangs_holds_up_nobody(void **state)
{
    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    schema_rig_set_mood(&rig, MOOD_SILENT);
    schema_rig_nap_ms(100);
    uint64_t start = clock_mono_ns();
    for (unsigned i = 0; i < 100000; i++) {
        assert_int_equal(schema_cache_use(rig.cache, 0)->entry->version, 1);
        schema_cache_ask(rig.cache, 0, i);
    }
    assert_true(clock_mono_ns() - start < SOON_NS);
    start = clock_mono_ns();
    schema_cache_stop(rig.cache);
    assert_true(clock_mono_ns() - start < SOON_NS);
    assert_int_equal(schema_cache_use(rig.cache, 0)->entry->version, 1);
    schema_cache_ask(rig.cache, 0, 1);
}

static void a_start_waits_five_seconds_at_most(void **state)
{
    (void)state;
    schema_rig_set_mood(&rig, MOOD_SILENT);
    uint64_t start = clock_mono_ns();
    schema_rig_start(&rig);
    assert_true(clock_mono_ns() - start < 5 * NS_PER_S);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 0);
}

static void another_type_than_log_entry(void **state)
{
    const struct schema_rig_schema order = {
        .subject = "Order-avro",
        .kind = SCHEMA_KIND_AVRO,
        .version = 4,
        .id = 40,
        .text = SPAN_LIT("{\"type\":\"record\",\"name\":\"Order\",\"fields\":["
                         "{\"name\":\"number\",\"type\":\"long\"}]}"),
    };

    (void)state;
    register_builtin(1);
    schema_rig_register(&rig, &order);
    rig.config.type = "Order";
    schema_rig_start(&rig);
    const struct schema_set *set = schema_rig_use(&rig);
    assert_null(set->defaults[SCHEMA_KIND_JSON]);
    assert_null(set->defaults[SCHEMA_KIND_PROTOBUF]);
    assert_string_equal(set->defaults[SCHEMA_KIND_AVRO]->name, "Order");
    assert_false(set->defaults[SCHEMA_KIND_AVRO]->is_entry);
    assert_int_equal(set->entry->version, 1);
    assert_false(set->avro_prefix); /* the number 0 begins with 00 */
    schema_rig_stop(&rig);
    rig.config.avro_prefix = AVRO_PREFIX_ALWAYS;
    schema_rig_kill_registry(&rig); /* and the state directory has it */
    schema_rig_start(&rig);
    assert_string_equal(schema_rig_use(&rig)->defaults[SCHEMA_KIND_AVRO]->name, "Order");
    assert_true(schema_rig_use(&rig)->avro_prefix);
    schema_rig_stop(&rig);
    rig.config.avro_prefix = AVRO_PREFIX_NEVER;
    rig.config.type = "LogEntry";
    schema_rig_start(&rig);
    assert_false(schema_rig_use(&rig)->avro_prefix);
}

static void a_pin_holds_a_version(void **state)
{
    static const struct schema_cache_pin pins[] = {{"LogEntry", 2}, {"LogEntry-avro", 7}};

    (void)state;
    register_builtin(2);
    register_builtin(3);
    rig.config.pins = pins;
    rig.config.pin_count = TEST_COUNT(pins);
    schema_rig_start(&rig);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        assert_int_equal(schema_rig_use(&rig)->defaults[kind]->version, 2);
    }
    schema_rig_nap_ms(200);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 2);
    assert_int_equal(schema_rig_asked(&rig, LATEST_JSON), 0);
    assert_int_equal(schema_rig_asked(&rig, "/subjects/LogEntry-json/versions/2"), 2);
    schema_rig_stop(&rig);
    schema_rig_kill_registry(&rig);
    schema_rig_start(&rig);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 2);
}

static void a_pin_of_nothing_in_use_is_refused(void **state)
{
    static const char *const wrong[] = {"LogEnty", "Order-avro", "LogEntry-xml", "LogEntry-", ""};
    struct schema_cache_pin pin = {.version = 1};

    (void)state;
    rig.config.pins = &pin;
    rig.config.pin_count = 1;
    for (size_t i = 0; i < TEST_COUNT(wrong); i++) {
        pin.type = wrong[i];
        err_t err = schema_cache_start(&rig.config, rig.why, sizeof(rig.why), &rig.cache);
        assert_err(err, ERR_SYNTAX);
        assert_non_null(strstr(rig.why, wrong[i]));
        assert_non_null(strstr(rig.why, "LogEntry, LogEntry-json, LogEntry-avro, LogEntry-proto"));
    }
}

static void a_pinned_version_has_to_compile(void **state)
{
    static const struct schema_cache_pin pins[] = {{"LogEntry-json", 2}};
    struct schema_rig_schema bad = schema_rig_builtin(SCHEMA_KIND_JSON, 2, 20);

    (void)state;
    bad.text = SPAN_LIT("{\"type\":7}");
    schema_rig_register(&rig, &bad);
    rig.config.pins = pins;
    rig.config.pin_count = 1;
    assert_err(schema_cache_start(&rig.config, rig.why, sizeof(rig.why), &rig.cache), ERR_SYNTAX);
    assert_non_null(strstr(rig.why, "version 2 of LogEntry-json"));
}

static void a_schema_that_does_not_compile_is_not_adopted(void **state)
{
    struct schema_rig_schema bad[] = {schema_rig_builtin(SCHEMA_KIND_JSON, 2, 20),
                                      schema_rig_builtin(SCHEMA_KIND_AVRO, 2, 21),
                                      schema_rig_builtin(SCHEMA_KIND_PROTOBUF, 2, 22)};

    (void)state;
    register_builtin(1);
    schema_rig_start(&rig);
    bad[0].text = SPAN_LIT("{\"type\":7}");
    bad[1].text = SPAN_LIT("{\"type\":\"record\"}");
    bad[2].text = SPAN_LIT("\xff\xff\xff");
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        schema_rig_register(&rig, &bad[i]);
    }
    schema_rig_await_rounds(&rig, 4);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        assert_int_equal(schema_rig_use(&rig)->defaults[kind]->version, 1);
    }
    assert_int_equal(schema_rig_asked(&rig, "/subjects/LogEntry-json/versions/2"), 1);
    register_builtin(3);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 3);
}

static void a_schema_of_another_language_is_not_adopted(void **state)
{
    struct schema_rig_schema avro = schema_rig_builtin(SCHEMA_KIND_AVRO, 2, 21);

    (void)state;
    avro.subject = "LogEntry-json";
    schema_rig_register(&rig, &avro);
    schema_rig_start(&rig);
    schema_rig_await_rounds(&rig, 2);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 0);
}

static void the_interval_can_be_changed(void **state)
{
    (void)state;
    rig.config.refresh_ns = 3600 * NS_PER_S;
    schema_rig_start(&rig);
    unsigned asked = schema_rig_asked(&rig, NULL);
    schema_rig_nap_ms(100);
    assert_int_equal(schema_rig_asked(&rig, NULL), asked);
    register_builtin(1);
    schema_cache_set_refresh(rig.cache, 10 * NS_PER_MS);
    schema_rig_await_version(&rig, SCHEMA_KIND_PROTOBUF, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_registry_it_is_what_is_built_in),
        TEST(what_cannot_work_is_refused_at_the_start),
        TEST(memory_that_runs_out_is_an_error),
        TEST(a_registry_replaces_what_is_built_in),
        TEST(a_new_version_is_taken_within_the_interval),
        TEST(what_is_in_force_is_not_compiled_again),
        TEST(a_set_in_use_stays),
        TEST(shards_read_while_versions_come),
        TEST(an_outage_changes_nothing),
        TEST(the_age_grows_while_nobody_answers),
        TEST(a_registry_that_hangs_holds_up_nobody),
        TEST(a_start_waits_five_seconds_at_most),
        TEST(another_type_than_log_entry),
        TEST(a_pin_holds_a_version),
        TEST(a_pin_of_nothing_in_use_is_refused),
        TEST(a_pinned_version_has_to_compile),
        TEST(a_schema_that_does_not_compile_is_not_adopted),
        TEST(a_schema_of_another_language_is_not_adopted),
        TEST(the_interval_can_be_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
