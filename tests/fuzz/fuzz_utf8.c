/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes: what is valid is left alone by the repair, what is repaired is valid, the text up to
 * the first bad byte stays, and a cut never makes valid text invalid. */
#include "base/buf.h"
#include "base/limits.h"
#include "wire/utf8.h"

#include <stdint.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX (64u * KIB)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check(struct span s, struct arena *a)
{
    enum text_form form = TEXT_JSON;
    size_t good = utf8_valid_prefix(s);
    struct span repaired = utf8_repair(s, a);

    require(good <= s.len);
    require(utf8_classify(s, &form) == (good == s.len));
    require(utf8_valid_prefix(repaired) == repaired.len);
    require(repaired.len <= s.len * 3);
    require(span_starts_with(repaired, span_head(s, good)));
    require((good == s.len) == span_equal(s, repaired));
    for (size_t at = 0; at < repaired.len; at += 1 + at / 8) {
        size_t cut = utf8_cut(repaired, at);
        require(cut <= at && at - cut < 4);
        require(utf8_valid_prefix(span_head(repaired, cut)) == cut);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    struct buf input = {0};

    if (size > INPUT_BYTES_MAX) {
        return 0;
    }
    if (arena.at == NULL) {
        require(arena_init(&arena, INPUT_BYTES_MAX * 4) == ERR_OK);
    }
    arena_reset(&arena);
    require(buf_reserve(&input, size + 1) == ERR_OK);
    require(buf_append(&input, span_of((const char *)data, size)) == ERR_OK);
    memset(input.at + size, 0xbf, SPAN_SLACK_BYTES);
    check(buf_span(&input), &arena);
    buf_done(&input);
    return 0;
}
