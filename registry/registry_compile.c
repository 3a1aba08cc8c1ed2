/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_compile: how references become part of one text. Avro: see registry_inline. JSON Schema:
 * the referred documents are embedded under "$defs" with their names as "$id" (JSON Schema 2020-12
 * core, section 9.3.1, bundling). Protobuf: imports of protoc. */
#include "registry/registry_compile.h"

#include "base/base64.h"
#include "base/limits.h"
#include "registry/registry_inline.h"
#include "registry/registry_protoc.h"
#include "schema/schema_compat_avro.h"
#include "schema/schema_compat_json.h"
#include "schema/schema_compat_protobuf.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_TAG 0x0A /* field 1, length-delimited: FileDescriptorSet.file */

void registry_compile_done(struct registry_compile *c)
{
    if (c->json != NULL) {
        schema_json_free(c->json);
    }
    if (c->avro != NULL) {
        schema_avro_free(c->avro);
    }
    if (c->protobuf != NULL) {
        schema_protobuf_free(c->protobuf);
    }
    buf_done(&c->text);
    *c = (struct registry_compile){0};
}

/* ---- one JSON document of several ---- */

static json_t *load(struct span text)
{
    return json_loadb(text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static err_t dump(const json_t *value, struct buf *out)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    ENSURE(text != NULL, ERR_NOMEM);
    err_t err = buf_append(out, span_of_str(text));
    free(text);
    return err;
}

static err_t embed(json_t *definitions, const struct registry_ref *ref, uint32_t number)
{
    char key[32];
    json_t *schema = load(buf_span(&ref->schema.text));

    ENSURE(schema != NULL, ERR_SYNTAX);
    if (json_is_object(schema)) {
        IGNORE(json_object_set_new(schema, "$id", json_string(ref->name)) != 0, "seen at its use");
        IGNORE(json_object_del(schema, "$schema") != 0, "it may have none");
    }
    snprintf(key, sizeof(key), "cordwood-reference-%u", number);
    return json_object_set_new(definitions, key, schema) == 0 ? ERR_OK : ERR_NOMEM;
}

static err_t json_whole(struct span text, const struct registry_refs *refs, struct buf *out)
{
    json_t *root = load(text);
    const char *draft = json_string_value(json_object_get(root, "$schema"));
    const char *key = draft != NULL && strstr(draft, "draft-07") ? "definitions" : "$defs";
    err_t err = json_is_object(root) ? ERR_OK : ERR_SYNTAX;

    if (err == ERR_OK && !json_is_object(json_object_get(root, key))) {
        err = json_object_set_new(root, key, json_object()) == 0 ? ERR_OK : ERR_NOMEM;
    }
    for (uint32_t i = 0; err == ERR_OK && i < refs->count; i++) {
        err = embed(json_object_get(root, key), &refs->at[i], i);
    }
    if (err == ERR_OK) {
        err = dump(root, out);
    }
    json_decref(root);
    return err;
}

static err_t whole_text(const struct store_schema *schema, const struct registry_refs *refs,
                        struct schema_why *ret_why, struct buf *out)
{
    if (refs->count == 0) {
        return buf_append(out, buf_span(&schema->text));
    }
    for (uint32_t i = 0; i < refs->count; i++) {
        if (refs->at[i].schema.kind != schema->kind) {
            schema_why_set(ret_why, "the reference \"%.200s\" is a schema of type %s",
                           refs->at[i].name, schema_kind_type(refs->at[i].schema.kind));
            return ERR_SYNTAX;
        }
    }
    err_t err = schema->kind == SCHEMA_KIND_AVRO
                    ? registry_inline_avro(buf_span(&schema->text), refs, ret_why, out)
                    : json_whole(buf_span(&schema->text), refs, out);
    if (err == ERR_SYNTAX) {
        schema_why_set(ret_why, "a schema with references must be a JSON object or array");
    }
    return err;
}

/* ---- descriptors ---- */

/* One field of a FileDescriptorSet or FileDescriptorProto; false at the end or if it is broken. */
static bool next_field(struct span *left, unsigned *ret_tag, struct span *ret_value)
{
    uint64_t len = 0;
    unsigned shift = 0;
    size_t at = 1;

    if (left->len < 2 || (left->at[0] & 7) != 2) {
        return false;
    }
    while (at < left->len && shift < 35) {
        unsigned char byte = (unsigned char)left->at[at++];
        len |= (uint64_t)(byte & 0x7F) << shift;
        shift += 7;
        if ((byte & 0x80) == 0) {
            break;
        }
    }
    if (len > left->len - at) {
        return false;
    }
    *ret_tag = (unsigned char)left->at[0];
    *ret_value = span_of(left->at + at, (size_t)len);
    *left = span_skip(*left, at + (size_t)len);
    return true;
}

/* A set holds nothing but files; a file has other fields beside its name. */
static bool is_set(struct span bytes)
{
    unsigned tag = 0;
    struct span value;

    while (next_field(&bytes, &tag, &value)) {
        if (tag != FILE_TAG) {
            return false;
        }
    }
    return bytes.len == 0;
}

struct span registry_compile_last_file(struct span set)
{
    unsigned tag = 0;
    struct span value = {NULL, 0};

    while (next_field(&set, &tag, &value)) {
    }
    return value;
}

static err_t put_file(struct span file, struct buf *out)
{
    char head[16] = {FILE_TAG};
    size_t used = 1;
    uint64_t len = file.len;

    for (; len > 0x7F; len >>= 7) {
        head[used++] = (char)(0x80 | (len & 0x7F));
    }
    head[used++] = (char)len;
    TRY(buf_append(out, span_of(head, used)));
    return buf_append(out, file);
}

/* Whether `set` already has the file with the name of this one. */
static bool has_file(const struct buf *set, struct span file)
{
    struct span left = buf_span(set);
    struct span name = {NULL, 0};
    struct span other;
    struct span rest = file;
    unsigned tag = 0;

    if (!next_field(&rest, &tag, &name)) {
        return false;
    }
    while (next_field(&left, &tag, &other)) {
        struct span other_name = {NULL, 0};
        if (next_field(&other, &tag, &other_name) && span_equal(name, other_name)) {
            return true;
        }
    }
    return false;
}

static err_t put_new_files(struct span set, struct buf *out)
{
    unsigned tag = 0;
    struct span file;

    while (next_field(&set, &tag, &file)) {
        if (!has_file(out, file)) {
            TRY(put_file(file, out));
        }
    }
    return ERR_OK;
}

/* What base64 text brought, as a set with all that it imports before it. */
static err_t descriptors_whole(struct span bytes, const struct registry_refs *refs, struct buf *out)
{
    if (is_set(bytes)) {
        return buf_append(out, bytes);
    }
    for (uint32_t i = refs->count; i > 0; i--) {
        TRY(put_new_files(buf_span(&refs->at[i - 1].schema.descriptors), out));
    }
    return put_file(bytes, out);
}

static err_t make_descriptors(struct store_schema *schema, const struct registry_refs *refs,
                              struct schema_why *ret_why)
{
    struct buf bytes = {0};
    err_t err = base64_decode(buf_span(&schema->text), BASE64_LENIENT, &bytes);

    if (err == ERR_OK && bytes.len > 0) {
        err = descriptors_whole(buf_span(&bytes), refs, &schema->descriptors);
    } else if (err == ERR_OK || err == ERR_SYNTAX) {
        err = registry_protoc_run(buf_span(&schema->text), refs, ret_why, &schema->descriptors);
    }
    buf_done(&bytes);
    return err;
}

/* ---- compiling ---- */

static err_t compile_text(struct registry_compile *c, struct schema_why *ret_why)
{
    switch (c->kind) {
    case SCHEMA_KIND_JSON:
        return schema_json_compile(buf_span(&c->text), ret_why, &c->json);
    case SCHEMA_KIND_AVRO:
        return schema_avro_compile(buf_span(&c->text), ret_why, &c->avro);
    case SCHEMA_KIND_PROTOBUF:
        return schema_protobuf_compile(buf_span(&c->text), ret_why, &c->protobuf);
    case SCHEMA_KIND_COUNT:
    default:
        return ERR_UNKNOWN;
    }
}

err_t registry_compile_stored(const struct store_schema *schema, const struct registry_refs *refs,
                              struct schema_why *ret_why, struct registry_compile *ret)
{
    struct registry_compile c = {.kind = schema->kind};
    err_t err = schema->kind == SCHEMA_KIND_PROTOBUF
                    ? buf_append(&c.text, buf_span(&schema->descriptors))
                    : whole_text(schema, refs, ret_why, &c.text);

    if (err == ERR_OK) {
        err = compile_text(&c, ret_why);
    }
    if (err != ERR_OK) {
        registry_compile_done(&c);
        return err;
    }
    *ret = c;
    return ERR_OK;
}

err_t registry_compile_new(struct store_schema *schema, const struct registry_refs *refs,
                           struct schema_why *ret_why, struct registry_compile *ret)
{
    if (schema->kind == SCHEMA_KIND_PROTOBUF && schema->descriptors.len == 0) {
        TRY(make_descriptors(schema, refs, ret_why));
    }
    return registry_compile_stored(schema, refs, ret_why, ret);
}

err_t registry_compile_reads(const struct registry_compile *reader,
                             const struct registry_compile *writer, struct schema_why *ret_why)
{
    if (reader->kind != writer->kind) {
        schema_why_set(ret_why, "the schema is of type %s, the earlier one of type %s",
                       schema_kind_type(reader->kind), schema_kind_type(writer->kind));
        return ERR_EXISTS;
    }
    switch (reader->kind) {
    case SCHEMA_KIND_JSON:
        return schema_compat_json(buf_span(&reader->text), buf_span(&writer->text), ret_why);
    case SCHEMA_KIND_AVRO:
        return schema_compat_avro(buf_span(&reader->text), buf_span(&writer->text), ret_why);
    case SCHEMA_KIND_PROTOBUF:
        return schema_compat_protobuf(reader->protobuf, writer->protobuf, ret_why);
    case SCHEMA_KIND_COUNT:
    default:
        return ERR_UNKNOWN;
    }
}
