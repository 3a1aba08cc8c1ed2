/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_fetch: subjects one by one, so that whoever waits for an id need not wait for all of them;
 * a registry that does not answer one question is not asked the others of the same round. */
#include "ingestor/schema_fetch.h"

#include "base/clock.h"
#include "base/log.h"
#include "schema/schema_builtin.h"

#include <string.h>

/* No request of the start begins later than this, so that the last one ends within 5 s. */
#define START_NS (3 * NS_PER_S)

/* How often the time of the last answer is stored while answers come. */
#define ANSWERED_NS (30 * NS_PER_S)

_Static_assert(START_NS + SCHEMA_REGISTRY_REQUEST_MS * NS_PER_MS <= 5 * NS_PER_S,
               "the start asks for at most 5 s");

uint32_t schema_fetch_pin_of(const struct schema_cache_config *config, const char *type,
                             enum schema_kind kind)
{
    struct schema_subject subject;

    if (schema_subject_init(&subject, span_of_str(type), kind, 0) != ERR_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < config->pin_count; i++) {
        const struct schema_cache_pin *pin = &config->pins[i];
        if (strcmp(pin->type, type) == 0 || strcmp(pin->type, subject.subject) == 0) {
            return pin->version;
        }
    }
    return 0;
}

static err_t follow(struct schema_fetch *f, const char *type, enum schema_kind kind)
{
    struct schema_subject *s = &f->subjects[f->subject_count];

    TRY(schema_subject_init(s, span_of_str(type), kind,
                            schema_fetch_pin_of(f->config, type, kind)));
    f->subject_count++;
    if (strcmp(type, SCHEMA_BUILTIN_NAME) == 0) {
        TRY(schema_type_builtin(kind, &s->in_force));
        schema_board_assign(f->env.board, s->in_force);
    }
    return f->http == NULL ? ERR_OK : schema_subject_load(s, &f->env);
}

static bool is_default_type(const struct schema_fetch *f)
{
    return strcmp(f->config->type, SCHEMA_BUILTIN_NAME) == 0;
}

/* The JSON Schema of LogEntry is always needed: it judges what was normalised. */
static err_t follow_all(struct schema_fetch *f)
{
    TRY(follow(f, SCHEMA_BUILTIN_NAME, SCHEMA_KIND_JSON));
    for (enum schema_kind kind = 0; kind < SCHEMA_KIND_COUNT; kind++) {
        if (!is_default_type(f) || kind != SCHEMA_KIND_JSON) {
            TRY(follow(f, f->config->type, kind));
        }
    }
    return ERR_OK;
}

/* Whether the pin is of a subject that is followed, or of its type. */
static bool is_followed(const struct schema_fetch *f, const char *pinned)
{
    for (uint32_t i = 0; i < f->subject_count; i++) {
        const char *subject = f->subjects[i].subject;
        if (strcmp(pinned, subject) == 0 ||
            span_equal(regapi_type_name(subject), span_of_str(pinned))) {
            return true;
        }
    }
    return false;
}

/* A pin that is misspelt would be no pin at all. */
static err_t check_pins(const struct schema_fetch *f, struct schema_why *why)
{
    const char *type = f->config->type;

    for (uint32_t i = 0; i < f->config->pin_count; i++) {
        if (!is_followed(f, f->config->pins[i].type)) {
            schema_why_set(
                why,
                "the pin %.80s is of nothing that is in use; allowed: %.80s, %.80s-json, "
                "%.80s-avro, %.80s-proto%s",
                f->config->pins[i].type, type, type, type, type,
                is_default_type(f) ? "" : ", LogEntry, LogEntry-json");
            return ERR_SYNTAX;
        }
    }
    return ERR_OK;
}

/* Makes the type of an id known, that came from the registry after so many outages, plus 1, or from
 * the shelf (0). Any error but ERR_NOMEM: it cannot be. */
static err_t keep_id(struct schema_fetch *f, const struct regapi_schema *schema, uint32_t outages,
                     struct schema_why *why)
{
    const struct schema_type_source source = {
        .kind = schema->kind,
        .name = regapi_type_name(schema->subject),
        .text = buf_span(&schema->text),
        .id = schema->id,
        .version = schema->version,
    };
    struct schema_type *type = NULL;

    const struct schema_ids_type about = {
        .asked_mono_ns = clock_mono_ns(),
        .text_bytes = schema->text.len,
        .text_sum = schema_shelf_sum(buf_span(&schema->text)),
        .compared_outages = outages,
    };

    TRY(schema_type_new(&source, why, &type));
    err_t err = schema_ids_put(&f->ids, schema->id, type, about);
    if (err != ERR_OK) {
        schema_why_set(why, "there are too many schemas, or too large ones");
        schema_type_free(type);
        return err;
    }
    schema_board_assign(f->env.board, type);
    schema_board_set_ids(f->env.board, f->ids.type_count);
    return ERR_OK;
}

/* A schema that lay on the shelf; what cannot be used is left there. */
static err_t load_id(void *arg, struct regapi_schema *schema)
{
    struct schema_fetch *f = arg;
    struct schema_why why = {0};
    char text[SCHEMA_WHY_BYTES];

    if (!schema_ids_has_room(&f->ids)) {
        return ERR_LIMIT;
    }
    err_t err = keep_id(f, schema, 0, &why);
    if (err != ERR_OK && err != ERR_NOMEM) {
        LOG(LOG_WARN, "schema", "event=stored_schema_bad id=%u why=%s action=ignore", schema->id,
            log_escape(span_of_str(why.text), text, sizeof(text)));
        return ERR_OK;
    }
    return err;
}

/* For the age after a restart. */
static void store_answered(struct schema_fetch *f)
{
    uint64_t age_ns = clock_mono_ns() - f->answered_mono_ns;

    schema_shelf_put_answered(&f->env.shelf, clock_wall_ns() - age_ns);
    f->stored_mono_ns = f->answered_mono_ns;
}

static void load_answered(struct schema_fetch *f)
{
    uint64_t answered = schema_shelf_get_answered(&f->env.shelf);
    uint64_t now = clock_wall_ns();

    if (answered != 0 && answered < now) {
        schema_board_set_age(f->env.board, now - answered);
    }
}

static void note_answers(struct schema_fetch *f)
{
    uint64_t oldest = f->subjects[0].answered_mono_ns;

    for (uint32_t i = 1; i < f->subject_count; i++) {
        uint64_t at = f->subjects[i].answered_mono_ns;
        oldest = at < oldest ? at : oldest;
    }
    f->answered_mono_ns = oldest;
    if (oldest == 0) {
        return;
    }
    schema_board_set_answered(f->env.board, oldest);
    if (f->stored_mono_ns == 0 || oldest - f->stored_mono_ns >= ANSWERED_NS) {
        store_answered(f);
    }
}

/* One round before anybody uses a set: what is replaced can be freed at once. */
static err_t ask_all(struct schema_fetch *f, struct schema_why *why)
{
    f->env.registry.until_mono_ns = clock_mono_ns() + START_NS;
    for (uint32_t i = 0; i < f->subject_count; i++) {
        struct schema_type *replaced = NULL;
        bool changed = false;
        err_t err = schema_subject_refresh(&f->subjects[i], &f->env, &changed, &replaced);
        schema_type_free(replaced);
        if (err == ERR_SYNTAX) {
            schema_why_set(why, "version %u of %s, which is pinned, does not compile",
                           f->subjects[i].pin, f->subjects[i].subject);
        }
        if (schema_registry_is_away(err)) {
            break;
        }
        TRY(err);
    }
    f->env.registry.until_mono_ns = 0;
    note_answers(f);
    return ERR_OK;
}

static err_t check_url(const char *url, struct schema_why *why)
{
    struct span span = span_of_str(url);

    if (!span_starts_with(span, SPAN_LIT("http://")) &&
        !span_starts_with(span, SPAN_LIT("https://"))) {
        schema_why_set(why, "the registry's URL begins with neither http:// nor https://");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

/* Whether anything can be decoded as --type. */
static err_t check_type(const struct schema_fetch *f, struct schema_why *why)
{
    for (uint32_t i = is_default_type(f) ? 0 : 1; i < f->subject_count; i++) {
        if (f->subjects[i].in_force != NULL) {
            return ERR_OK;
        }
    }
    schema_why_set(why, "there is no schema for the type %s, in no language: %s", f->config->type,
                   f->http == NULL        ? "no registry is given"
                   : f->env.registry.down ? "the registry does not answer"
                                          : "the registry has none that can be used");
    return ERR_UNKNOWN;
}

static err_t open_registry(struct schema_fetch *f, struct schema_why *why)
{
    const struct http_client_config config = {
        .timeout_ms = SCHEMA_REGISTRY_REQUEST_MS,
        .body_bytes_max = REGAPI_BODY_BYTES_MAX,
        .ca_file = "",
    };

    TRY(check_url(f->config->registry, why));
    enum schema_shelf_use use = f->config->read_only ? SCHEMA_SHELF_READS : SCHEMA_SHELF_KEEPS;

    TRY(schema_shelf_init(&f->env.shelf, f->config->state_dir, f->config->registry, use));
    TRY(schema_guard_new(f->config, &f->env.guard));
    TRY(http_client_new(&config, &f->http));
    f->env.registry.api = (struct regapi){.url = f->config->registry, .http = f->http};
    f->env.registry.board = f->env.board;
    return ERR_OK;
}

err_t schema_fetch_start(struct schema_fetch *f, struct schema_why *ret_why)
{
    if (f->config->registry[0] != '\0') {
        TRY(open_registry(f, ret_why));
    }
    TRY(follow_all(f));
    TRY(check_pins(f, ret_why));
    if (f->http != NULL) {
        load_answered(f);
        TRY(schema_shelf_walk_ids(&f->env.shelf, load_id, f));
        TRY(ask_all(f, ret_why));
    }
    f->env.serving = true;
    return check_type(f, ret_why);
}

void schema_fetch_done(struct schema_fetch *f)
{
    if (f->answered_mono_ns != f->stored_mono_ns) {
        store_answered(f);
    }
    for (uint32_t i = 0; i < f->subject_count; i++) {
        schema_subject_done(&f->subjects[i]);
    }
    schema_ids_done(&f->ids);
    regapi_schema_done(&f->unstored);
    schema_guard_free(f->env.guard);
    http_client_free(f->http);
}

err_t schema_fetch_subject(struct schema_fetch *f, uint32_t number, bool *ret_changed,
                           struct schema_type **ret_replaced)
{
    err_t err = schema_subject_refresh(&f->subjects[number], &f->env, ret_changed, ret_replaced);

    note_answers(f);
    return err == ERR_SYNTAX ? ERR_OK : err;
}

bool schema_fetch_knows(const struct schema_fetch *f, uint32_t id)
{
    return schema_ids_has(&f->ids, id, clock_mono_ns());
}

void schema_fetch_give_up(struct schema_fetch *f, uint32_t id)
{
    schema_ids_put_none(&f->ids, id, SCHEMA_SET_AWAY, clock_mono_ns() + SCHEMA_FETCH_AWAY_NS);
}

/* What came for the id. The text waits until it can be stored. */
static err_t take_id(struct schema_fetch *f, struct regapi_schema *schema, struct schema_why *why)
{
    char subject[SCHEMA_WHY_BYTES];

    TRY(keep_id(f, schema, f->env.registry.outages + 1, why));
    LOG(LOG_INFO, "schema", "event=id_known id=%u subject=%s version=%u format=%s", schema->id,
        log_escape(span_of_str(schema->subject), subject, sizeof(subject)), schema->version,
        schema_kind_name(schema->kind));
    schema_fetch_store(f);
    f->unstored = *schema;
    *schema = (struct regapi_schema){0};
    return ERR_OK;
}

/* Whether there is room for another type, now that the one that was asked for longest ago has gone
 * if need be. */
static bool make_room(struct schema_fetch *f, struct schema_type **ret_evicted)
{
    uint64_t now = clock_mono_ns();

    if (schema_ids_has_room(&f->ids)) {
        return true;
    }
    *ret_evicted =
        schema_ids_evict(&f->ids, now > SCHEMA_IDS_STAY_NS ? now - SCHEMA_IDS_STAY_NS : 0);
    if (*ret_evicted == NULL) {
        return false;
    }
    LOG(LOG_WARN, "schema", "event=id_forgotten id=%u known=%u why=\"no room\"", (*ret_evicted)->id,
        f->ids.type_count);
    schema_shelf_remove_id(&f->env.shelf, (*ret_evicted)->id);
    schema_board_set_ids(f->env.board, f->ids.type_count);
    return schema_ids_has_room(&f->ids);
}

static void refuse_id(struct schema_fetch *f, uint32_t id)
{
    schema_board_count_refused_id(f->env.board);
    schema_ids_put_none(&f->ids, id, SCHEMA_SET_NO_ROOM,
                        clock_mono_ns() + SCHEMA_CACHE_NEGATIVE_NS);
    LOG(LOG_ERROR, "schema", "event=id_refused id=%u known=%u why=\"no room\" action=reject", id,
        f->ids.type_count);
}

/* The id has no type: by what the registry said (`asked`), or by what became of it. */
static void put_none(struct schema_fetch *f, uint32_t id, err_t asked, err_t err)
{
    enum schema_set_cause cause = SCHEMA_SET_AWAY;
    uint64_t none_ns = SCHEMA_FETCH_AWAY_NS;

    if (asked == ERR_UNKNOWN) {
        cause = SCHEMA_SET_NONE;
    } else if (asked == ERR_OK && err != ERR_NOMEM) {
        cause = SCHEMA_SET_BAD;
    }
    if (cause != SCHEMA_SET_AWAY) {
        none_ns = SCHEMA_CACHE_NEGATIVE_NS;
    }
    schema_ids_put_none(&f->ids, id, cause, clock_mono_ns() + none_ns);
}

bool schema_fetch_id(struct schema_fetch *f, uint32_t id, struct schema_type **ret_evicted)
{
    struct regapi_schema schema = {0};
    struct schema_why why = {0};
    char text[SCHEMA_WHY_BYTES];

    *ret_evicted = NULL;
    if (!make_room(f, ret_evicted)) {
        refuse_id(f, id);
        return true;
    }
    err_t asked = schema_registry_get_id(&f->env.registry, id, &why, &schema);
    err_t err = asked == ERR_OK ? take_id(f, &schema, &why) : asked;
    regapi_schema_done(&schema);
    if (err == ERR_OK) {
        return true;
    }
    put_none(f, id, asked, err);
    if (!schema_registry_is_away(asked)) {
        LOG(LOG_WARN, "schema", "event=id_unknown id=%u why=%s action=reject", id,
            log_escape(span_of_str(why.text), text, sizeof(text)));
    }
    return !schema_registry_is_away(asked);
}

void schema_fetch_store(struct schema_fetch *f)
{
    if (f->unstored.text.len > 0) {
        schema_shelf_put_id(&f->env.shelf, &f->unstored);
        regapi_schema_done(&f->unstored);
        f->unstored = (struct regapi_schema){0};
    }
}

/* What the registry says now about an id that is known. */
static bool is_as_known(struct schema_fetch *f, const struct schema_set_id *known,
                        const struct regapi_schema *said)
{
    return said->kind == known->type->kind && schema_shelf_sum(buf_span(&said->text)) ==
                                                  schema_ids_about(&f->ids, known->id)->text_sum;
}

bool schema_fetch_compare(struct schema_fetch *f, struct schema_type **ret_replaced)
{
    const struct schema_set_id *known = schema_ids_uncompared(&f->ids, f->env.registry.outages);
    struct regapi_schema said = {0};
    struct schema_why why = {0};

    *ret_replaced = NULL;
    if (known == NULL || f->env.registry.down) {
        return false;
    }
    uint32_t id = known->id;
    err_t err = schema_registry_get_id(&f->env.registry, id, &why, &said);
    if (schema_registry_is_away(err) || err == ERR_NOMEM) {
        return false;
    }
    if (err != ERR_OK || is_as_known(f, known, &said)) {
        schema_ids_about(&f->ids, id)->compared_outages = f->env.registry.outages + 1;
    } else {
        LOG(LOG_WARN, "schema", "event=id_changed id=%u action=forget", id);
        *ret_replaced = schema_ids_take(&f->ids, id);
        schema_shelf_remove_id(&f->env.shelf, id);
        schema_board_set_ids(f->env.board, f->ids.type_count);
    }
    regapi_schema_done(&said);
    return true;
}

/* Whether a LogEntry begins with a string that its rules want not to be empty: then a datum that
 * begins with 00 is rejected in any case, and may as well bear an id, if there can be one. */
static bool zero_is_rejected(const struct schema_type *avro)
{
    static const char *const names[] = {"timestamp", "level", "message", "service"};
    const struct schema_avro_node *root = &avro->avro->nodes[0];

    if (!avro->is_entry || root->kind != AVRO_RECORD || root->count == 0) {
        return false;
    }
    const struct schema_avro_field *first = &avro->avro->fields[root->first];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (span_equal(first->name, span_of_str(names[i]))) {
            return avro->avro->nodes[first->node].kind == AVRO_STRING;
        }
    }
    return false;
}

static bool avro_prefix_of(const struct schema_fetch *f, const struct schema_type *avro)
{
    switch (f->config->avro_prefix) {
    case AVRO_PREFIX_ALWAYS:
        return true;
    case AVRO_PREFIX_NEVER:
        return false;
    case AVRO_PREFIX_AUTO:
        break;
    }
    return avro == NULL || avro->avro->never_begins_with_zero ||
           (f->http != NULL && zero_is_rejected(avro));
}

struct schema_set schema_fetch_set(const struct schema_fetch *f)
{
    struct schema_set set = {
        .entry = f->subjects[0].in_force,
        .ids = f->ids.of,
        .id_count = f->ids.count,
        .ids_are_all = f->http == NULL,
    };

    for (uint32_t i = is_default_type(f) ? 0 : 1; i < f->subject_count; i++) {
        set.defaults[f->subjects[i].kind] = f->subjects[i].in_force;
    }
    set.avro_prefix = avro_prefix_of(f, set.defaults[SCHEMA_KIND_AVRO]);
    return set;
}
