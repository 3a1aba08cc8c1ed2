/* SPDX-License-Identifier: Apache-2.0
 *
 * Which changes of a Protobuf schema old messages survive. */
#include "schema/schema_compat_protobuf.h"
#include "tests/support/proto_text.h"
#include "tests/support/test.h"

struct change {
    const char *writer;
    const char *reader;
    const char *why; /* a part of it; NULL: compatible */
};

static void check(const struct change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct change *c = &changes[i];
        struct schema_why why = {0};
        struct schema_protobuf *writer = proto_text_plan(c->writer);
        struct schema_protobuf *reader = proto_text_plan(c->reader);
        err_t err = schema_compat_protobuf(reader, writer, &why);
        if (err != (c->why == NULL ? ERR_OK : ERR_EXISTS) ||
            (c->why != NULL && strstr(why.text, c->why) == NULL)) {
            fail_msg("%s -> %s: %s (%s)", c->writer, c->reader, err_name(err), why.text);
        }
        schema_protobuf_free(writer);
        schema_protobuf_free(reader);
    }
}

static void test_incompatible(void **state)
{
    static const struct change changes[] = {
        {"message A {} message B {}", "message A {}", "B: the message is gone"},
        {"message A { message B {} }", "message A {} message B {}", "A.B: the message is gone"},
        {"package p; message A {}", "package q; message A {}", "p.A: the message is gone"},
        {"message A { int32 a = 1; }", "message A { string a = 1; }", "A, field 1 (a): its type"},
        {"message A { int32 a = 1; }", "message A { sint32 a = 1; }", "its type"},
        {"message A { int32 a = 1; }", "message A { fixed32 a = 1; }", "its type"},
        {"message A { fixed32 a = 1; }", "message A { float a = 1; }", "its type"},
        {"message A { fixed64 a = 1; }", "message A { double a = 1; }", "its type"},
        {"message A { fixed32 a = 1; }", "message A { fixed64 a = 1; }", "its type"},
        {"message A { string a = 1; }", "message A { A a = 1; }", "its type"},
        {"message A { B a = 1; } message B {} message C {}",
         "message A { C a = 1; } message B {} message C {}", "its type"},
        {"enum E { X = 0; } message A { E a = 1; }",
         "enum E { X = 0; } message A { string a = 1; }", "its type"},
        {"message A { int32 a = 1; }", "message A { repeated int32 a = 1; }", "numbers that are"},
        {"message A { repeated double a = 1; }", "message A { double a = 1; }", "numbers that are"},
        {"message A { map<string, int32> a = 1; }", "message A { repeated A a = 1; }", "a map in"},
        {"message A { map<string, int32> a = 1; }", "message A { map<int32, int32> a = 1; }",
         "keys or values"},
        {"message A { map<string, int32> a = 1; }", "message A { map<string, A> a = 1; }",
         "keys or values"},
        {"message A { oneof o { int32 a = 1; int32 b = 2; } }",
         "message A { oneof o { int32 a = 1; } }", "field 2 (b): removed from its oneof"},
        {"message A { int32 a = 1; int32 b = 2; }",
         "message A { oneof o { int32 a = 1; int32 b = 2; } }", "not the only field"},
        {"message A { oneof o { int32 a = 1; } int32 b = 2; }",
         "message A { oneof o { int32 a = 1; int32 b = 2; } }", "moved into a oneof"},
        {"message A { B b = 1; } message B { int32 a = 1; }",
         "message A { B b = 1; } message B { string a = 1; }", "B, field 1 (a)"},
    };

    (void)state;
    check(changes, TEST_COUNT(changes));
}

static void test_compatible(void **state)
{
    static const struct change changes[] = {
        {"message A { int32 a = 1; }", "message A { int32 a = 1; }", NULL},
        {"message A {}", "message A { int32 a = 1; } message B {}", NULL},
        {"message A { int32 a = 1; string b = 2; }", "message A { string b = 2; }", NULL},
        {"message A { int32 a = 1; }", "message A { int32 other = 1; }", NULL},
        {"message A { int32 a = 1; }", "message A { uint64 a = 1; }", NULL},
        {"message A { bool a = 1; }", "message A { int64 a = 1; }", NULL},
        {"enum E { X = 0; } message A { E a = 1; }", "message A { int32 a = 1; }", NULL},
        {"message A { sint32 a = 1; }", "message A { sint64 a = 1; }", NULL},
        {"message A { string a = 1; }", "message A { bytes a = 1; }", NULL},
        {"message A { fixed32 a = 1; }", "message A { sfixed32 a = 1; }", NULL},
        {"message A { fixed64 a = 1; }", "message A { sfixed64 a = 1; }", NULL},
        {"message A { string a = 1; }", "message A { repeated string a = 1; }", NULL},
        {"message A { repeated A a = 1; }", "message A { A a = 1; }", NULL},
        {"message A { int32 a = 1; }", "message A { optional int32 a = 1; }", NULL},
        {"message A { map<string, int32> a = 1; }", "message A { map<string, int64> other = 1; }",
         NULL},
        {"enum E { X = 0; Y = 1; } message A {}", "enum E { Z = 0; } message A {}", NULL},
        {"enum E { X = 0; } message A {}", "message A {}", NULL},
        {"message A { int32 a = 1; }", "message A { oneof o { int32 a = 1; } }", NULL},
        {"message A { int32 a = 1; }", "message A { oneof o { int32 a = 1; int32 b = 2; } }", NULL},
        {"message A { oneof o { int32 a = 1; } }", "message A { int32 a = 1; }", NULL},
        {"message A { oneof o { int32 a = 1; } }", "message A {}", NULL},
        {"message A { oneof o { int32 a = 1; } }",
         "message A { oneof o { int32 a = 1; int32 b = 2; } }", NULL},
        {"message A { A a = 1; }", "message A { A a = 1; B b = 2; } message B { A a = 1; }", NULL},
    };

    (void)state;
    check(changes, TEST_COUNT(changes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_incompatible),
        cmocka_unit_test(test_compatible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
