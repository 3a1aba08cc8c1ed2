/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_protoc: the directory, the child and what it leaves. Names of imports come from
 * requests: only plain relative paths are made into files. */
#include "registry/registry_protoc.h"

#include "base/clock.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAIN_NAME_BYTES  32u
#define OUT_NAME         ".descriptors"
#define PATH_BYTES       1024u
#define SAID_BYTES_MAX   4096u
#define OUT_BYTES_MAX    (4u * MIB)
#define CPU_SECONDS      5u
#define PATIENCE_NS      (10u * NS_PER_S)
#define ADDRESS_SPACE    (1024ull * MIB)
#define IMPORT_DEPTH_MAX 16u

struct work {
    char dir[256];
    char name[MAIN_NAME_BYTES]; /* of the schema itself */
};

/* ---- files ---- */

/* "a/b.proto": no empty, "." or ".." part, only harmless letters. */
static bool name_is_plain(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-./";
    unsigned parts = 1;

    if (name[strspn(name, allowed)] != '\0') {
        return false;
    }
    for (const char *part = name; part != NULL; parts++) {
        if (part[0] == '.' || part[0] == '/' || part[0] == '-' || part[0] == '\0') {
            return false;
        }
        part = strchr(part, '/');
        part = part == NULL ? NULL : part + 1;
    }
    return parts <= IMPORT_DEPTH_MAX;
}

/* Whether a reference has that name or needs it as a directory. */
static bool name_is_taken(const struct registry_refs *refs, const char *name)
{
    size_t len = strlen(name);

    for (uint32_t i = 0; i < refs->count; i++) {
        const char *other = refs->at[i].name;
        if (strncmp(other, name, len) == 0 && (other[len] == '\0' || other[len] == '/')) {
            return true;
        }
    }
    return false;
}

static void choose_name(const struct registry_refs *refs, char ret[MAIN_NAME_BYTES])
{
    snprintf(ret, MAIN_NAME_BYTES, "schema.proto");
    for (unsigned number = 1; name_is_taken(refs, ret); number++) {
        snprintf(ret, MAIN_NAME_BYTES, "schema-%u.proto", number);
    }
}

/* Whether the name of the file is to blame: too long, a directory, or taken as one. */
static bool is_bad_name(int error)
{
    return error == ENAMETOOLONG || error == ENOTDIR || error == EISDIR || error == EEXIST;
}

static err_t make_parents(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/'; /* a file of that name is seen at the next step */
        ENSURE(made, is_bad_name(errno) ? ERR_SYNTAX : ERR_IO);
    }
    return ERR_OK;
}

static err_t write_file(const char *dir, const char *name, struct span text)
{
    char path[PATH_BYTES];

    ENSURE((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) < sizeof(path), ERR_SYNTAX);
    TRY(make_parents(path, strlen(dir) + 1));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ENSURE(fd >= 0, is_bad_name(errno) ? ERR_SYNTAX : ERR_IO);
    size_t done = 0;
    while (done < text.len) {
        ssize_t n = write(fd, text.at + done, text.len - done);
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    close(fd);
    return done == text.len ? ERR_OK : ERR_IO;
}

static err_t write_import(const char *dir, const struct registry_ref *ref,
                          struct schema_why *ret_why)
{
    if (ref->schema.kind != SCHEMA_KIND_PROTOBUF || !name_is_plain(ref->name)) {
        schema_why_set(ret_why, "the reference \"%.200s\" cannot be imported: %s", ref->name,
                       ref->schema.kind != SCHEMA_KIND_PROTOBUF
                           ? "it is no Protobuf schema"
                           : "its name is no plain relative path");
        return ERR_SYNTAX;
    }
    if (memmem(ref->schema.text.at, ref->schema.text.len, "syntax", 6) == NULL) {
        schema_why_set(ret_why,
                       "the reference \"%.200s\" was registered as a descriptor: only "
                       ".proto text can be imported",
                       ref->name);
        return ERR_SYNTAX;
    }
    err_t err = write_file(dir, ref->name, buf_span(&ref->schema.text));
    if (err == ERR_SYNTAX) {
        schema_why_set(ret_why,
                       "the reference \"%.200s\" cannot be imported: its name is too "
                       "long, or another one is a directory of it",
                       ref->name);
    }
    return err;
}

static err_t write_all(const struct work *w, struct span text, const struct registry_refs *refs,
                       struct schema_why *ret_why)
{
    for (uint32_t i = 0; i < refs->count; i++) {
        TRY(write_import(w->dir, &refs->at[i], ret_why));
    }
    return write_file(w->dir, w->name, text);
}

static err_t read_out(const char *dir, struct buf *out)
{
    char path[PATH_BYTES];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, OUT_NAME);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ENSURE(fd >= 0, ERR_IO);
    err_t err = fstat(fd, &st) == 0 ? ERR_OK : ERR_IO;
    if (err == ERR_OK && st.st_size > (off_t)OUT_BYTES_MAX) {
        err = ERR_LIMIT;
    }
    if (err == ERR_OK) {
        err = buf_reserve(out, (size_t)st.st_size);
    }
    if (err == ERR_OK) {
        ssize_t n = read(fd, out->at + out->len, (size_t)st.st_size);
        err = n == st.st_size ? ERR_OK : ERR_IO;
        out->len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    return err;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/* ---- the child ---- */

static void bound(int what, rlim_t most)
{
    const struct rlimit limit = {most, most};

    setrlimit((__rlimit_resource_t)what, &limit);
}

/* Between fork and exec only what is safe there (signal-safety(7)). */
static void become_protoc(const struct work *w, int said)
{
    char name[MAIN_NAME_BYTES];
    char *const argv[] = {(char[]){"protoc"},
                          (char[]){"--proto_path=."},
                          (char[]){"--include_imports"},
                          (char[]){"--descriptor_set_out=" OUT_NAME},
                          name,
                          NULL};
    sigset_t none;

    memcpy(name, w->name, sizeof(name));

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || chdir(w->dir) != 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 ||
        dup2(said, 2) < 0) {
        _exit(127);
    }
    bound(RLIMIT_CPU, CPU_SECONDS);
    bound(RLIMIT_AS, ADDRESS_SPACE);
    bound(RLIMIT_FSIZE, OUT_BYTES_MAX);
    bound(RLIMIT_CORE, 0);
    execvp(argv[0], argv);
    _exit(127);
}

/* Reads what the child says until it ends; what is too much is read and dropped. */
static err_t listen_to(int said, struct buf *out)
{
    uint64_t until = clock_mono_ns() + PATIENCE_NS;
    struct pollfd fd = {.fd = said, .events = POLLIN};
    char piece[1024];

    for (;;) {
        uint64_t now = clock_mono_ns();
        ENSURE(now < until, ERR_LIMIT);
        if (poll(&fd, 1, (int)((until - now) / NS_PER_MS) + 1) <= 0) {
            continue;
        }
        ssize_t n = read(said, piece, sizeof(piece));
        if (n <= 0) {
            return ERR_OK;
        }
        if (out->len < SAID_BYTES_MAX) {
            TRY(buf_append(out, span_of(piece, (size_t)n)));
        }
    }
}

static err_t run_child(const struct work *w, struct buf *said, int *ret_status)
{
    int ends[2];

    ENSURE(pipe2(ends, O_CLOEXEC) == 0, ERR_IO);
    pid_t child = fork();
    if (child == 0) {
        become_protoc(w, ends[1]);
    }
    close(ends[1]);
    err_t err = child < 0 ? ERR_IO : listen_to(ends[0], said);
    close(ends[0]);
    ENSURE(child >= 0, ERR_IO);
    if (err != ERR_OK) {
        kill(child, SIGKILL);
    }
    while (waitpid(child, ret_status, 0) < 0 && errno == EINTR) {
    }
    return err;
}

/* "NAME:3:8: " or "NAME:3:8: warning: ": the length of that, 0 if it is none. */
static size_t place_in(struct span line)
{
    size_t at = span_find(line, ':');

    for (unsigned i = 0; i < 2; i++) {
        size_t from = ++at;
        while (at < line.len && line.at[at] >= '0' && line.at[at] <= '9') {
            at++;
        }
        if (at >= line.len || at == from || line.at[at] != ':') {
            return 0;
        }
    }
    return at + 1;
}

static bool is_warning(struct span line, size_t place)
{
    static const struct span own = SPAN_LIT("[libprotobuf WARNING");
    static const struct span other = SPAN_LIT(" warning:");
    struct span rest = span_skip(line, place);

    return span_equal(span_head(line, own.len), own) ||
           (place > 0 && span_equal(span_head(rest, other.len), other));
}

/* protoc's first complaint: "schema.proto:3:8: …"; if there is none with a place, the first that is
 * no warning, else whatever it said first. */
static struct span find_complaint(struct span text)
{
    struct span first = span_head(text, span_find(text, '\n'));
    struct span plain = {NULL, 0};

    while (text.len > 0) {
        struct span line = span_head(text, span_find(text, '\n'));
        size_t place = place_in(line);
        bool warns = is_warning(line, place);
        if (place > 0 && !warns) {
            return line;
        }
        plain = plain.at == NULL && !warns && line.len > 0 ? line : plain;
        text = span_skip(text, line.len < text.len ? line.len + 1 : line.len);
    }
    return plain.at != NULL ? plain : first;
}

static void explain(const struct buf *said, int status, struct schema_why *ret_why)
{
    struct span line = said->len == 0 ? span_of("", 0) : find_complaint(buf_span(said));

    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        schema_why_set(ret_why, "the program protoc cannot be run here");
    } else if (line.len == 0) {
        schema_why_set(ret_why, "protoc gave up (%s %d)", WIFSIGNALED(status) ? "signal" : "status",
                       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    } else {
        schema_why_set(ret_why, "%.*s", (int)(line.len < 400 ? line.len : 400), line.at);
    }
}

static err_t compile_in(const struct work *w, struct schema_why *ret_why, struct buf *ret)
{
    struct buf said = {0};
    int status = 0;
    err_t err = run_child(w, &said, &status);

    if (err == ERR_LIMIT) {
        schema_why_set(ret_why, "protoc took longer than %u s", (unsigned)(PATIENCE_NS / NS_PER_S));
    }
    if (err == ERR_OK && status != 0) {
        explain(&said, status, ret_why);
        err = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ERR_IO : ERR_SYNTAX;
    }
    buf_done(&said);
    return err == ERR_OK ? read_out(w->dir, ret) : err;
}

err_t registry_protoc_run(struct span text, const struct registry_refs *refs,
                          struct schema_why *ret_why, struct buf *ret_descriptors)
{
    const char *base = getenv("TMPDIR");
    struct work w;
    struct buf out = {0};

    if (base == NULL || base[0] != '/' || strlen(base) > 200) {
        base = "/tmp";
    }
    snprintf(w.dir, sizeof(w.dir), "%s/cordwood-registry-XXXXXX", base);
    ENSURE(mkdtemp(w.dir) != NULL, ERR_IO);
    choose_name(refs, w.name);
    err_t err = write_all(&w, text, refs, ret_why);
    if (err == ERR_OK) {
        err = compile_in(&w, ret_why, &out);
    }
    IGNORE(nftw(w.dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0, "nothing else can be done");
    if (err == ERR_OK) {
        buf_done(ret_descriptors);
        *ret_descriptors = out;
        return ERR_OK;
    }
    buf_done(&out);
    return err;
}
