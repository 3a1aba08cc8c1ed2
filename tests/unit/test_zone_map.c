/* SPDX-License-Identifier: Apache-2.0
 *
 * --syslog-zone: what is refused, and whose clock shows what. */
#include "ingestor/zone_map.h"

#include "tests/support/test.h"

static struct option_strings list_of(const char *const *items)
{
    struct option_strings list = {0};

    for (; items[list.count] != NULL; list.count++) {
        list.at[list.count] = (char *)(uintptr_t)items[list.count];
    }
    return list;
}

static void check_fault(const char *const *items, const char *item, const char *why)
{
    struct zone_map_fault fault = {NULL, NULL};
    struct option_strings list = list_of(items);
    struct zone_map *m = NULL;

    assert_int_equal(zone_map_new(&list, &m, &fault), ERR_SYNTAX);
    assert_string_equal(fault.item, item);
    assert_string_equal(fault.why, why);
    assert_null(m);
}

static void each_mistake_is_named(void **state)
{
    (void)state;
    check_fault((const char *const[]){"UTC", "Mars/Phobos", NULL}, "Mars/Phobos",
                "is a second zone for all senders");
    check_fault((const char *const[]){"Mars/Phobos", NULL}, "Mars/Phobos", "is no time zone");
    check_fault((const char *const[]){"10.0.0.0/8=", NULL}, "10.0.0.0/8=", "is no time zone");
    check_fault((const char *const[]){"Europe", NULL}, "Europe", "cannot be read as a time zone");
    check_fault((const char *const[]){"10.0.0.0/99=UTC", NULL}, "10.0.0.0/99=UTC",
                "begins with no block of addresses");
    check_fault((const char *const[]){"=UTC", NULL}, "=UTC", "begins with no block of addresses");
    check_fault((const char *const[]){"10.0.0.0/8=UTC", "10.1.0.0/8=+01:00", NULL},
                "10.1.0.0/8=+01:00", "is a second zone for the same block");
}

static const char *name_of(const struct zone_map *m, const char *host)
{
    struct addr addr;

    assert_ok(addr_parse(host, 514, &addr));
    const struct zone *zone = zone_map_find(m, &addr);
    return zone == NULL ? "UTC" : zone->name;
}

static void the_longest_prefix_wins(void **state)
{
    static const char *const items[] = {
        "10.0.0.0/8=Europe/Berlin",
        "Asia/Tokyo",
        "10.1.2.0/24=UTC",
        "10.1.0.0/16=-03:30",
        "2001:db8::/32=+05:30",
        "10.1.2.3=+00:00",
        NULL,
    };
    struct zone_map_fault fault;
    struct option_strings list = list_of(items);
    struct zone_map *m = NULL;

    (void)state;
    assert_ok(zone_map_new(&list, &m, &fault));
    assert_string_equal(name_of(m, "10.9.9.9"), "Europe/Berlin");
    assert_string_equal(name_of(m, "10.1.9.9"), "-03:30");
    assert_string_equal(name_of(m, "10.1.2.9"), "UTC");
    assert_string_equal(name_of(m, "::ffff:10.1.9.9"), "-03:30");
    assert_string_equal(name_of(m, "2001:db8::7"), "+05:30");
    assert_string_equal(name_of(m, "192.0.2.1"), "Asia/Tokyo");
    assert_string_equal(zone_map_default(m)->name, "Asia/Tokyo");
    zone_map_free(m);
}

static void without_items_all_are_in_utc(void **state)
{
    struct zone_map_fault fault;
    struct option_strings list = {0};
    struct zone_map *m = NULL;

    (void)state;
    assert_ok(zone_map_new(&list, &m, &fault));
    assert_string_equal(name_of(m, "192.0.2.1"), "UTC");
    assert_null(zone_map_default(m));
    zone_map_free(m);
    assert_string_equal(name_of(NULL, "192.0.2.1"), "UTC");
    assert_null(zone_map_default(NULL));
    zone_map_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(the_longest_prefix_wins),
        cmocka_unit_test(without_items_all_are_in_utc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
