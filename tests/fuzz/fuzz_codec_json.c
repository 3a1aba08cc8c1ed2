/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a JSON record of the contract and as an NDJSON line. Another parser must agree about
 * what is JSON; what is accepted becomes one line in each output form; a JSON line is accepted
 * again and, of the contract, comes out the same. */
#include "codec/codec_json.h"
#include "tests/support/one_record.h"
#include "tests/support/oracle.h"

#include <assert.h>
#include <stdlib.h>

/* What the rules of the archive allow at most; longer inputs only slow the search down. */
#define INPUT_BYTES_MAX (16u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct one_record strict;
static struct one_record line;
static struct one_record again;

static void init_once(void)
{
    if (strict.codec == NULL) {
        one_record_init(&strict, codec_json_entry);
        one_record_init(&line, codec_json_line);
        one_record_init(&again, codec_json_entry);
    }
}

/* What we call bad JSON another parser must not accept as an object, and the other way round. */
static void compare_with_oracle(struct span input, enum reason reason)
{
    json_t *root = NULL;
    enum oracle_verdict verdict = oracle_judge(input, &root);
    bool object = verdict == ORACLE_GOOD && json_is_object(root);
    bool refused = reason == REASON_BAD_JSON || reason == REASON_BAD_UTF8;

    if (verdict == ORACLE_GOOD) {
        json_decref(root);
    }
    if (verdict != ORACLE_MUTE && reason != REASON_TOO_DEEP && refused == object) {
        abort();
    }
}

static void render_other_forms(struct one_record *r, struct span input)
{
    static const char *const forms[] = {"csv", "text"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        r->out = forms[i];
        if (one_record_run(r, input) != REASON_NONE) {
            abort();
        }
    }
    r->out = "jsonl";
}

static void check_strict(struct span input)
{
    enum reason reason = one_record_run(&strict, input);

    compare_with_oracle(input, reason);
    if (reason != REASON_NONE) {
        return;
    }
    struct span first = buf_span(&strict.line);
    oracle_require_object(first);
    if (one_record_run(&again, span_head(first, first.len - 1)) != REASON_NONE ||
        !span_equal(first, buf_span(&again.line))) {
        abort();
    }
    render_other_forms(&strict, input);
}

/* A normalised line may hold an unknown level or an empty message, so only its JSON is judged. */
static void check_line(struct span input)
{
    if (one_record_run(&line, input) != REASON_NONE) {
        return;
    }
    struct span first = buf_span(&line.line);
    oracle_require_object(first);
    enum reason reason = one_record_run(&again, first);
    if (reason == REASON_BAD_JSON || reason == REASON_BAD_UTF8 || reason == REASON_TOO_DEEP ||
        reason == REASON_MISSING_TIMESTAMP || reason == REASON_BAD_TIMESTAMP) {
        abort();
    }
    render_other_forms(&line, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);

    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    init_once();
    check_strict(input);
    check_line(input);
    return 0;
}
