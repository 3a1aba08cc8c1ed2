/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_shelf: a file is a head of fixed numbers, the registry's URL, the subject, the text, and a
 * checksum of all that. Little-endian. The checksum finds damage, not intent: who can write here
 * may as well change the program. */
#include "ingestor/schema_shelf.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/rd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC          "CWSCHEM1"
#define MAGIC_BYTES    8u
#define SUM_BYTES      8u
#define URL_BYTES_MAX  4096u
#define TEXT_BYTES_MAX (2u * REGAPI_BODY_BYTES_MAX)
#define FILE_BYTES_MAX (TEXT_BYTES_MAX + URL_BYTES_MAX + KIB)
#define NAME_BYTES     32u
#define ID_PREFIX      "id-"

#define SUBJECT_PREFIX "subject-"
#define REFUSED_PREFIX "refused-"
#define ANSWERED       "answered" /* the name of the file, and the subject it names */

/* FNV-1a, 64 bits. */
static uint64_t sum_of(struct span bytes)
{
    uint64_t sum = 0xcbf29ce484222325ull;

    for (size_t i = 0; i < bytes.len; i++) {
        sum = (sum ^ (unsigned char)bytes.at[i]) * 0x100000001b3ull;
    }
    return sum;
}

uint64_t schema_shelf_sum(struct span text)
{
    return sum_of(text);
}

/* A subject may hold any character and be longer than a file name. */
static void subject_file(const char *prefix, const char *subject, char ret[NAME_BYTES])
{
    snprintf(ret, NAME_BYTES, "%s%016llx", prefix,
             (unsigned long long)sum_of(span_of_str(subject)));
}

static void id_file(uint32_t id, char ret[NAME_BYTES])
{
    snprintf(ret, NAME_BYTES, ID_PREFIX "%u", id);
}

err_t schema_shelf_init(struct schema_shelf *s, const char *state_dir, const char *registry,
                        enum schema_shelf_use use)
{
    *s = (struct schema_shelf){.registry = registry, .read_only = use == SCHEMA_SHELF_READS};
    int len = snprintf(s->dir, sizeof(s->dir), "%s/schemas", state_dir);

    ENSURE(len > 0 && (size_t)len < sizeof(s->dir) - 2 * NAME_BYTES, ERR_LIMIT);
    if (!s->read_only && mkdir(s->dir, 0700) != 0 && errno != EEXIST) {
        s->failing = true;
        LOG(LOG_WARN, "schema_shelf", "event=no_directory dir=%s why=\"%s\" action=keep_no_schemas",
            s->dir, strerror(errno));
    }
    return ERR_OK;
}

static err_t put_number(struct buf *out, uint64_t number, size_t bytes)
{
    char le[8];

    for (size_t i = 0; i < bytes; i++) {
        le[i] = (char)(number >> 8 * i & 0xff);
    }
    return buf_append(out, span_of(le, bytes));
}

static err_t put_text(struct buf *out, struct span text)
{
    TRY(put_number(out, text.len, 4));
    return buf_append(out, text);
}

/* What is to be written. */
struct entry {
    const char *name; /* of the file */
    const struct regapi_schema *schema;
    uint64_t wall_ns;
    bool synced;
};

static err_t encode(const struct schema_shelf *s, const struct entry *e, struct buf *out)
{
    const struct regapi_schema *schema = e->schema;

    TRY(buf_append(out, span_of(MAGIC, MAGIC_BYTES)));
    TRY(put_number(out, e->wall_ns, 8));
    TRY(put_number(out, (uint64_t)schema->kind, 4));
    TRY(put_number(out, schema->id, 4));
    TRY(put_number(out, schema->version, 4));
    TRY(put_text(out, span_of_str(s->registry)));
    TRY(put_text(out, span_of_str(schema->subject)));
    TRY(put_text(out, buf_span(&schema->text)));
    return put_number(out, sum_of(buf_span(out)), SUM_BYTES);
}

static err_t write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.at, bytes.len);
        ENSURE(wrote > 0 || (wrote < 0 && errno == EINTR), ERR_IO);
        bytes = span_skip(bytes, wrote < 0 ? 0 : (size_t)wrote);
    }
    return ERR_OK;
}

static err_t write_file(int dir_fd, const char *name, struct span bytes, bool synced)
{
    char temporary[NAME_BYTES + 4];

    snprintf(temporary, sizeof(temporary), "%s.new", name);
    int fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(fd >= 0, ERR_IO);
    err_t err = write_all(fd, bytes);
    err = err == ERR_OK && synced && fsync(fd) != 0 ? ERR_IO : err;
    err = close(fd) != 0 ? ERR_IO : err;
    if (err == ERR_OK && renameat(dir_fd, temporary, dir_fd, name) != 0) {
        err = ERR_IO;
    }
    if (err != ERR_OK) {
        int why = errno;
        IGNORE(unlinkat(dir_fd, temporary, 0) != 0, "it is written anew the next time");
        errno = why;
        return err;
    }
    return !synced || fsync(dir_fd) == 0 ? ERR_OK : ERR_IO;
}

static err_t store(const struct schema_shelf *s, const struct entry *e)
{
    struct buf bytes = {0};
    err_t err = encode(s, e, &bytes);

    if (err == ERR_OK) {
        int dir_fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        err = dir_fd < 0 ? ERR_IO : write_file(dir_fd, e->name, buf_span(&bytes), e->synced);
        int why = errno;
        if (dir_fd >= 0) {
            close(dir_fd);
        }
        errno = why;
    }
    buf_done(&bytes);
    return err;
}

static void put_entry(struct schema_shelf *s, const struct entry *e)
{
    err_t err = s->read_only ? ERR_OK : store(s, e);

    if (err != ERR_OK && !s->failing) {
        LOG(LOG_WARN, "schema_shelf", "event=not_stored file=%s/%s why=\"%s\" action=go_on", s->dir,
            e->name, err == ERR_IO ? strerror(errno) : err_name(err));
    }
    s->failing = err != ERR_OK;
}

static void put(struct schema_shelf *s, const char *name, const struct regapi_schema *schema)
{
    put_entry(s, &(struct entry){
                     .name = name, .schema = schema, .wall_ns = clock_wall_ns(), .synced = true});
}

void schema_shelf_put_subject(struct schema_shelf *s, const struct regapi_schema *schema)
{
    char name[NAME_BYTES];

    subject_file(SUBJECT_PREFIX, schema->subject, name);
    put(s, name, schema);
}

void schema_shelf_put_refused(struct schema_shelf *s, const struct regapi_schema *schema)
{
    char name[NAME_BYTES];

    subject_file(REFUSED_PREFIX, schema->subject, name);
    put(s, name, schema);
}

void schema_shelf_put_answered(struct schema_shelf *s, uint64_t wall_ns)
{
    const struct regapi_schema none = {.subject = ANSWERED};

    put_entry(s, &(struct entry){.name = ANSWERED, .schema = &none, .wall_ns = wall_ns});
}

void schema_shelf_put_id(struct schema_shelf *s, const struct regapi_schema *schema)
{
    char name[NAME_BYTES];

    id_file(schema->id, name);
    put(s, name, schema);
}

static void path_of(const struct schema_shelf *s, const char *name, char ret[PATH_MAX])
{
    snprintf(ret, PATH_MAX, "%.*s/%s", (int)(PATH_MAX - 2 * NAME_BYTES), s->dir, name);
}

static void forget(const struct schema_shelf *s, const char *name)
{
    char path[PATH_MAX];

    if (s->read_only) {
        return;
    }
    path_of(s, name, path);
    IGNORE(unlink(path) != 0, "it is not there, or comes back at the next start");
}

void schema_shelf_remove_id(struct schema_shelf *s, uint32_t id)
{
    char name[NAME_BYTES];

    id_file(id, name);
    forget(s, name);
}

void schema_shelf_remove_refused(struct schema_shelf *s, const char *subject)
{
    char name[NAME_BYTES];

    subject_file(REFUSED_PREFIX, subject, name);
    forget(s, name);
}

/* The whole file. ERR_UNKNOWN there is none; ERR_IO it cannot be read now; ERR_SYNTAX, ERR_LIMIT it
 * is none of ours. */
static err_t read_file(const struct schema_shelf *s, const char *name, struct buf *ret)
{
    char path[PATH_MAX];
    struct stat st;
    size_t got = 0;

    path_of(s, name, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ENSURE(fd >= 0, errno == ENOENT ? ERR_UNKNOWN : ERR_IO);
    err_t err = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? ERR_OK : ERR_SYNTAX;
    if (err == ERR_OK && (st.st_size < 0 || (uint64_t)st.st_size > FILE_BYTES_MAX)) {
        err = ERR_LIMIT;
    }
    err = err != ERR_OK ? err : buf_reserve(ret, (size_t)st.st_size);
    while (err == ERR_OK && got < (size_t)st.st_size) {
        ssize_t n = read(fd, ret->at + got, (size_t)st.st_size - got);
        err = n > 0 || (n < 0 && errno == EINTR) ? ERR_OK : n == 0 ? ERR_SYNTAX : ERR_IO;
        got += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    ret->len = got;
    return err;
}

static struct span get_text(struct rd *r, size_t max)
{
    uint32_t len = rd_le32(r);

    return rd_bytes(r, len, max);
}

/* What the bytes of a file say; ERR_EXISTS: they are of another registry. */
static err_t decode(const struct schema_shelf *s, struct span bytes, struct regapi_schema *ret,
                    uint64_t *ret_wall_ns)
{
    ENSURE(bytes.len > MAGIC_BYTES + SUM_BYTES, ERR_SYNTAX);
    ENSURE(memcmp(bytes.at, MAGIC, MAGIC_BYTES) == 0, ERR_SYNTAX);
    struct span body = span_head(bytes, bytes.len - SUM_BYTES);
    struct rd sum = rd_of(span_skip(bytes, body.len));
    ENSURE(rd_le64(&sum) == sum_of(body), ERR_SYNTAX);

    struct rd r = rd_of(span_skip(body, MAGIC_BYTES));
    uint64_t wall_ns = rd_le64(&r);
    uint32_t kind = rd_le32(&r);
    ret->id = rd_le32(&r);
    ret->version = rd_le32(&r);
    struct span registry = get_text(&r, URL_BYTES_MAX);
    struct span subject = get_text(&r, sizeof(ret->subject) - 1);
    struct span text = get_text(&r, TEXT_BYTES_MAX);
    TRY(rd_status(&r));
    ENSURE(r.left.len == 0 && kind < SCHEMA_KIND_COUNT && subject.len > 0, ERR_SYNTAX);
    ENSURE(span_equal(registry, span_of_str(s->registry)), ERR_EXISTS);
    ret->kind = (enum schema_kind)kind;
    memcpy(ret->subject, subject.at, subject.len);
    ret->subject[subject.len] = '\0';
    *ret_wall_ns = wall_ns;
    return buf_append(&ret->text, text);
}

static void note_unread(const struct schema_shelf *s, const char *name)
{
    char path[PATH_MAX];
    const char *why = strerror(errno);

    path_of(s, name, path);
    LOG(LOG_WARN, "schema_shelf", "event=not_read file=%s why=\"%s\" action=go_on", path, why);
}

static void remove_file(const struct schema_shelf *s, const char *name, const char *why)
{
    char path[PATH_MAX];

    path_of(s, name, path);
    LOG(LOG_WARN, "schema_shelf", "event=ignored file=%s why=\"%s\" action=remove", path, why);
    IGNORE(!s->read_only && unlink(path) != 0, "it is ignored again the next time");
}

/* One file. ERR_UNKNOWN: there is none that can be used. What is damaged is removed; what cannot be
 * read, for want of descriptors or of rights, may be good. */
static err_t load(const struct schema_shelf *s, const char *name, struct regapi_schema *ret,
                  uint64_t *ret_wall_ns)
{
    struct buf bytes = {0};

    *ret = (struct regapi_schema){0};
    err_t err = read_file(s, name, &bytes);
    if (err == ERR_IO) {
        note_unread(s, name);
        err = ERR_UNKNOWN;
    }
    err = err != ERR_OK ? err : decode(s, buf_span(&bytes), ret, ret_wall_ns);
    buf_done(&bytes);
    if (err == ERR_OK || err == ERR_UNKNOWN || err == ERR_NOMEM) {
        return err;
    }
    regapi_schema_done(ret);
    remove_file(s, name, err == ERR_EXISTS ? "it is of another registry" : "it is damaged");
    return ERR_UNKNOWN;
}

/* The file, if it is the subject's. */
static err_t load_of(const struct schema_shelf *s, const char *name, const char *subject,
                     struct regapi_schema *ret, uint64_t *ret_wall_ns)
{
    struct regapi_schema schema;

    TRY(load(s, name, &schema, ret_wall_ns));
    if (strcmp(schema.subject, subject) != 0) {
        regapi_schema_done(&schema);
        return ERR_UNKNOWN;
    }
    *ret = schema;
    return ERR_OK;
}

err_t schema_shelf_get_subject(struct schema_shelf *s, const char *subject,
                               struct regapi_schema *ret, uint64_t *ret_wall_ns)
{
    char name[NAME_BYTES];

    subject_file(SUBJECT_PREFIX, subject, name);
    return load_of(s, name, subject, ret, ret_wall_ns);
}

err_t schema_shelf_get_refused(struct schema_shelf *s, const char *subject,
                               struct regapi_schema *ret)
{
    char name[NAME_BYTES];
    uint64_t wall_ns;

    subject_file(REFUSED_PREFIX, subject, name);
    return load_of(s, name, subject, ret, &wall_ns);
}

uint64_t schema_shelf_get_answered(struct schema_shelf *s)
{
    struct regapi_schema none;
    uint64_t wall_ns = 0;

    if (load_of(s, ANSWERED, ANSWERED, &none, &wall_ns) != ERR_OK) {
        return 0;
    }
    regapi_schema_done(&none);
    return wall_ns;
}

/* Visits one entry of the directory, if it is an id's. */
static err_t visit_entry(struct schema_shelf *s, const char *entry, schema_shelf_fn visit,
                         void *arg)
{
    struct regapi_schema schema;
    char name[NAME_BYTES];
    uint64_t wall_ns = 0;

    if (strncmp(entry, ID_PREFIX, strlen(ID_PREFIX)) != 0) {
        return ERR_OK;
    }
    uint32_t id = (uint32_t)strtoul(entry + strlen(ID_PREFIX), NULL, 10);
    id_file(id, name);
    if (strcmp(name, entry) != 0) {
        return ERR_OK; /* one that was not finished, or is not ours */
    }
    err_t err = load(s, name, &schema, &wall_ns);
    if (err == ERR_OK && schema.id == id) {
        err = visit(arg, &schema);
    }
    regapi_schema_done(&schema);
    return err == ERR_UNKNOWN ? ERR_OK : err;
}

err_t schema_shelf_walk_ids(struct schema_shelf *s, schema_shelf_fn visit, void *arg)
{
    DIR *dir = opendir(s->dir);
    err_t err = ERR_OK;

    if (dir == NULL) {
        return ERR_OK;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL && err == ERR_OK;
         entry = readdir(dir)) {
        err = visit_entry(s, entry->d_name, visit, arg);
    }
    closedir(dir);
    return err == ERR_LIMIT ? ERR_OK : err;
}
