/* SPDX-License-Identifier: Apache-2.0
 *
 * rich_plan: protoc makes the descriptors when the tests are built. */
#include "tests/support/rich_plan.h"

#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX (64u * KIB)

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "rich_plan: %s\n", what);
        abort();
    }
}

struct span rich_plan_descriptors(void)
{
    static char bytes[BYTES_MAX + SPAN_SLACK_BYTES];
    static size_t len;

    if (len == 0) {
        FILE *f = fopen(RICH_PLAN_FILE, "rb");
        require(f != NULL, RICH_PLAN_FILE);
        len = fread(bytes, 1, BYTES_MAX, f);
        fclose(f);
    }
    return span_of(bytes, len);
}

const struct schema_protobuf *rich_plan(void)
{
    static struct schema_protobuf *plan;
    struct schema_why why = {0};

    if (plan == NULL) {
        require(schema_protobuf_compile(rich_plan_descriptors(), &why, &plan) == ERR_OK, why.text);
    }
    return plan;
}

const struct schema_protobuf_message *rich_plan_message(const char *name)
{
    const struct schema_protobuf_message *m = schema_protobuf_find(rich_plan(), span_of_str(name));

    require(m != NULL, name);
    return m;
}
