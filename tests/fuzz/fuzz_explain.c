/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through --explain: what is written is one JSON object a record, numbered, in the order
 * of their offsets, each with the line that would be written, which is JSON too; and for people
 * nothing that a terminal obeys. */
#include "ingestor/explain.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define OUT_BYTES_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ingestor_cfg cfg;
static char path[64];
static int in_fd = -1;
static int out_fd = -1;
static char *out;

static void init_once(void)
{
    static char program[] = "cordwood-ingestor";
    static char option[] = "--explain";
    static char record[] = "--max-record-bytes=1KiB";
    static char message[] = "--max-message-bytes=64";
    static char field[] = "--peer-field=peer";
    char *argv[] = {program, option, path, record, message, field};
    char *env[] = {NULL};
    struct ingestor_cfg_input input = {6, argv, env};
    struct option_report report = {0};

    if (in_fd >= 0) {
        return;
    }
    in_fd = memfd_create("in", 0);
    out_fd = memfd_create("out", 0);
    out = malloc(OUT_BYTES_MAX);
    assert(in_fd >= 0 && out_fd >= 0 && out != NULL);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", in_fd);
    err_t err = ingestor_cfg_load(&input, &cfg, &report);
    assert(err == ERR_OK);
}

static struct span explain(enum ingestor_explain_format format, int *ret_status)
{
    int kept = dup(STDOUT_FILENO);

    cfg.explain_format = format;
    fflush(stdout);
    assert(kept >= 0 && ftruncate(out_fd, 0) == 0 && lseek(out_fd, 0, SEEK_SET) == 0);
    assert(dup2(out_fd, STDOUT_FILENO) >= 0);
    *ret_status = explain_run(&cfg);
    assert(dup2(kept, STDOUT_FILENO) >= 0);
    close(kept);
    ssize_t got = pread(out_fd, out, OUT_BYTES_MAX, 0);
    assert(got >= 0 && (size_t)got < OUT_BYTES_MAX && *ret_status != EXPLAIN_FAILED);
    return span_of(out, (size_t)got);
}

static json_t *parse(struct span text)
{
    json_t *object = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

    assert(object != NULL);
    return object;
}

static void check_json(struct span text, int status, size_t size)
{
    json_int_t number = 0;
    json_int_t offset = 0;
    bool rejected = false;

    while (text.len > 0) {
        struct span line = span_head(text, span_find(text, '\n'));
        json_t *told = parse(line);
        const json_t *kept = json_object_get(told, "line");
        json_decref(parse(span_of(json_string_value(kept), json_string_length(kept))));
        json_int_t at = json_integer_value(json_object_get(told, "offset"));
        assert(json_integer_value(json_object_get(told, "record")) == ++number);
        assert(at >= offset && (size_t)at <= size);
        offset = at;
        rejected = rejected || json_object_get(told, "reason") != NULL;
        json_decref(told);
        text = span_skip(text, line.len + 1);
    }
    assert(status == (rejected ? EXPLAIN_REJECTS : EXPLAIN_ALL_GOOD));
}

static void check_text(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        assert((unsigned char)text.at[i] >= ' ' || text.at[i] == '\n');
        assert(text.at[i] != '\x7f');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int status = 0;

    init_once();
    assert(ftruncate(in_fd, 0) == 0 && pwrite(in_fd, data, size, 0) == (ssize_t)size);
    struct span told = explain(INGESTOR_EXPLAIN_JSON, &status);
    check_json(told, status, size);
    check_text(explain(INGESTOR_EXPLAIN_TEXT, &status));
    return 0;
}
