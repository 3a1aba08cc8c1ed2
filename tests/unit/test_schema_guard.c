/* SPDX-License-Identifier: Apache-2.0
 *
 * A version that would reject what has been arriving is not adopted, says so once, and is tried
 * again; whom it harms not, it does not keep out. */
#include "ingestor/schema_guard.h"

#include "base/clock.h"
#include "tests/support/schema_rig.h"
#include "tests/support/test.h"

static struct schema_rig rig;

static const struct span json_record =
    SPAN_LIT("{\"timestamp\":\"2026-01-31T12:00:00Z\",\"level\":\"INFO\",\"message\":\"m\","
             "\"service\":\"s\",\"user\":7}");
static const struct span avro_record = SPAN_LIT("\x28"
                                                "2026-01-31T12:00:00Z\x08INFO\x02m\x02s");
static const struct span protobuf_record = SPAN_LIT("\x0a\x14"
                                                    "2026-01-31T12:00:00Z\x12\x04INFO\x1a\x01m\x22"
                                                    "\x01s");

static void register_builtin(uint32_t version)
{
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct schema_rig_schema schema =
            schema_rig_builtin(kind, version, 10 * version + (uint32_t)kind);
        schema_rig_register(&rig, &schema);
    }
}

static int open_rig(void **state)
{
    (void)state;
    schema_rig_open(&rig);
    register_builtin(1);
    rig.recent[SCHEMA_KIND_JSON] = json_record;
    rig.recent[SCHEMA_KIND_AVRO] = avro_record;
    rig.recent[SCHEMA_KIND_PROTOBUF] = protobuf_record;
    atomic_store(&rig.recent_count, SCHEMA_CACHE_RECENT_MAX);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    schema_rig_close(&rig);
    return 0;
}

static struct schema_cache_stats stats(void)
{
    static struct schema_cache_stats s;

    schema_cache_read_stats(rig.cache, &s);
    return s;
}

/* LogEntry's Protobuf schema with a timestamp that is a number. */
static struct span protobuf_of_numbers(struct buf *copy)
{
    struct span file = schema_rig_builtin(SCHEMA_KIND_PROTOBUF, 1, 1).text;

    assert_ok(buf_append(copy, file));
    for (size_t i = 0; i + 1 < copy->len; i++) {
        if (copy->at[i] == 0x28 && copy->at[i + 1] == 9) {
            copy->at[i + 1] = 3; /* TYPE_STRING becomes TYPE_INT64 */
            return buf_span(copy);
        }
    }
    fail();
    return file;
}

/* Schemas that reject the records above. */
static struct schema_rig_schema harmful(enum schema_kind kind, uint32_t version, struct buf *copy)
{
    struct schema_rig_schema schema = schema_rig_builtin(kind, version, 10 * version);

    schema.id += (uint32_t)kind;
    switch (kind) {
    case SCHEMA_KIND_JSON:
        schema.text = SPAN_LIT("{\"required\":[\"trace_id\"]}");
        break;
    case SCHEMA_KIND_AVRO:
        schema.text = SPAN_LIT("{\"type\":\"record\",\"name\":\"LogEntry\",\"fields\":["
                               "{\"name\":\"timestamp\",\"type\":\"string\"},"
                               "{\"name\":\"level\",\"type\":\"string\"},"
                               "{\"name\":\"text\",\"type\":\"string\"},"
                               "{\"name\":\"service\",\"type\":\"string\"}]}");
        break;
    case SCHEMA_KIND_PROTOBUF:
    case SCHEMA_KIND_COUNT:
        schema.text = protobuf_of_numbers(copy);
        break;
    }
    return schema;
}

static void await_refused(uint64_t count)
{
    uint64_t start = clock_mono_ns();

    while (stats().refused < count) {
        assert_true(clock_mono_ns() - start < 10 * NS_PER_S);
        schema_rig_use(&rig);
        schema_rig_nap_ms(2);
    }
}

static void what_rejects_the_latest_records_is_not_adopted(void **state)
{
    (void)state;
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        struct buf copy = {0};
        struct schema_rig_schema schema = harmful(kind, 2, &copy);
        schema_rig_start(&rig);
        assert_int_equal(atomic_load(&rig.recent_asked), 0); /* nothing had been archived */
        schema_rig_register(&rig, &schema);
        await_refused(1);
        schema_rig_await_rounds(&rig, 3);
        const struct schema_type *type = schema_rig_use(&rig)->defaults[kind];
        assert_int_equal(type->version, 1);
        assert_int_equal(stats().refused, 1); /* said once, tried at every round */
        assert_true(atomic_load(&rig.recent_asked) >= 3);
        assert_int_equal(stats().types[type->slot].refused_version, 2);
        schema_rig_stop(&rig);
        atomic_store(&rig.recent_asked, 0);
        register_builtin(1);
        buf_done(&copy);
    }
}

static const struct span followed_record =
    SPAN_LIT("{\"timestamp\":\"2026-01-31T12:00:00Z\",\"level\":\"INFO\",\"message\":\"m\","
             "\"service\":\"s\",\"trace_id\":\"t\"}");

/* Records come as the refused version wants them. */
static void follow_senders(void)
{
    schema_rig_set_recent(&rig, SCHEMA_KIND_JSON, followed_record);
    atomic_store(&rig.recent_count, 3);
}

static void it_is_adopted_when_such_records_come_no_longer(void **state)
{
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_start(&rig);
    const uint32_t slot = schema_rig_use(&rig)->entry->slot;
    schema_rig_register(&rig, &schema);
    await_refused(1);
    unsigned asked = schema_rig_asked(&rig, "/subjects/LogEntry-json/versions/2");
    follow_senders();
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 2);
    assert_int_equal(schema_rig_asked(&rig, "/subjects/LogEntry-json/versions/2"), asked);
    assert_int_equal(stats().types[slot].refused_version, 0);
}

/* After a restart there are no records yet: what was refused stays so until there are. */
static void a_restart_does_not_let_it_in(void **state)
{
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_start(&rig);
    schema_rig_register(&rig, &schema);
    await_refused(1);
    schema_rig_stop(&rig);
    atomic_store(&rig.recent_count, 0);
    schema_rig_start(&rig);
    const uint32_t slot = schema_rig_use(&rig)->entry->slot;
    assert_int_equal(schema_rig_use(&rig)->entry->version, 1);
    assert_int_equal(stats().types[slot].refused_version, 2); /* whoever watches still sees it */
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 1);
    atomic_store(&rig.recent_count, 1); /* such records again */
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 1);
    follow_senders();
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 2);
    schema_rig_stop(&rig); /* adopted for good */
    schema_rig_start(&rig);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 2);
    assert_int_equal(stats().types[schema_rig_use(&rig)->entry->slot].refused_version, 0);
}

static void another_version_than_the_refused_one_may_come_in(void **state)
{
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_start(&rig);
    schema_rig_register(&rig, &schema);
    await_refused(1);
    schema_rig_stop(&rig);
    register_builtin(3);
    schema_rig_start(&rig);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 3);
}

static void a_later_version_can_heal_it(void **state)
{
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_start(&rig);
    schema_rig_register(&rig, &schema);
    await_refused(1);
    register_builtin(3);
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        schema_rig_await_version(&rig, kind, 3); /* which all records pass */
    }
    assert_int_equal(stats().refused, 1);
}

static void going_back_is_enough(void **state)
{
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_start(&rig);
    const uint32_t slot = schema_rig_use(&rig)->entry->slot;
    schema_rig_register(&rig, &schema);
    await_refused(1);
    register_builtin(1);
    schema_rig_await_rounds(&rig, 2);
    assert_int_equal(stats().types[slot].refused_version, 0);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 1);
}

static void without_records_to_try_nothing_is_adopted(void **state)
{
    (void)state;
    schema_rig_start(&rig);
    atomic_store(&rig.recent_err, ERR_AGAIN);
    register_builtin(2);
    schema_rig_await_rounds(&rig, 3);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 1);
    assert_int_equal(stats().refused, 0);
    atomic_store(&rig.recent_err, ERR_OK);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 2);
}

static void a_pin_overrides_it(void **state)
{
    static const struct schema_cache_pin pins[] = {{"LogEntry-json", 2}};
    struct schema_rig_schema schema = harmful(SCHEMA_KIND_JSON, 2, NULL);

    (void)state;
    schema_rig_register(&rig, &schema);
    rig.config.pins = pins;
    rig.config.pin_count = 1;
    schema_rig_kill_registry(&rig);
    schema_rig_start(&rig);
    assert_int_equal(schema_rig_use(&rig)->entry->version, 0);
    schema_rig_revive_registry(&rig);
    schema_rig_await_version(&rig, SCHEMA_KIND_JSON, 2);
    schema_rig_await_version(&rig, SCHEMA_KIND_AVRO, 1);
    assert_int_equal(stats().refused, 0);
}

static void verdicts_have_numbers(void **state)
{
    const struct schema_type_source source = {.kind = SCHEMA_KIND_JSON,
                                              .name = SPAN_LIT("LogEntry"),
                                              .text = SPAN_LIT("{\"required\":[\"trace_id\"]}")};
    struct schema_guard_verdict verdict;
    struct schema_guard *guard = NULL;
    struct schema_type *type = NULL;
    struct schema_why why = {0};

    (void)state;
    assert_ok(schema_guard_new(&rig.config, &guard));
    assert_ok(schema_type_new(&source, &why, &type));
    atomic_store(&rig.recent_count, 17);
    assert_ok(schema_guard_try(guard, type, &verdict));
    assert_int_equal(verdict.tried, 17);
    assert_int_equal(verdict.rejected, 17);
    assert_string_equal(verdict.reason, "schema");
    assert_non_null(strstr(verdict.detail, "required"));
    atomic_store(&rig.recent_err, ERR_NOMEM);
    assert_err(schema_guard_try(guard, type, &verdict), ERR_NOMEM);
    schema_type_free(type);
    schema_guard_free(guard);
    schema_guard_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, close_rig)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_rejects_the_latest_records_is_not_adopted),
        TEST(it_is_adopted_when_such_records_come_no_longer),
        TEST(a_restart_does_not_let_it_in),
        TEST(another_version_than_the_refused_one_may_come_in),
        TEST(a_later_version_can_heal_it),
        TEST(going_back_is_enough),
        TEST(without_records_to_try_nothing_is_adopted),
        TEST(a_pin_overrides_it),
        TEST(verdicts_have_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
