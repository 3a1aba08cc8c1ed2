/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_flat: a code point is 1 to 12 bytes of text as it was sent (a pair of escapes), so a
 * length is nearly always known to be good without counting. */
#include "check/check_json_flat.h"

#include "check/check_json_format.h"
#include "check/check_json_string.h"
#include "wire/json_text.h"

/* Whether the text is there and of a length that needs no second look. */
static inline bool surely_good(const struct schema_json_flat_field *f, struct text t)
{
    return (t.at != NULL) & (t.len >= f->good_bytes_min) & (t.len <= f->good_bytes_max);
}

static bool format_holds(enum schema_json_format format, struct text t, struct arena *arena)
{
    size_t before = arena->used;

    if (t.form != TEXT_JSON) {
        return check_json_format_holds(format, text_span(t));
    }
    char *out = arena_alloc(arena, t.len);
    bool holds =
        out != NULL && check_json_format_holds(format, span_of(out, json_text_decode(t, out)));
    arena_rewind(arena, before);
    return holds;
}

/* The text of the rule that the field breaks; NULL: it breaks none. */
static const char *broken_rule(const struct schema_json_flat_field *f, struct text t,
                               struct arena *arena)
{
    if (surely_good(f, t)) {
        return NULL;
    }
    if (t.at == NULL) {
        return f->required ? f->required_detail : NULL;
    }
    if (f->never) {
        return f->never_detail;
    }
    if (f->min_length > 0 && check_json_string_length(t) < f->min_length) {
        return f->min_detail;
    }
    if (t.len > f->max_length && check_json_string_length(t) > f->max_length) {
        return f->max_detail;
    }
    if (f->format != JSON_FORMAT_NONE &&
        !format_holds((enum schema_json_format)f->format, t, arena)) {
        return f->format_detail;
    }
    return NULL;
}

/* The first rule that is broken, with a second look at each field. */
static const char *first_broken(const struct schema_json_flat *flat, const struct record *rec,
                                struct arena *arena)
{
    const struct text texts[FLAT_COUNT] = {
        [FLAT_TIMESTAMP] = rec->timestamp,
        [FLAT_LEVEL] = rec->level,
        [FLAT_MESSAGE] = rec->message,
        [FLAT_SERVICE] = rec->service,
    };
    const char *broken = NULL;

    for (uint32_t i = 0; broken == NULL && i < FLAT_COUNT; i++) {
        broken = broken_rule(&flat->fields[i], texts[i], arena);
    }
    return broken;
}

bool check_json_flat_holds(const struct schema_json_flat *flat, const struct record *rec,
                           struct arena *arena, const char **ret_detail)
{
    if (surely_good(&flat->fields[FLAT_TIMESTAMP], rec->timestamp) &&
        surely_good(&flat->fields[FLAT_LEVEL], rec->level) &&
        surely_good(&flat->fields[FLAT_MESSAGE], rec->message) &&
        surely_good(&flat->fields[FLAT_SERVICE], rec->service)) {
        return true;
    }
    const char *broken = first_broken(flat, rec, arena);
    if (broken != NULL) {
        *ret_detail = broken;
    }
    return broken == NULL;
}
