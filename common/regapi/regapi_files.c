/* SPDX-License-Identifier: Apache-2.0
 *
 * regapi_files: a list that grows at its end while it is walked, instead of recursion; a name that
 * is on it is not put there again, so that a circle ends. A registry serializes a file under a name
 * of its own making, but who imports it knows the name of the reference: so that name is appended
 * to the file, where by the rules of Protobuf it replaces the other. */
#include "regapi/regapi_files.h"

#include "regapi/regapi_ask.h"

#include <stdlib.h>

#define TAG_FILE 0x0a /* FileDescriptorSet.file */
#define TAG_NAME 0x0a /* FileDescriptorProto.name */

struct files {
    struct regapi_answer_reference of[REGAPI_FILES_MAX];
    struct buf bytes[REGAPI_FILES_MAX];
    uint32_t count;
    size_t total;
};

static bool has_name(const struct files *f, const char *name)
{
    for (uint32_t i = 0; i < f->count; i++) {
        if (strcmp(f->of[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static err_t add_references(struct files *f, const struct regapi_answer *answer,
                            struct schema_why *why)
{
    for (uint32_t i = 0; i < answer->reference_count; i++) {
        if (has_name(f, answer->references[i].name)) {
            continue;
        }
        if (f->count == REGAPI_FILES_MAX) {
            schema_why_set(why, "the schema refers to more than %u others", REGAPI_FILES_MAX);
            return ERR_LIMIT;
        }
        f->of[f->count++] = answer->references[i];
    }
    return ERR_OK;
}

/* A tag, a length, and room for what follows. */
static err_t put_head(struct buf *out, char tag, size_t len)
{
    char head[16] = {tag};
    size_t at = 1;

    for (; len >= 0x80; len >>= 7) {
        head[at++] = (char)(len | 0x80);
    }
    head[at++] = (char)len;
    return buf_append(out, span_of(head, at));
}

err_t regapi_files_ask_version(const struct regapi *r, const char *subject, uint32_t version,
                               struct schema_why *ret_why, struct regapi_answer *ret)
{
    struct regapi_ask ask = {0};
    struct regapi_answer answer = {0};

    err_t err = buf_printf(&ask.path, "/subjects/");
    err = err != ERR_OK ? err : regapi_ask_add_subject(&ask, subject);
    if (err == ERR_OK) {
        err = version == REGAPI_VERSION_LATEST ? buf_printf(&ask.path, "/versions/latest")
                                               : buf_printf(&ask.path, "/versions/%u", version);
    }
    err = err != ERR_OK ? err : regapi_ask_send(r, &ask);
    err = err != ERR_OK ? err : regapi_answer_read(buf_span(&ask.answer.body), &ask.why, &answer);
    if (err == ERR_OK && (answer.id == 0 || answer.version == 0 ||
                          (version != REGAPI_VERSION_LATEST && answer.version != version))) {
        schema_why_set(&ask.why, "the answer has no id, or not the version that was asked for");
        err = ERR_SYNTAX;
    }
    if (err == ERR_OK) {
        *ret = answer;
    } else {
        regapi_answer_done(&answer);
    }
    return regapi_ask_end(r, &ask, err, ret_why);
}

/* The bytes of one file, under the name by which it is imported (NULL: as it is). */
static err_t fetch_file(const struct regapi *r, uint32_t id, const char *name,
                        struct schema_why *why, struct buf *ret)
{
    struct regapi_ask ask = {0};

    err_t err = buf_printf(&ask.path, "/schemas/ids/%u?format=serialized", id);
    err = err != ERR_OK ? err : regapi_ask_send(r, &ask);
    if (err == ERR_OK) {
        err = regapi_answer_read_serialized(buf_span(&ask.answer.body), &ask.why, ret);
    }
    TRY(regapi_ask_end(r, &ask, err, why));
    if (name != NULL) {
        TRY(put_head(ret, TAG_NAME, strlen(name)));
        TRY(buf_append(ret, span_of_str(name)));
    }
    return ERR_OK;
}

static err_t fetch_reference(const struct regapi *r, struct files *f, uint32_t i,
                             struct schema_why *why)
{
    struct regapi_answer answer = {0};

    TRY(regapi_files_ask_version(r, f->of[i].subject, f->of[i].version, why, &answer));
    err_t err = answer.kind == SCHEMA_KIND_PROTOBUF ? add_references(f, &answer, why) : ERR_SYNTAX;
    if (answer.kind != SCHEMA_KIND_PROTOBUF) {
        schema_why_set(why, "%s is imported but no Protobuf schema", f->of[i].subject);
    }
    if (err == ERR_OK) {
        err = fetch_file(r, answer.id, f->of[i].name, why, &f->bytes[i]);
    }
    regapi_answer_done(&answer);
    f->total += f->bytes[i].len;
    if (err == ERR_OK && f->total > REGAPI_BODY_BYTES_MAX) {
        schema_why_set(why, "the schema and what it refers to are too large");
        return ERR_LIMIT;
    }
    return err;
}

static err_t put_file(struct buf *out, struct span bytes)
{
    TRY(put_head(out, TAG_FILE, bytes.len));
    return buf_append(out, bytes);
}

static err_t gather(const struct regapi *r, const struct regapi_answer *root, struct files *f,
                    struct schema_why *why, struct buf *ret)
{
    struct buf own = {0};

    TRY(add_references(f, root, why));
    for (uint32_t i = 0; i < f->count; i++) {
        TRY(fetch_reference(r, f, i, why));
    }
    err_t err = fetch_file(r, root->id, NULL, why, &own);
    for (uint32_t i = f->count; i > 0 && err == ERR_OK; i--) {
        err = put_file(ret, buf_span(&f->bytes[i - 1]));
    }
    err = err != ERR_OK ? err : put_file(ret, buf_span(&own));
    buf_done(&own);
    return err;
}

err_t regapi_files_gather(const struct regapi *r, const struct regapi_answer *root,
                          struct schema_why *ret_why, struct buf *ret)
{
    struct files *f = calloc(1, sizeof(*f));

    ENSURE(f != NULL, ERR_NOMEM);
    err_t err = gather(r, root, f, ret_why, ret);
    for (uint32_t i = 0; i < f->count; i++) {
        buf_done(&f->bytes[i]);
    }
    free(f);
    return err;
}
