/* SPDX-License-Identifier: Apache-2.0
 *
 * Every case of the official JSON Schema test suite for draft 2020-12, against compiler and
 * checker. What is skipped is named below, each with its reason; a skipped group that would pass
 * fails the test. Where the suite lies is told by the environment (CORDWOOD_SHARED); without it the
 * test is skipped. */
#include "base/limits.h"
#include "check/check_json.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define SKIPPED    77
#define PATH_BYTES 4096u
#define FILE_BYTES 5000u
#define ARENA      (64u * MIB)

/* 16 digits: with 17, jansson would write 0.0075 as 0.0074999999999999997. */
#define DUMP_FLAGS (JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(16))

#define REMOTE     "needs a document that is not in the schema"
#define METASCHEMA "needs the metaschema as a document"
#define VOCABULARY "needs a metaschema of its own with $vocabulary"

static const struct skip {
    const char *file;
    const char *group; /* NULL: every group of the file */
    const char *reason;
} skips[] = {
    {"defs.json", "validate definition against metaschema", METASCHEMA},
    {"dynamicRef.json", "strict-tree schema, guards against misspelled properties", REMOTE},
    {"dynamicRef.json", "tests for implementation dynamic anchor and reference link", REMOTE},
    {"dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $defs first", REMOTE},
    {"dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $ref first", REMOTE},
    {"dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor", REMOTE},
    {"ref.json", "remote ref, containing refs itself", METASCHEMA},
    {"refRemote.json", NULL, REMOTE},
    {"vocabulary.json", NULL, VOCABULARY},
};

struct totals {
    unsigned passed;
    unsigned failed;
    unsigned skipped;
};

struct suite {
    struct check_json check;
    struct arena arena;
    struct totals totals;
};

static const struct skip *find_skip(const char *file, const char *group)
{
    for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
        if (strcmp(skips[i].file, file) == 0 &&
            (skips[i].group == NULL || strcmp(skips[i].group, group) == 0)) {
            return &skips[i];
        }
    }
    return NULL;
}

/* The JSON text of a value, readable for SPAN_SLACK_BYTES behind it. */
static char *dump(const json_t *value, size_t *ret_len)
{
    size_t len = json_dumpb(value, NULL, 0, DUMP_FLAGS);
    char *text = calloc(1, len + SPAN_SLACK_BYTES);

    if (text == NULL || json_dumpb(value, text, len, DUMP_FLAGS) != len) {
        abort();
    }
    *ret_len = len;
    return text;
}

static bool judge(struct suite *s, const struct schema_json *schema, const json_t *data)
{
    const char *detail = NULL;
    size_t len = 0;
    char *text = dump(data, &len);
    bool valid = check_json_text(&s->check, schema, span_of(text, len), &s->arena, &detail);

    if (s->arena.used != 0 || (!valid && detail[0] == '\0')) {
        fprintf(stderr, "an arena that is not rewound, or no reason\n");
        s->totals.failed++;
    }
    free(text);
    return valid;
}

/* How many cases of a group have the right verdict. */
static size_t run_cases(struct suite *s, const char *where, const json_t *group, bool quiet)
{
    const json_t *tests = json_object_get(group, "tests");
    struct schema_why why = {0};
    struct schema_json *schema = NULL;
    size_t len = 0;
    size_t right = 0;
    char *text = dump(json_object_get(group, "schema"), &len);
    err_t err = schema_json_compile(span_of(text, len), &why, &schema);

    free(text);
    if (err != ERR_OK) {
        if (!quiet) {
            printf("FAIL %s: %s: %s\n", where, err_name(err), why.text);
        }
        return 0;
    }
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        bool valid = judge(s, schema, json_object_get(test, "data"));
        bool good = valid == json_is_true(json_object_get(test, "valid"));
        right += good;
        if (!good && !quiet) {
            printf("FAIL %s: %s\n", where, json_string_value(json_object_get(test, "description")));
        }
    }
    schema_json_free(schema);
    return right;
}

static void run_group(struct suite *s, const char *file, const json_t *group)
{
    const char *name = json_string_value(json_object_get(group, "description"));
    size_t count = json_array_size(json_object_get(group, "tests"));
    const struct skip *skip = find_skip(file, name);
    char where[FILE_BYTES];

    snprintf(where, sizeof(where), "%s: %s", file, name);
    size_t right = run_cases(s, where, group, skip != NULL);
    if (skip == NULL) {
        s->totals.passed += (unsigned)right;
        s->totals.failed += (unsigned)(count - right);
        return;
    }
    s->totals.skipped += (unsigned)count;
    printf("skip %s (%zu cases): %s\n", where, count, skip->reason);
    if (right == count) {
        printf("FAIL %s: skipped, but it passes\n", where);
        s->totals.failed++;
    }
}

static void run_file(struct suite *s, const char *directory, const char *file)
{
    char path[FILE_BYTES];
    json_error_t error;

    snprintf(path, sizeof(path), "%s/%s", directory, file);
    json_t *groups = json_load_file(path, JSON_ALLOW_NUL, &error);
    if (groups == NULL) {
        printf("FAIL %s: %s\n", path, error.text);
        s->totals.failed++;
        return;
    }
    for (size_t i = 0; i < json_array_size(groups); i++) {
        run_group(s, file, json_array_get(groups, i));
    }
    json_decref(groups);
}

static void run_directory(struct suite *s, const char *path, DIR *dir)
{
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        size_t len = strlen(e->d_name);
        if (len > 5 && strcmp(e->d_name + len - 5, ".json") == 0) {
            run_file(s, path, e->d_name);
        }
    }
}

int main(void)
{
    const char *shared = getenv("CORDWOOD_SHARED");
    char path[PATH_BYTES];
    struct suite s = {0};

    snprintf(path, sizeof(path), "%s/data/json-schema-test-suite/draft2020-12",
             shared == NULL ? "../shared" : shared);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        printf("skipped: no test suite at %s\n", path);
        return SKIPPED;
    }
    if (check_json_init(&s.check) != ERR_OK || arena_init(&s.arena, ARENA) != ERR_OK) {
        return EXIT_FAILURE;
    }
    run_directory(&s, path, dir);
    closedir(dir);
    arena_done(&s.arena);
    check_json_done(&s.check);
    printf("JSON Schema 2020-12: %u passed, %u failed, %u skipped\n", s.totals.passed,
           s.totals.failed, s.totals.skipped);
    return s.totals.failed == 0 && s.totals.passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
