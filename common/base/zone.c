/* SPDX-License-Identifier: Apache-2.0
 *
 * zone: a look-up is a binary search for the change before the local time, and a look at its
 * neighbours: an offset is at most 26 hours, and nowhere does it change more often than that. */
#include "base/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u * 1024u)
#define PATH_BYTES_MAX 1024u
#define NEIGHBOURS     2 /* changes before and behind that may matter */

static const struct zone utc = {"UTC", {1, {{INT64_MIN, 0}}}};

const struct zone *zone_utc(void)
{
    return &utc;
}

const char *zone_directory(void)
{
    const char *given = getenv("TZDIR");

    return given != NULL && given[0] == '/' ? given : ZONE_DIRECTORY;
}

static int two_digits(const char *p)
{
    bool digits = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';

    return digits ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

/* +01, +0100, +01:00 */
static err_t read_offset(struct span name, int32_t *ret)
{
    int hours = name.len >= 3 ? two_digits(name.at + 1) : -1;
    int minutes = name.len == 3                        ? 0
                  : name.len == 5                      ? two_digits(name.at + 3)
                  : name.len == 6 && name.at[3] == ':' ? two_digits(name.at + 4)
                                                       : -1;

    ENSURE(hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59, ERR_SYNTAX);
    *ret = (name.at[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return ERR_OK;
}

/* A path below the directory that cannot lead out of it. */
static bool is_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
        bool slash = c == '/' && i > 0 && i + 1 < name.len && name.at[i - 1] != '/';
        if (!letter && !slash && c != '_' && c != '-' && c != '+') {
            return false;
        }
    }
    return name.len > 0 && name.len <= ZONE_NAME_BYTES_MAX;
}

static err_t read_file(int fd, char *bytes, size_t *ret_len)
{
    size_t len = 0;

    while (len < FILE_BYTES_MAX) {
        ssize_t got = read(fd, bytes + len, FILE_BYTES_MAX - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        ENSURE(got >= 0, ERR_IO);
        if (got == 0) {
            *ret_len = len;
            return ERR_OK;
        }
        len += (size_t)got;
    }
    return ERR_IO; /* no zone is as long */
}

static err_t load_file(struct span name, struct tzif *ret)
{
    char path[PATH_BYTES_MAX];
    size_t directory = strlen(zone_directory());
    size_t len = 0;

    ENSURE(directory + 1 + name.len < sizeof(path), ERR_SYNTAX);
    memcpy(path, zone_directory(), directory);
    path[directory] = '/';
    memcpy(path + directory + 1, name.at, name.len);
    path[directory + 1 + name.len] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(fd >= 0, errno == ENOENT || errno == ENOTDIR ? ERR_UNKNOWN : ERR_IO);
    char *bytes = malloc(FILE_BYTES_MAX);
    err_t err = bytes == NULL ? ERR_NOMEM : read_file(fd, bytes, &len);
    if (err == ERR_OK && tzif_read(span_of(bytes, len), ret) != ERR_OK) {
        err = ERR_IO;
    }
    free(bytes);
    close(fd);
    return err;
}

err_t zone_load(struct span name, struct zone *ret)
{
    ENSURE(name.len > 0 && name.len <= ZONE_NAME_BYTES_MAX, ERR_SYNTAX);
    memcpy(ret->name, name.at, name.len);
    ret->name[name.len] = '\0';
    ret->table.count = 1;
    ret->table.changes[0] = (struct tzif_change){INT64_MIN, 0};
    if (span_equal(name, SPAN_LIT("UTC")) || span_equal(name, SPAN_LIT("Z"))) {
        return ERR_OK;
    }
    if (name.at[0] == '+' || name.at[0] == '-') {
        return read_offset(name, &ret->table.changes[0].offset);
    }
    ENSURE(is_name(name), ERR_SYNTAX);
    return load_file(name, &ret->table);
}

/* The last change at or before `at`. */
static uint32_t find_change(const struct tzif *table, int64_t at)
{
    uint32_t low = 0;
    uint32_t high = table->count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (table->changes[middle].at <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint64_t distance(int64_t a, int64_t b)
{
    return a < b ? (uint64_t)b - (uint64_t)a : (uint64_t)a - (uint64_t)b;
}

int32_t zone_offset(const struct zone *z, int64_t local, int64_t now)
{
    const struct tzif *table = &z->table;
    uint32_t middle = find_change(table, local);
    uint32_t first = middle > NEIGHBOURS ? middle - NEIGHBOURS : 0;
    int32_t found = table->changes[first].offset;
    uint64_t nearest = UINT64_MAX;

    for (uint32_t i = first; i < table->count && i <= middle + NEIGHBOURS; i++) {
        int64_t at = local - table->changes[i].offset;
        bool begun = at >= table->changes[i].at;
        bool over = i + 1 < table->count && at >= table->changes[i + 1].at;
        if (begun && over && nearest == UINT64_MAX) {
            found = table->changes[i].offset; /* until one fits: from before the gap */
        }
        if (begun && !over && distance(at, now) < nearest) {
            nearest = distance(at, now);
            found = table->changes[i].offset;
        }
    }
    return found;
}
