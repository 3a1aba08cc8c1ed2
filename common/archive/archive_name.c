/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_name: names are made and taken apart here only. A name is read from the left as far as
 * the instance, which is compared with ours, and then by fixed widths, so that no instance's names
 * can be taken for another's. */
#include "archive/archive_name.h"

#include "base/limits.h"
#include "base/rfc3339.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SECONDS_A_DAY 86400u
#define NUMBER_MAX    99999999u
#define SHARD_MAX     65535u /* what an index frame can hold */
#define FORM_ROOM     16u    /* kept free behind a final path for the working forms */

static const char *const form_suffix[] = {
    [ARCHIVE_NAME_FINAL] = "",
    [ARCHIVE_NAME_OPEN] = ".open",
    [ARCHIVE_NAME_REPACK] = ".repack",
    [ARCHIVE_NAME_TAIL] = ".tail",
};
#define FORM_COUNT (sizeof(form_suffix) / sizeof(form_suffix[0]))

static const char *const families[] = {"log", "rejected", "recovered"};
#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

/* A name and where its parts lie. */
struct parts {
    struct archive_name name;
    const char *shard;  /* behind "FAMILY_[INSTANCE_]" */
    const char *number; /* behind the time: "_N." or "." */
    const char *suffix; /* "jsonl.zst…" */
};

static bool take_text(const char **at, const char *text)
{
    size_t len = strlen(text);
    bool same = strncmp(*at, text, len) == 0;

    *at += same ? len : 0;
    return same;
}

/* A decimal number without leading zeros. */
static bool take_number(const char **at, unsigned max, unsigned *ret)
{
    const char *p = *at;
    uint64_t value = 0;

    while (*p >= '0' && *p <= '9' && value <= max) {
        value = value * 10 + (unsigned)(*p - '0');
        p++;
    }
    if (p == *at || value > max || (**at == '0' && p - *at > 1)) {
        return false;
    }
    *at = p;
    *ret = (unsigned)value;
    return true;
}

/* Exactly `width` digits. */
static bool take_digits(const char **at, unsigned width, unsigned *ret)
{
    unsigned value = 0;

    for (unsigned i = 0; i < width; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (unsigned)(c - '0');
    }
    *at += width;
    *ret = value;
    return true;
}

/* Days since 1970, or false if there is no such date from then on. */
static bool date_to_days(unsigned year, unsigned month, unsigned day, int64_t *ret_days)
{
    int back_year;
    int back_month;
    int back_day;
    int64_t days = rfc3339_days_from_date((int)year, (int)month, (int)day);

    if (month < 1 || month > 12) {
        return false;
    }
    rfc3339_date_from_days(days, &back_year, &back_month, &back_day);
    *ret_days = days;
    return days >= 0 && back_year == (int)year && back_month == (int)month && back_day == (int)day;
}

/* YYYYmmdd_HHMMSS */
static bool take_time(const char **at, uint64_t *ret_time_s)
{
    unsigned year;
    unsigned month;
    unsigned day;
    unsigned hour;
    unsigned minute;
    unsigned second;
    int64_t days;

    if (!take_digits(at, 4, &year) || !take_digits(at, 2, &month) || !take_digits(at, 2, &day) ||
        !take_text(at, "_") || !take_digits(at, 2, &hour) || !take_digits(at, 2, &minute) ||
        !take_digits(at, 2, &second) || hour > 23 || minute > 59 || second > 59 ||
        !date_to_days(year, month, day, &days)) {
        return false;
    }
    *ret_time_s = (uint64_t)days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    return true;
}

/* "FAMILY_[INSTANCE_]" */
static bool take_family(const struct archive_config *config, const char **at, char *ret_family)
{
    for (size_t i = 0; i < FAMILY_COUNT; i++) {
        const char *p = *at;
        if (take_text(&p, families[i]) && take_text(&p, "_") &&
            (config->instance[0] == '\0' ||
             (take_text(&p, config->instance) && take_text(&p, "_")))) {
            *at = p;
            memcpy(ret_family, families[i], strlen(families[i]) + 1);
            return true;
        }
    }
    return false;
}

/* "SUFFIX.zst" */
static bool take_suffix(const struct archive_config *config, const char *family, const char **at)
{
    const char *const suffixes[] = {"jsonl", "csv", "log", config->suffix};
    size_t count = strcmp(family, "log") == 0 ? sizeof(suffixes) / sizeof(suffixes[0]) : 1;

    for (size_t i = 0; i < count; i++) {
        const char *p = *at;
        if (take_text(&p, suffixes[i]) && take_text(&p, ".zst")) {
            *at = p;
            return true;
        }
    }
    return false;
}

static bool take_form(const char *at, enum archive_name_state *ret)
{
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(at, form_suffix[i]) == 0) {
            *ret = (enum archive_name_state)i;
            return true;
        }
    }
    return false;
}

static err_t parts_of(const struct archive_config *config, const char *text, struct parts *ret)
{
    struct parts p = {0};
    const char *at = text;

    ENSURE(take_family(config, &at, p.name.family), ERR_UNKNOWN);
    p.shard = at;
    ENSURE(take_number(&at, SHARD_MAX, &p.name.shard) && take_text(&at, "_"), ERR_UNKNOWN);
    ENSURE(take_time(&at, &p.name.time_s), ERR_UNKNOWN);
    p.number = at;
    if (take_text(&at, "_")) {
        ENSURE(take_number(&at, NUMBER_MAX, &p.name.number) && p.name.number > 0, ERR_UNKNOWN);
    }
    ENSURE(take_text(&at, "."), ERR_UNKNOWN);
    p.suffix = at;
    ENSURE(take_suffix(config, p.name.family, &at), ERR_UNKNOWN);
    ENSURE(take_form(at, &p.name.state), ERR_UNKNOWN);
    *ret = p;
    return ERR_OK;
}

err_t archive_name_parse(const struct archive_config *config, const char *name,
                         struct archive_name *ret)
{
    struct parts p;

    TRY(parts_of(config, name, &p));
    *ret = p.name;
    return ERR_OK;
}

void archive_name_form(const char *path, enum archive_name_state state,
                       char ret[ARCHIVE_PATH_BYTES])
{
    size_t len = strlen(path);
    size_t form_len = strlen(form_suffix[state]);

    assert(len + form_len < ARCHIVE_PATH_BYTES);
    memmove(ret, path, len);
    memcpy(ret + len, form_suffix[state], form_len + 1);
}

void archive_name_final(const char *path, enum archive_name_state state,
                        char ret[ARCHIVE_PATH_BYTES])
{
    size_t len = strlen(path) - strlen(form_suffix[state]);

    assert(strcmp(path + len, form_suffix[state]) == 0 && len < ARCHIVE_PATH_BYTES);
    memmove(ret, path, len);
    ret[len] = '\0';
}

void archive_name_folder(const char *path, char ret[ARCHIVE_PATH_BYTES])
{
    const char *slash = strrchr(path, '/');

    assert(slash != NULL && slash != path);
    memcpy(ret, path, (size_t)(slash - path));
    ret[slash - path] = '\0';
}

err_t archive_name_sync_folder(const struct archive_config *config, const char *path)
{
    char folder[ARCHIVE_PATH_BYTES];

    if (config->fsync == ARCHIVE_FSYNC_NONE) {
        return ERR_OK;
    }
    archive_name_folder(path, folder);
    return config->io->sync_dir(config->io->arg, folder) == 0 ? ERR_OK : ERR_IO;
}

const char *archive_name_relative(const struct archive_config *config, const char *path)
{
    size_t len = strlen(config->data_dir);

    assert(strncmp(path, config->data_dir, len) == 0 && path[len] == '/');
    return path + len + 1;
}

err_t archive_name_exists(const struct archive_config *config, const char *path, bool *ret)
{
    const struct archive_io *io = config->io;
    int fd = io->open(io->arg, path, O_PATH | O_NOFOLLOW, 0);

    if (fd < 0) {
        ENSURE(errno == ENOENT, ERR_IO);
        *ret = false;
        return ERR_OK;
    }
    io->close(io->arg, fd);
    *ret = true;
    return ERR_OK;
}

/* Whether `path` exists in none of the forms from `first` on, NAME itself included. */
static err_t name_is_free(const struct archive_config *config, const char *path, bool *ret)
{
    static const enum archive_name_state forms[] = {ARCHIVE_NAME_FINAL, ARCHIVE_NAME_OPEN,
                                                    ARCHIVE_NAME_REPACK, ARCHIVE_NAME_TAIL};
    char form[ARCHIVE_PATH_BYTES];
    bool taken = false;

    for (size_t i = 0; i < FORM_COUNT && !taken; i++) {
        archive_name_form(path, forms[i], form);
        TRY(archive_name_exists(config, form, &taken));
    }
    *ret = !taken;
    return ERR_OK;
}

static err_t refused(int why)
{
    errno = why;
    return ERR_IO;
}

/* The final path of a name of our own, in the configured layout. */
static err_t name_path(const struct archive_config *config, const struct archive_name *name,
                       char ret[ARCHIVE_PATH_BYTES])
{
    const char *suffix = strcmp(name->family, "log") == 0 ? config->suffix : "jsonl";
    unsigned second = (unsigned)(name->time_s % SECONDS_A_DAY);
    char folder[32] = "";
    char number[16] = "";
    int year;
    int month;
    int day;

    rfc3339_date_from_days((int64_t)(name->time_s / SECONDS_A_DAY), &year, &month, &day);
    if (config->layout == ARCHIVE_LAYOUT_DAILY) {
        snprintf(folder, sizeof(folder), "%04d-%02d-%02d/", year, month, day);
    }
    if (name->number > 0) {
        snprintf(number, sizeof(number), "_%u", name->number);
    }
    int len = snprintf(ret, ARCHIVE_PATH_BYTES, "%s/%s%s_%s%s%u_%04d%02d%02d_%02u%02u%02u%s.%s.zst",
                       config->data_dir, folder, name->family, config->instance,
                       config->instance[0] == '\0' ? "" : "_", name->shard, year, month, day,
                       second / 3600, second / 60 % 60, second % 60, number, suffix);
    return len > 0 && (size_t)len < ARCHIVE_PATH_BYTES - FORM_ROOM ? ERR_OK : refused(ENAMETOOLONG);
}

static err_t make_folder(const struct archive_config *config, const char *path)
{
    const struct archive_io *io = config->io;
    char folder[ARCHIVE_PATH_BYTES];

    if (config->layout != ARCHIVE_LAYOUT_DAILY) {
        return ERR_OK;
    }
    archive_name_folder(path, folder);
    ENSURE(io->mkdir(io->arg, folder, 0750) == 0 || errno == EEXIST, ERR_IO);
    /* One that exists may be of a call whose sync failed. */
    if (config->fsync != ARCHIVE_FSYNC_NONE) {
        ENSURE(io->sync_dir(io->arg, config->data_dir) == 0, ERR_IO);
    }
    return ERR_OK;
}

/* Undoes the creation of an .open file, keeping errno. */
static void drop_open(const struct archive_config *config, const char *open_path, int fd)
{
    const struct archive_io *io = config->io;
    int why = errno;

    IGNORE(io->unlink(io->arg, open_path), "recovery removes an .open file without a frame");
    io->close(io->arg, fd);
    errno = why;
}

/* Creates path + ".open". ERR_EXISTS: the name is taken. */
static err_t create_open(const struct archive_config *config, const char *path, int *ret_fd)
{
    const struct archive_io *io = config->io;
    char open_path[ARCHIVE_PATH_BYTES];
    bool is_free;
    bool taken;

    TRY(name_is_free(config, path, &is_free));
    ENSURE(is_free, ERR_EXISTS);
    archive_name_form(path, ARCHIVE_NAME_OPEN, open_path);
    int fd = io->open(io->arg, open_path, O_RDWR | O_CREAT | O_EXCL, 0640);
    if (fd < 0) {
        return errno == EEXIST ? ERR_EXISTS : ERR_IO;
    }
    /* A file with this name may have been published between the check and the creation. */
    err_t err = archive_name_exists(config, path, &taken);
    if (err != ERR_OK || taken) {
        drop_open(config, open_path, fd);
        return err != ERR_OK ? err : ERR_EXISTS;
    }
    *ret_fd = fd;
    return ERR_OK;
}

err_t archive_name_create(const struct archive_config *config, const struct archive_name_want *want,
                          char ret_path[ARCHIVE_PATH_BYTES], int *ret_fd)
{
    struct archive_name name = {.shard = want->shard, .time_s = want->wall_ns / NS_PER_S};
    char path[ARCHIVE_PATH_BYTES];
    int fd = -1;
    err_t err;

    assert(strlen(want->family) < sizeof(name.family) && want->shard <= SHARD_MAX);
    ENSURE(strchr(config->instance, '/') == NULL, refused(EINVAL));
    memcpy(name.family, want->family, strlen(want->family) + 1);
    TRY(name_path(config, &name, path));
    TRY(make_folder(config, path));
    while ((err = create_open(config, path, &fd)) == ERR_EXISTS && name.number < NUMBER_MAX) {
        name.number++;
        TRY(name_path(config, &name, path));
    }
    if (err != ERR_OK) {
        return ERR_IO;
    }
    memcpy(ret_path, path, strlen(path) + 1);
    *ret_fd = fd;
    return ERR_OK;
}

err_t archive_name_next(const struct archive_config *config, const char *path,
                        char ret[ARCHIVE_PATH_BYTES])
{
    struct parts p;
    char next[ARCHIVE_PATH_BYTES];
    bool is_free = false;

    if (parts_of(config, strrchr(path, '/') + 1, &p) != ERR_OK) {
        return refused(EINVAL);
    }
    for (unsigned number = p.name.number + 1; number <= NUMBER_MAX && !is_free; number++) {
        int len = snprintf(next, sizeof(next), "%.*s_%u.%s", (int)(p.number - path), path, number,
                           p.suffix);
        ENSURE(len > 0 && (size_t)len < sizeof(next) - FORM_ROOM, refused(ENAMETOOLONG));
        TRY(name_is_free(config, next, &is_free));
    }
    if (!is_free) {
        return refused(EEXIST);
    }
    memcpy(ret, next, strlen(next) + 1);
    return ERR_OK;
}

/* Which of the files that may have equal shard, time and number this one is: 0..3. */
static unsigned source_rank(const struct parts *p)
{
    const char *at = p->suffix;

    if (strcmp(p->name.family, "log") != 0) {
        return 3;
    }
    return take_text(&at, "csv.") ? 1 : take_text(&at, "log.") ? 2 : 0;
}

err_t archive_name_recovered(const struct archive_config *config, const char *path,
                             char ret[ARCHIVE_PATH_BYTES])
{
    const char *base = strrchr(path, '/') + 1;
    struct parts p;
    char number[16] = "";

    TRY(parts_of(config, base, &p));
    unsigned unique = p.name.number * 4 + source_rank(&p);
    if (unique > 0) {
        snprintf(number, sizeof(number), "_%u", unique);
    }
    int len =
        snprintf(ret, ARCHIVE_PATH_BYTES, "%.*srecovered_%s%s%.*s%s.jsonl.zst", (int)(base - path),
                 path, config->instance, config->instance[0] == '\0' ? "" : "_",
                 (int)(p.number - p.shard), p.shard, number);
    return len > 0 && (size_t)len < ARCHIVE_PATH_BYTES - FORM_ROOM ? ERR_OK : refused(ENAMETOOLONG);
}

/* YYYY-mm-dd */
static bool is_day(const char *name)
{
    unsigned year;
    unsigned month;
    unsigned day;
    int64_t days;

    return take_digits(&name, 4, &year) && take_text(&name, "-") && take_digits(&name, 2, &month) &&
           take_text(&name, "-") && take_digits(&name, 2, &day) && *name == '\0' &&
           date_to_days(year, month, day, &days);
}

/* Links are not followed: whoever can make one must not redirect what we delete or cut. */
static bool entry_is(DIR *dir, const struct dirent *entry, unsigned char type, mode_t mode)
{
    struct stat st;

    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == type;
    }
    return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           (st.st_mode & S_IFMT) == mode;
}

static err_t join(const char *folder, const char *name, char ret[ARCHIVE_PATH_BYTES])
{
    int len = snprintf(ret, ARCHIVE_PATH_BYTES, "%s/%s", folder, name);

    return len > 0 && (size_t)len < ARCHIVE_PATH_BYTES - FORM_ROOM ? ERR_OK : refused(ENAMETOOLONG);
}

/* The archive files right in one directory. */
static err_t walk_folder(const struct archive_config *config, const char *folder,
                         archive_name_fn each, void *arg)
{
    DIR *dir = opendir(folder);
    char path[ARCHIVE_PATH_BYTES];
    struct archive_name name;
    err_t err = ERR_OK;

    ENSURE(dir != NULL, ERR_IO);
    errno = 0;
    for (struct dirent *e = readdir(dir); e != NULL && err == ERR_OK; e = readdir(dir)) {
        if (archive_name_parse(config, e->d_name, &name) == ERR_OK &&
            entry_is(dir, e, DT_REG, S_IFREG)) {
            err = join(folder, e->d_name, path);
            err = err == ERR_OK ? each(arg, path, &name) : err;
        }
        errno = err == ERR_OK ? 0 : errno;
    }
    int why = errno;
    closedir(dir);
    errno = why;
    return err == ERR_OK && why != 0 ? ERR_IO : err;
}

err_t archive_name_walk(const struct archive_config *config, archive_name_fn each, void *arg)
{
    char path[ARCHIVE_PATH_BYTES];
    err_t err = walk_folder(config, config->data_dir, each, arg);

    ENSURE(err == ERR_OK, err);
    DIR *dir = opendir(config->data_dir);
    ENSURE(dir != NULL, ERR_IO);
    errno = 0;
    for (struct dirent *e = readdir(dir); e != NULL && err == ERR_OK; e = readdir(dir)) {
        if (is_day(e->d_name) && entry_is(dir, e, DT_DIR, S_IFDIR)) {
            err = join(config->data_dir, e->d_name, path);
            err = err == ERR_OK ? walk_folder(config, path, each, arg) : err;
        }
        errno = err == ERR_OK ? 0 : errno;
    }
    int why = errno;
    closedir(dir);
    errno = why;
    return err == ERR_OK && why != 0 ? ERR_IO : err;
}
