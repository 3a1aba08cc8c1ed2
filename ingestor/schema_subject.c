/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_subject: look up, fetch, compile, try, adopt; each step only if the one before brought
 * something new. */
#include "ingestor/schema_subject.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>

#define TEXT_BYTES SCHEMA_WHY_BYTES /* of escaped bytes in a log line */

err_t schema_subject_init(struct schema_subject *s, struct span name, enum schema_kind kind,
                          uint32_t pin)
{
    *s = (struct schema_subject){.kind = kind, .pin = pin};
    int len = snprintf(s->subject, sizeof(s->subject), "%.*s-%s", (int)name.len, name.at,
                       schema_kind_name(kind));
    return name.len > 0 && len > 0 && (size_t)len < sizeof(s->subject) ? ERR_OK : ERR_LIMIT;
}

static void drop_candidate(struct schema_subject *s)
{
    schema_type_free(s->candidate);
    regapi_schema_done(&s->candidate_schema);
    s->candidate = NULL;
}

void schema_subject_done(struct schema_subject *s)
{
    drop_candidate(s);
    schema_type_free(s->in_force);
    *s = (struct schema_subject){0};
}

static err_t compile(const struct schema_subject *s, const struct regapi_schema *schema,
                     struct schema_why *why, struct schema_type **ret)
{
    const struct schema_type_source source = {
        .kind = schema->kind,
        .name = regapi_type_name(s->subject),
        .text = buf_span(&schema->text),
        .id = schema->id,
        .version = schema->version,
    };

    if (schema->kind != s->kind) {
        schema_why_set(why, "it is a schema of type %s", schema_kind_type(schema->kind));
        return ERR_SYNTAX;
    }
    return schema_type_new(&source, why, ret);
}

static struct schema_subject_mark mark_of(const struct regapi_schema *schema)
{
    return (struct schema_subject_mark){
        .id = schema->id,
        .version = schema->version,
        .sum = schema->text.len == 0 ? 0 : schema_shelf_sum(buf_span(&schema->text)),
    };
}

/* As far as it is known. */
static bool is_same(const struct schema_subject_mark *a, const struct schema_subject_mark *b)
{
    return a->id != 0 && a->id == b->id && a->version == b->version &&
           (a->sum == b->sum || a->sum == 0 || b->sum == 0);
}

static void put_in_force(struct schema_subject *s, struct schema_subject_env *env,
                         struct schema_type *type, uint64_t wall_ns)
{
    schema_board_assign(env->board, type);
    schema_board_confirm(env->board, type, wall_ns);
    s->in_force = type;
}

/* Whether what lies on the shelf is wanted. */
static err_t load(struct schema_subject *s, struct schema_subject_env *env,
                  const struct regapi_schema *schema, uint64_t wall_ns)
{
    char subject[TEXT_BYTES];
    char text[TEXT_BYTES];
    struct schema_why why = {0};
    struct schema_type *type = NULL;

    if (s->pin != 0 && schema->version != s->pin) {
        return ERR_OK;
    }
    err_t err = compile(s, schema, &why, &type);
    if (err == ERR_NOMEM) {
        return err;
    }
    if (err != ERR_OK) {
        LOG(LOG_WARN, "schema",
            "event=stored_schema_bad subject=%s version=%u why=%s action=ignore",
            log_escape(span_of_str(s->subject), subject, sizeof(subject)), schema->version,
            log_escape(span_of_str(why.text), text, sizeof(text)));
        return ERR_OK;
    }
    schema_type_free(s->in_force); /* the built-in one, of which nobody knows yet */
    put_in_force(s, env, type, wall_ns);
    s->in_force_mark = mark_of(schema);
    LOG(LOG_INFO, "schema", "event=loaded subject=%s version=%u id=%u",
        log_escape(span_of_str(s->subject), subject, sizeof(subject)), type->version, type->id);
    return ERR_OK;
}

/* What was refused before the restart still is, until records show that it can be adopted. */
static err_t load_refused(struct schema_subject *s, struct schema_subject_env *env)
{
    char subject[TEXT_BYTES];
    struct regapi_schema schema = {0};
    err_t err = schema_shelf_get_refused(&env->shelf, s->subject, &schema);

    if (err != ERR_OK) {
        return err == ERR_UNKNOWN ? ERR_OK : err;
    }
    s->refused = mark_of(&schema);
    if (s->pin == 0 && s->in_force != NULL) {
        schema_board_set_refused(env->board, s->in_force, s->refused.version);
        LOG(LOG_WARN, "schema", "event=still_refused subject=%s version=%u in_force=%u",
            log_escape(span_of_str(s->subject), subject, sizeof(subject)), s->refused.version,
            s->in_force->version);
    }
    regapi_schema_done(&schema);
    return ERR_OK;
}

err_t schema_subject_load(struct schema_subject *s, struct schema_subject_env *env)
{
    struct regapi_schema schema = {0};
    uint64_t wall_ns = 0;
    err_t err = schema_shelf_get_subject(&env->shelf, s->subject, &schema, &wall_ns);

    if (err == ERR_UNKNOWN) {
        return ERR_OK;
    }
    err = err != ERR_OK ? err : load(s, env, &schema, wall_ns);
    regapi_schema_done(&schema);
    return err != ERR_OK ? err : load_refused(s, env);
}

/* Says once that a schema cannot be used. */
static err_t note_bad(struct schema_subject *s, const struct regapi_schema *schema,
                      const struct schema_why *why)
{
    char subject[TEXT_BYTES];
    char text[TEXT_BYTES];

    s->bad = mark_of(schema);
    LOG(LOG_ERROR, "schema", "event=bad_schema subject=%s version=%u id=%u why=%s action=keep",
        log_escape(span_of_str(s->subject), subject, sizeof(subject)), schema->version, schema->id,
        log_escape(span_of_str(why->text), text, sizeof(text)));
    return s->pin != 0 ? ERR_SYNTAX : ERR_OK;
}

/* What the registry said when it was not the schema. */
static err_t note_failure(struct schema_subject *s, err_t err, const struct schema_why *why)
{
    char subject[TEXT_BYTES];
    char text[TEXT_BYTES];

    if (schema_registry_is_away(err) || err == ERR_NOMEM) {
        return err;
    }
    if (err == ERR_UNKNOWN) {
        s->answered_mono_ns = clock_mono_ns();
    }
    bool matters = err != ERR_UNKNOWN || s->pin != 0 || (s->in_force != NULL && s->in_force->id);
    if (matters && !s->failing) {
        LOG(LOG_WARN, "schema", "event=no_schema subject=%s why=%s action=keep",
            log_escape(span_of_str(s->subject), subject, sizeof(subject)),
            log_escape(span_of_str(why->text), text, sizeof(text)));
    }
    s->failing = matters;
    return ERR_OK;
}

static void forget_refused(struct schema_subject *s, struct schema_subject_env *env)
{
    if (s->refused.id != 0) {
        schema_shelf_remove_refused(&env->shelf, s->subject);
        s->refused = (struct schema_subject_mark){0};
    }
}

/* The candidate takes the place of what is in force. */
static void adopt(struct schema_subject *s, struct schema_subject_env *env,
                  struct schema_type **ret_replaced)
{
    char subject[TEXT_BYTES];
    struct schema_type *old = s->in_force;

    put_in_force(s, env, s->candidate, clock_wall_ns());
    s->in_force_mark = mark_of(&s->candidate_schema);
    s->compared_outages = env->registry.outages + 1;
    schema_shelf_put_subject(&env->shelf, &s->candidate_schema);
    LOG(LOG_INFO, "schema", "event=adopted subject=%s version=%u id=%u previous=%u",
        log_escape(span_of_str(s->subject), subject, sizeof(subject)), s->in_force->version,
        s->in_force->id, old == NULL ? 0 : old->version);
    if (old != NULL) {
        schema_board_set_refused(env->board, old, 0);
        schema_board_count_adopted(env->board);
    }
    forget_refused(s, env);
    s->candidate = NULL;
    regapi_schema_done(&s->candidate_schema);
    *ret_replaced = old;
}

static void refuse(struct schema_subject *s, struct schema_subject_env *env,
                   const struct schema_guard_verdict *verdict)
{
    char subject[TEXT_BYTES];
    char detail[TEXT_BYTES];

    struct schema_subject_mark mark = mark_of(&s->candidate_schema);

    if (is_same(&s->refused, &mark)) {
        return;
    }
    s->refused = mark;
    schema_shelf_put_refused(&env->shelf, &s->candidate_schema);
    schema_board_count_refused(env->board);
    schema_board_set_refused(env->board, s->in_force, s->candidate->version);
    LOG(LOG_ERROR, "schema",
        "event=refused subject=%s version=%u id=%u in_force=%u why=\"rejects %u of the last %u "
        "records\" first=%s:%s action=keep_and_try_again",
        log_escape(span_of_str(s->subject), subject, sizeof(subject)), s->candidate->version,
        s->candidate->id, s->in_force->version, verdict->rejected, verdict->tried, verdict->reason,
        log_escape(span_of_str(verdict->detail), detail, sizeof(detail)));
}

/* Whether the candidate takes what has been arriving. Before anything has, there is only what is
 * known of an earlier start. */
static bool is_harmless(struct schema_subject *s, struct schema_subject_env *env)
{
    struct schema_subject_mark mark = mark_of(&s->candidate_schema);
    bool refused = is_same(&s->refused, &mark);
    struct schema_guard_verdict verdict = {0};

    if (s->pin != 0 || s->in_force == NULL) {
        return true;
    }
    if (!env->serving) {
        return !refused;
    }
    err_t err = schema_guard_try(env->guard, s->candidate, &verdict);
    if (err != ERR_OK) {
        LOG(LOG_WARN, "schema", "event=not_tried why=%s action=try_again", err_name(err));
        return false;
    }
    if (verdict.rejected > 0) {
        refuse(s, env, &verdict);
    }
    return verdict.rejected == 0 && (verdict.tried > 0 || !refused);
}

/* The schema that was looked up becomes the candidate. ERR_EXISTS: it cannot be used. */
static err_t make_candidate(struct schema_subject *s, struct schema_subject_env *env,
                            const struct regapi_schema *seen)
{
    struct schema_why why = {0};

    drop_candidate(s);
    err_t err = schema_registry_get_subject(&env->registry, s->subject, seen->version, &why,
                                            &s->candidate_schema);
    if (err != ERR_OK) {
        TRY(note_failure(s, err, &why));
        return ERR_EXISTS;
    }
    s->failing = false;
    err = compile(s, &s->candidate_schema, &why, &s->candidate);
    if (err == ERR_OK || err == ERR_NOMEM) {
        return err;
    }
    TRY(note_bad(s, &s->candidate_schema, &why));
    return ERR_EXISTS;
}

/* There is another version than that in force. */
static err_t consider(struct schema_subject *s, struct schema_subject_env *env,
                      const struct regapi_schema *seen, bool *ret_changed,
                      struct schema_type **ret_replaced)
{
    struct schema_subject_mark candidate = mark_of(&s->candidate_schema);
    struct schema_subject_mark mark = mark_of(seen);

    if (s->candidate == NULL || !is_same(&candidate, &mark)) {
        err_t err = make_candidate(s, env, seen);
        if (err == ERR_EXISTS) {
            return ERR_OK;
        }
        TRY(err);
    }
    if (is_harmless(s, env)) {
        adopt(s, env, ret_replaced);
        *ret_changed = true;
        s->settled = s->pin != 0;
    }
    return ERR_OK;
}

/* The registry has the version that is in force. */
static void confirm(struct schema_subject *s, struct schema_subject_env *env)
{
    schema_board_confirm(env->board, s->in_force, clock_wall_ns());
    schema_board_set_refused(env->board, s->in_force, 0);
    drop_candidate(s);
    forget_refused(s, env);
    s->compared_outages = env->registry.outages + 1;
    s->failing = false;
    s->settled = s->pin != 0;
}

/* A Protobuf schema is looked up without its text. So that it can be compared, that is asked for
 * once, and when the registry has been away. ERR_EXISTS: it was not to be had. */
static err_t complete(struct schema_subject *s, struct schema_subject_env *env,
                      struct regapi_schema *seen)
{
    struct schema_subject_mark mark = mark_of(seen);
    struct regapi_schema whole = {0};
    struct schema_why why = {0};

    if (mark.sum != 0 || s->compared_outages == env->registry.outages + 1 ||
        !is_same(&s->in_force_mark, &mark)) {
        return ERR_OK;
    }
    err_t err =
        schema_registry_get_subject(&env->registry, s->subject, seen->version, &why, &whole);
    if (err != ERR_OK) {
        TRY(note_failure(s, err, &why));
        return ERR_EXISTS;
    }
    regapi_schema_done(seen);
    *seen = whole;
    return ERR_OK;
}

err_t schema_subject_refresh(struct schema_subject *s, struct schema_subject_env *env,
                             bool *ret_changed, struct schema_type **ret_replaced)
{
    struct regapi_schema seen = {0};
    struct schema_why why = {0};

    *ret_changed = false;
    *ret_replaced = NULL;
    if (s->settled) {
        s->answered_mono_ns = clock_mono_ns();
        return ERR_OK;
    }
    err_t err = schema_registry_look_up(&env->registry, s->subject, s->pin, &why, &seen);
    if (err != ERR_OK) {
        return note_failure(s, err, &why);
    }
    s->answered_mono_ns = clock_mono_ns();
    err = complete(s, env, &seen);
    if (err == ERR_OK) {
        struct schema_subject_mark mark = mark_of(&seen);
        if (is_same(&s->in_force_mark, &mark)) {
            confirm(s, env);
        } else if (!is_same(&s->bad, &mark)) {
            err = consider(s, env, &seen, ret_changed, ret_replaced);
        }
    }
    regapi_schema_done(&seen);
    return err == ERR_EXISTS ? ERR_OK : err;
}
