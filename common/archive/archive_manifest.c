/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_manifest: the file is opened for each entry: entries are rare, and a manifest that was
 * moved away by its owner is begun anew. The one thread that publishes calls this. */
#include "archive/archive_manifest.h"

#include "archive/archive_json.h"
#include "base/limits.h"
#include "base/rfc3339.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define BLOCK_BYTES (64u * KIB)

/* A piece of a file. */
struct block {
    size_t len;
    char bytes[BLOCK_BYTES];
};

struct out {
    char *at;
    size_t len;
    size_t cap;
};

static void put_text(struct out *o, struct span text)
{
    assert(o->len + text.len < o->cap);
    memcpy(o->at + o->len, text.at, text.len);
    o->len += text.len;
    o->at[o->len] = '\0';
}

static void put_name(struct out *o, const char *name)
{
    put_text(o, o->len == 1 ? SPAN_LIT("\"") : SPAN_LIT(",\""));
    put_text(o, span_of_str(name));
    put_text(o, SPAN_LIT("\":"));
}

static void put_string(struct out *o, const char *name, struct span value)
{
    put_name(o, name);
    assert(o->len + ARCHIVE_JSON_STRING_MAX(value.len) < o->cap);
    o->len += archive_json_string(value, o->at + o->len);
}

static void put_number(struct out *o, const char *name, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRIu64, value);

    put_name(o, name);
    put_text(o, span_of(digits, (size_t)len));
}

static void put_time(struct out *o, const char *name, uint64_t ns)
{
    char text[RFC3339_BYTES_MAX];

    if (ns != 0) {
        put_string(o, name, span_of(text, rfc3339_format(ns, 9, text)));
    }
}

size_t archive_manifest_format(const struct archive_manifest_entry *entry, char *out, size_t cap)
{
    struct out o = {.at = out, .cap = cap};
    bool rejected = strcmp(entry->kind, "rejected") == 0;

    assert(cap >= ARCHIVE_MANIFEST_LINE_BYTES && strlen(entry->file) < ARCHIVE_PATH_BYTES);
    put_text(&o, SPAN_LIT("{"));
    put_string(&o, "event", span_of_str(entry->event));
    put_time(&o, "at", entry->at_ns);
    put_string(&o, "file", span_of_str(entry->file));
    put_string(&o, "kind", span_of_str(entry->kind));
    put_number(&o, "records", rejected ? 0 : entry->records);
    put_number(&o, "rejected", rejected ? entry->records : 0);
    put_number(&o, "bytes_in", entry->bytes_in);
    put_number(&o, "bytes_out", entry->bytes_out);
    put_time(&o, "first", entry->first_ns);
    put_time(&o, "last", entry->last_ns);
    if (strcmp(entry->kind, "recovered") == 0) {
        put_text(&o, SPAN_LIT(",\"unchecked\":true"));
    }
    if (entry->sha256[0] != '\0') {
        put_string(&o, "sha256", span_of_str(entry->sha256));
    }
    put_text(&o, SPAN_LIT("}"));
    return o.len;
}

static err_t manifest_path(const struct archive_config *config, char ret[ARCHIVE_PATH_BYTES])
{
    int len = snprintf(ret, ARCHIVE_PATH_BYTES, "%s/manifest.jsonl", config->data_dir);

    if (len <= 0 || (size_t)len >= ARCHIVE_PATH_BYTES) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    return ERR_OK;
}

static err_t file_size(int fd, uint64_t *ret)
{
    struct stat st;

    ENSURE(fstat(fd, &st) == 0, ERR_IO);
    *ret = (uint64_t)st.st_size;
    return ERR_OK;
}

/* Whether a crash has left a last line without LF. */
static err_t is_torn(const struct archive_io *io, int fd, uint64_t size, bool *ret)
{
    char last = '\n';

    if (size > 0) {
        ssize_t n = io->pread(io->arg, fd, &last, 1, (off_t)size - 1);
        if (n != 1) {
            errno = n < 0 ? errno : EIO;
            return ERR_IO;
        }
    }
    *ret = last != '\n';
    return ERR_OK;
}

static err_t write_line(const struct archive_io *io, int fd, uint64_t at, struct span line)
{
    ssize_t n = io->pwrite(io->arg, fd, line.at, line.len, (off_t)at);

    if (n == (ssize_t)line.len) {
        return ERR_OK;
    }
    errno = n < 0 ? errno : ENOSPC;
    return ERR_IO;
}

static err_t sync_line(const struct archive_config *config, int fd, bool is_new)
{
    const struct archive_io *io = config->io;

    if (config->fsync == ARCHIVE_FSYNC_NONE) {
        return ERR_OK;
    }
    ENSURE(io->fdatasync(io->arg, fd) == 0, ERR_IO);
    ENSURE(!is_new || io->sync_dir(io->arg, config->data_dir) == 0, ERR_IO);
    return ERR_OK;
}

/* Puts `line` (LF, the entry, LF) behind the end; the first LF is for a torn line only. */
static err_t append_line(const struct archive_config *config, int fd, struct span line)
{
    const struct archive_io *io = config->io;
    uint64_t size;
    bool torn;

    TRY(file_size(fd, &size));
    TRY(is_torn(io, fd, size, &torn));
    err_t err = write_line(io, fd, size, torn ? line : span_skip(line, 1));
    if (err == ERR_OK) {
        err = sync_line(config, fd, size == 0);
    }
    if (err != ERR_OK) {
        int why = errno;
        IGNORE(io->ftruncate(io->arg, fd, (off_t)size), "the next append completes a torn line");
        errno = why;
    }
    return err;
}

err_t archive_manifest_append(const struct archive_config *config,
                              const struct archive_manifest_entry *entry)
{
    const struct archive_io *io = config->io;
    char path[ARCHIVE_PATH_BYTES];
    char line[ARCHIVE_MANIFEST_LINE_BYTES + 2];

    TRY(manifest_path(config, path));
    line[0] = '\n';
    size_t len = 1 + archive_manifest_format(entry, line + 1, ARCHIVE_MANIFEST_LINE_BYTES);
    line[len++] = '\n';
    int fd = io->open(io->arg, path, O_RDWR | O_CREAT, 0640);
    ENSURE(fd >= 0, ERR_IO);
    err_t err = append_line(config, fd, span_of(line, len));
    int why = errno;
    io->close(io->arg, fd);
    errno = why;
    return err;
}

/* Fills `block` from `at` on; fewer bytes only at the end of the file. */
static err_t read_block(const struct archive_io *io, int fd, uint64_t at, struct block *block)
{
    block->len = 0;
    while (block->len < sizeof(block->bytes)) {
        ssize_t n = io->pread(io->arg, fd, block->bytes + block->len,
                              sizeof(block->bytes) - block->len, (off_t)(at + block->len));
        ENSURE(n >= 0, ERR_IO);
        if (n == 0) {
            break;
        }
        block->len += (size_t)n;
    }
    return ERR_OK;
}

/* Whether one of these whole lines holds the needle and is an entry: a line that a crash has torn
 * was ended later and does not end in '}'. */
static bool lines_name(struct span lines, struct span needle)
{
    const char *hit = memmem(lines.at, lines.len, needle.at, needle.len);

    while (hit != NULL) {
        lines = span_skip(lines, (size_t)(hit - lines.at) + needle.len);
        size_t rest = span_find(lines, '\n');
        if (rest > 0 && rest < lines.len && lines.at[rest - 1] == '}') {
            return true;
        }
        hit = memmem(lines.at, lines.len, needle.at, needle.len);
    }
    return false;
}

/* Block by block, each cut behind its last whole line. */
static err_t file_names(const struct archive_io *io, int fd, struct span needle, bool *ret)
{
    struct block *block = malloc(sizeof(*block));
    uint64_t at = 0;
    bool found = false;

    ENSURE(block != NULL, ERR_NOMEM);
    err_t err = read_block(io, fd, at, block);
    while (err == ERR_OK && block->len > 0 && !found) {
        const char *last = memrchr(block->bytes, '\n', block->len);
        size_t len = last == NULL ? block->len : (size_t)(last + 1 - block->bytes);
        found = lines_name(span_of(block->bytes, len), needle);
        at += len;
        err = read_block(io, fd, at, block);
    }
    free(block);
    if (err == ERR_OK || found) {
        *ret = found;
    }
    return found ? ERR_OK : err;
}

err_t archive_manifest_names(const struct archive_config *config, const char *file, bool *ret)
{
    const struct archive_io *io = config->io;
    char path[ARCHIVE_PATH_BYTES];
    char needle[ARCHIVE_JSON_STRING_MAX(ARCHIVE_PATH_BYTES) + 8] = "\"file\":";
    size_t head = strlen(needle);

    assert(strlen(file) < ARCHIVE_PATH_BYTES);
    TRY(manifest_path(config, path));
    size_t needle_len = head + archive_json_string(span_of_str(file), needle + head);
    int fd = io->open(io->arg, path, O_RDONLY, 0);
    if (fd < 0) {
        ENSURE(errno == ENOENT, ERR_IO);
        *ret = false;
        return ERR_OK;
    }
    err_t err = file_names(io, fd, span_of(needle, needle_len), ret);
    int why = errno;
    io->close(io->arg, fd);
    errno = why;
    return err;
}

static err_t digest_file(const struct archive_io *io, int fd, EVP_MD_CTX *ctx, struct block *block,
                         uint64_t *ret_bytes)
{
    uint64_t at = 0;

    do {
        TRY(read_block(io, fd, at, block));
        ENSURE(EVP_DigestUpdate(ctx, block->bytes, block->len) == 1, ERR_NOMEM);
        at += block->len;
    } while (block->len == BLOCK_BYTES);
    *ret_bytes = at;
    return ERR_OK;
}

static void put_hex(const unsigned char *digest, char ret[65])
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < 32; i++) {
        ret[2 * i] = hex[digest[i] >> 4];
        ret[2 * i + 1] = hex[digest[i] & 15];
    }
    ret[64] = '\0';
}

err_t archive_manifest_digest(const struct archive_config *config, const char *path,
                              char ret_sha256[65], uint64_t *ret_bytes)
{
    const struct archive_io *io = config->io;
    unsigned char digest[EVP_MAX_MD_SIZE];
    int fd = io->open(io->arg, path, O_RDONLY, 0);
    uint64_t bytes = 0;

    ENSURE(fd >= 0, ERR_IO);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct block *block = malloc(sizeof(*block));
    err_t err = ERR_NOMEM;
    if (ctx != NULL && block != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1) {
        err = digest_file(io, fd, ctx, block, &bytes);
    }
    if (err == ERR_OK && EVP_DigestFinal_ex(ctx, digest, NULL) != 1) {
        err = ERR_NOMEM;
    }
    int why = errno;
    free(block);
    EVP_MD_CTX_free(ctx);
    io->close(io->arg, fd);
    errno = why;
    if (err == ERR_OK) {
        put_hex(digest, ret_sha256);
        *ret_bytes = bytes;
    }
    return err;
}
