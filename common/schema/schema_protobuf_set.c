/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_protobuf_set: the bytes are walked before protobuf-c sees them; its allocations are
 * watched, because it does not say whether it failed for want of memory. */
#include "schema/schema_protobuf_set.h"

#include "schema/schema_builtin.h"
#include "schema/schema_protobuf_names.h"
#include "schema/schema_protobuf_wire.h"

#include <stdlib.h>

#define DESCRIPTOR_PROTO "google/protobuf/descriptor.proto"
#define FILE_FIELD       1u /* of FileDescriptorSet */

enum { FILE_OWN, FILE_WELL_KNOWN, FILE_IGNORED };

static void *watched_alloc(void *failed, size_t bytes)
{
    void *at = malloc(bytes);

    if (at == NULL) {
        *(bool *)failed = true;
    }
    return at;
}

static void watched_free(void *failed, void *at)
{
    (void)failed;
    free(at);
}

static err_t unpack(const ProtobufCMessageDescriptor *type, struct span in,
                    struct schema_why *ret_why, ProtobufCMessage **ret)
{
    bool failed = false;
    ProtobufCAllocator allocator = {watched_alloc, watched_free, &failed};
    ProtobufCMessage *message =
        protobuf_c_message_unpack(type, &allocator, in.len, (const uint8_t *)in.at);

    if (message == NULL) {
        ENSURE(!failed, ERR_NOMEM);
        schema_why_set(ret_why, "no Protobuf descriptors: a value of the wrong type");
        return ERR_SYNTAX;
    }
    *ret = message;
    return ERR_OK;
}

/* A set has no field but its files; a file has at least the one that says its syntax. */
static bool is_set(struct span in)
{
    const char *at = in.at;
    const char *end = in.at + in.len;

    while (at != NULL && at < end) {
        uint32_t number = 0;
        uint8_t wire = 0;
        at = schema_protobuf_wire_tag(at, end, &number, &wire);
        if (at == NULL || number != FILE_FIELD) {
            return false;
        }
        at = schema_protobuf_wire_value(at, end, wire);
    }
    return at != NULL;
}

static err_t unpack_own(struct schema_protobuf_set *s, struct span in, struct schema_why *ret_why)
{
    bool set = is_set(in);
    const ProtobufCMessageDescriptor *type =
        set ? &google__protobuf__file_descriptor_set__descriptor
            : &google__protobuf__file_descriptor_proto__descriptor;
    ProtobufCMessage *message = NULL;

    TRY(schema_protobuf_walk(type, in, ret_why, &s->counts));
    TRY(unpack(type, in, ret_why, &message));
    if (set) {
        s->own = (Google__Protobuf__FileDescriptorSet *)message;
    } else {
        s->single = (Google__Protobuf__FileDescriptorProto *)message;
    }
    return ERR_OK;
}

static err_t unpack_well_known(struct schema_protobuf_set *s, struct schema_why *ret_why)
{
    const ProtobufCMessageDescriptor *type = &google__protobuf__file_descriptor_set__descriptor;
    struct span in = schema_builtin_well_known();
    ProtobufCMessage *message = NULL;

    TRY(schema_protobuf_walk(type, in, ret_why, &s->counts));
    TRY(unpack(type, in, ret_why, &message));
    s->well_known = (Google__Protobuf__FileDescriptorSet *)message;
    return ERR_OK;
}

static err_t check_syntax(const Google__Protobuf__FileDescriptorProto *file,
                          struct schema_why *ret_why)
{
    const char *syntax = file->syntax == NULL || *file->syntax == '\0' ? "proto2" : file->syntax;

    if (strcmp(syntax, "proto3") != 0) {
        schema_why_set(ret_why, "%.200s: %.40s; only proto3 is supported", file->name, syntax);
        return ERR_UNKNOWN;
    }
    return ERR_OK;
}

static bool is_well_known(const struct schema_protobuf_set *s, const char *name)
{
    for (size_t i = 0; i < s->well_known->n_file; i++) {
        if (strcmp(s->well_known->file[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_file(struct schema_protobuf_set *s,
                     const Google__Protobuf__FileDescriptorProto *file, bool well_known)
{
    s->files[s->file_count++] = (struct schema_protobuf_file){file, well_known};
}

/* Takes one of the schema's own files, unless there is a better one. */
static err_t take_file(struct schema_protobuf_set *s, struct schema_protobuf_names *names,
                       const Google__Protobuf__FileDescriptorProto *file,
                       struct schema_why *ret_why)
{
    if (file->name == NULL || *file->name == '\0') {
        schema_why_set(ret_why, "a file without a name");
        return ERR_SYNTAX;
    }
    bool ignored = strcmp(file->name, DESCRIPTOR_PROTO) == 0 || is_well_known(s, file->name);
    if (ignored && s->file_count > 0) {
        return ERR_OK;
    }
    if (ignored) {
        schema_why_set(ret_why, "%s stands where the schema itself should", file->name);
        return ERR_SYNTAX;
    }
    schema_protobuf_names_add(names, span_of_str(file->name), FILE_OWN, 0);
    add_file(s, file, false);
    return check_syntax(file, ret_why);
}

static err_t take_files(struct schema_protobuf_set *s, struct schema_protobuf_names *names,
                        struct schema_why *ret_why)
{
    if (s->own != NULL && s->own->n_file == 0) {
        schema_why_set(ret_why, "no files");
        return ERR_SYNTAX;
    }
    if (s->single != NULL) {
        TRY(take_file(s, names, s->single, ret_why));
    }
    for (size_t i = s->own == NULL ? 0 : s->own->n_file; i > 0; i--) {
        TRY(take_file(s, names, s->own->file[i - 1], ret_why));
    }
    for (size_t i = 0; i < s->well_known->n_file; i++) {
        schema_protobuf_names_add(names, span_of_str(s->well_known->file[i]->name), FILE_WELL_KNOWN,
                                  0);
        add_file(s, s->well_known->file[i], true);
    }
    schema_protobuf_names_add(names, SPAN_LIT(DESCRIPTOR_PROTO), FILE_IGNORED, 0);
    return schema_protobuf_names_sort(names, ret_why);
}

static err_t check_imports(const Google__Protobuf__FileDescriptorProto *file,
                           const struct schema_protobuf_names *names, struct schema_why *ret_why)
{
    for (size_t i = 0; i < file->n_dependency; i++) {
        if (schema_protobuf_names_find(names, span_of_str(file->dependency[i])) == NULL) {
            schema_why_set(ret_why, "%.200s: its import %.200s is missing", file->name,
                           file->dependency[i]);
            return ERR_UNKNOWN;
        }
    }
    return ERR_OK;
}

err_t schema_protobuf_set_open(struct schema_protobuf_set *s, struct span descriptors,
                               struct schema_why *ret_why)
{
    struct schema_protobuf_names names = {0};

    TRY(unpack_own(s, descriptors, ret_why));
    TRY(unpack_well_known(s, ret_why));
    s->files = calloc((size_t)s->counts.files + 1, sizeof(*s->files));
    ENSURE(s->files != NULL, ERR_NOMEM);
    TRY(schema_protobuf_names_init(&names, s->counts.files + 1));
    err_t err = take_files(s, &names, ret_why);
    for (uint32_t i = 0; err == ERR_OK && i < s->file_count; i++) {
        err = check_imports(s->files[i].proto, &names, ret_why);
    }
    schema_protobuf_names_done(&names);
    return err;
}

static void release(ProtobufCMessage *message)
{
    bool failed = false;
    ProtobufCAllocator allocator = {watched_alloc, watched_free, &failed};

    if (message != NULL) {
        protobuf_c_message_free_unpacked(message, &allocator);
    }
}

void schema_protobuf_set_done(struct schema_protobuf_set *s)
{
    release((ProtobufCMessage *)s->own);
    release((ProtobufCMessage *)s->single);
    release((ProtobufCMessage *)s->well_known);
    free(s->files);
    *s = (struct schema_protobuf_set){0};
}
