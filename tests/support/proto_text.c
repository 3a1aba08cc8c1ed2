/* SPDX-License-Identifier: Apache-2.0
 *
 * proto_text: protoc is run in a directory of its own. */
#include "tests/support/proto_text.h"

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

struct buf proto_text_descriptors(const char *text)
{
    char dir[TEMP_DIR_BYTES];
    char command[4 * TEMP_DIR_BYTES];
    struct buf out = {0};

    temp_dir_make(dir);
    temp_dir_write(dir, "case.proto", span_of_str(text));
    snprintf(command, sizeof(command),
             PROTO_TEXT_PROTOC " --proto_path=%s --include_imports --descriptor_set_out=%s/out "
                               "case.proto",
             dir, dir);
    assert_int_equal(system(command), 0);
    temp_dir_read(dir, "out", &out);
    temp_dir_remove(dir);
    return out;
}

struct schema_protobuf *proto_text_plan(const char *text)
{
    static const char syntax[] = "syntax = \"proto3\";\n";
    struct schema_protobuf *plan = NULL;
    struct schema_why why = {0};
    struct buf whole = {0};

    assert_ok(buf_append(&whole, span_of_str(syntax)));
    assert_ok(buf_append(&whole, span_of(text, strlen(text) + 1)));
    struct buf descriptors = proto_text_descriptors(whole.at);
    if (schema_protobuf_compile(buf_span(&descriptors), &why, &plan) != ERR_OK) {
        fail_msg("%s: %s", text, why.text);
    }
    buf_done(&descriptors);
    buf_done(&whole);
    return plan;
}
