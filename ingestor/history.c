/* SPDX-License-Identifier: Apache-2.0
 *
 * history: a ring whose place is the second itself, so that a second that is missing is missing and
 * a clock that is set back writes over what was never true. A series is a field of a point, found
 * by its offset: one function writes any of them. */
#include "ingestor/history.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

struct point {
    uint64_t time_s; /* 0: none */
    float mb;
    float latency_p50_us; /* NAN: no record */
    float latency_p99_us;
    float queue;
    float dropped;
    float records[FORMAT_COUNT];
    float rejected[REASON_COUNT];
    float severity[SEVERITY_COUNT];
    float busy[SHARDS_MAX];
};

/* What the next view is compared with. */
struct totals {
    uint64_t mono_ns; /* 0: none yet */
    uint64_t dropped;
    uint64_t rejected[REASON_COUNT];
    uint64_t severity[SEVERITY_COUNT];
    uint64_t busy_ns[SHARDS_MAX];
};

struct history {
    struct point points[HISTORY_SECONDS];
    struct point *last; /* NULL before the first one */
    struct totals totals;
    uint64_t started_wall_ns;
    unsigned shard_count;
};

/* How a number is written: whole, or with three digits. */
enum digits { DIGITS_NONE, DIGITS_THREE };

err_t history_new(struct history **ret)
{
    struct history *h = calloc(1, sizeof(*h));

    ENSURE(h != NULL, ERR_NOMEM);
    *ret = h;
    return ERR_OK;
}

void history_free(struct history *h)
{
    free(h);
}

/* ---- adding ---- */

static void totals_of(const struct metrics_view *view, struct totals *ret)
{
    *ret =
        (struct totals){.mono_ns = view->mono_ns, .dropped = metrics_law_total(&view->sum).dropped};
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        for (unsigned r = 0; r < REASON_COUNT; r++) {
            ret->rejected[r] += view->sum.rejected[f][r];
        }
    }
    memcpy(ret->severity, view->sum.severity, sizeof(ret->severity));
    for (unsigned i = 0; i < view->shard_count; i++) {
        ret->busy_ns[i] = view->shards[i].busy_ns;
    }
}

static void rates_between(const struct totals *before, const struct totals *now, struct point *p)
{
    float seconds = (float)(now->mono_ns - before->mono_ns) / (float)NS_PER_S;

    p->dropped = (float)(now->dropped - before->dropped) / seconds;
    for (unsigned r = 0; r < REASON_COUNT; r++) {
        p->rejected[r] = (float)(now->rejected[r] - before->rejected[r]) / seconds;
    }
    for (unsigned i = 0; i < SEVERITY_COUNT; i++) {
        p->severity[i] = (float)(now->severity[i] - before->severity[i]) / seconds;
    }
    for (unsigned i = 0; i < SHARDS_MAX; i++) {
        p->busy[i] = (float)(now->busy_ns[i] - before->busy_ns[i]) / (float)NS_PER_S / seconds;
    }
}

void history_add(struct history *h, const struct metrics_view *view,
                 const struct metrics_rates *rates)
{
    uint64_t time_s = view->wall_ns / NS_PER_S;
    struct point *p = &h->points[time_s % HISTORY_SECONDS];
    bool idle = rates->latency_p50_us <= 0;
    struct totals totals;

    *p = (struct point){
        .time_s = time_s,
        .mb = (float)rates->mb_per_s,
        .latency_p50_us = idle ? NAN : (float)rates->latency_p50_us,
        .latency_p99_us = idle ? NAN : (float)rates->latency_p99_us,
        .queue = (float)view->sum.queue_length,
    };
    for (unsigned f = 0; f < FORMAT_COUNT; f++) {
        p->records[f] = (float)rates->format_logs_per_s[f];
    }
    totals_of(view, &totals);
    if (h->totals.mono_ns > 0 && totals.mono_ns > h->totals.mono_ns) {
        rates_between(&h->totals, &totals, p);
    }
    h->totals = totals;
    h->last = p;
    h->started_wall_ns = view->started_wall_ns;
    h->shard_count = view->shard_count;
}

/* ---- writing ---- */

static void put_number(struct json_put *j, const char *key, float value, enum digits digits)
{
    if (isnan(value)) {
        json_put_null(j, key);
        return;
    }
    if (digits == DIGITS_THREE) {
        json_put_real(j, key, (double)value);
        return;
    }
    json_put_count(j, key, (uint64_t)(value + 0.5F));
}

static float field_of(const struct point *p, size_t offset)
{
    float value;

    memcpy(&value, (const char *)p + offset, sizeof(value));
    return value;
}

/* The point of a second, NULL if there is none. */
static const struct point *point_at(const struct history *h, uint64_t time_s)
{
    const struct point *p = &h->points[time_s % HISTORY_SECONDS];

    return p->time_s == time_s ? p : NULL;
}

/* The first second of those that are kept and have numbers. */
static uint64_t first_second(const struct history *h)
{
    uint64_t end_s = h->last->time_s;
    uint64_t first_s = end_s;

    for (unsigned i = 1; i < HISTORY_SECONDS && i < end_s; i++) {
        if (point_at(h, end_s - i) != NULL) {
            first_s = end_s - i;
        }
    }
    return first_s;
}

static void put_series(const struct history *h, struct json_put *j, const char *key, size_t offset,
                       enum digits digits)
{
    json_put_array(j, key);
    for (uint64_t s = first_second(h); s <= h->last->time_s; s++) {
        const struct point *p = point_at(h, s);
        put_number(j, NULL, p == NULL ? NAN : field_of(p, offset), digits);
    }
    json_put_array_end(j);
}

static bool has_occurred(const struct history *h, size_t offset)
{
    for (uint64_t s = first_second(h); s <= h->last->time_s; s++) {
        const struct point *p = point_at(h, s);
        if (p != NULL && field_of(p, offset) > 0) {
            return true;
        }
    }
    return false;
}

static const struct group {
    const char *key;
    size_t offset;
    unsigned first;
    unsigned count;
} groups[] = {
    {"records_per_s", offsetof(struct point, records), 0, FORMAT_COUNT},
    {"rejected_per_s", offsetof(struct point, rejected), REASON_NONE + 1, REASON_COUNT},
    {"severity_per_s", offsetof(struct point, severity), 0, SEVERITY_COUNT},
};

#define GROUP_COUNT    (sizeof(groups) / sizeof(groups[0]))
#define GROUP_REJECTED 1u

static const char *name_in(unsigned group, unsigned i)
{
    if (group == GROUP_REJECTED) {
        return reason_name((enum reason)i);
    }
    return group == 0 ? format_name((enum format)i) : severity_label((enum severity)i);
}

static const struct single {
    const char *key;
    size_t offset;
    enum digits digits;
} singles[] = {
    {"mb_per_s", offsetof(struct point, mb), DIGITS_THREE},
    {"latency_p50_us", offsetof(struct point, latency_p50_us), DIGITS_NONE},
    {"latency_p99_us", offsetof(struct point, latency_p99_us), DIGITS_NONE},
    {"queue", offsetof(struct point, queue), DIGITS_NONE},
    {"dropped_per_s", offsetof(struct point, dropped), DIGITS_NONE},
};

void history_put_now(const struct history *h, struct json_put *j)
{
    if (h->last == NULL) {
        return;
    }
    json_put_object(j, "now");
    json_put_count(j, "time_s", h->last->time_s);
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        put_number(j, singles[i].key, field_of(h->last, singles[i].offset), singles[i].digits);
    }
    for (unsigned g = 0; g < GROUP_COUNT; g++) {
        json_put_object(j, groups[g].key);
        for (unsigned i = groups[g].first; i < groups[g].count; i++) {
            float value = field_of(h->last, groups[g].offset + i * sizeof(float));
            if (g != GROUP_REJECTED || value > 0) {
                put_number(j, name_in(g, i), value, DIGITS_NONE);
            }
        }
        json_put_object_end(j);
    }
    json_put_array(j, "shard_busy");
    for (unsigned i = 0; i < h->shard_count; i++) {
        put_number(j, NULL, h->last->busy[i], DIGITS_THREE);
    }
    json_put_array_end(j);
    json_put_object_end(j);
}

static void put_all(const struct history *h, struct json_put *j)
{
    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        put_series(h, j, singles[i].key, singles[i].offset, singles[i].digits);
    }
    for (unsigned g = 0; g < GROUP_COUNT; g++) {
        json_put_object(j, groups[g].key);
        for (unsigned i = groups[g].first; i < groups[g].count; i++) {
            size_t offset = groups[g].offset + i * sizeof(float);
            if (has_occurred(h, offset)) {
                put_series(h, j, name_in(g, i), offset, DIGITS_NONE);
            }
        }
        json_put_object_end(j);
    }
    json_put_array(j, "shard_busy");
    for (unsigned i = 0; i < h->shard_count; i++) {
        put_series(h, j, NULL, offsetof(struct point, busy) + i * sizeof(float), DIGITS_THREE);
    }
    json_put_array_end(j);
}

err_t history_render(const struct history *h, struct buf *out)
{
    struct json_put j = {.out = out, .err = ERR_OK};
    char started[RFC3339_BYTES_MAX];
    size_t before = out->len;

    json_put_object(&j, NULL);
    json_put_text(&j, "started", span_of(started, rfc3339_format(h->started_wall_ns, 3, started)));
    json_put_count(&j, "step_s", 1);
    json_put_count(&j, "end_s", h->last == NULL ? 0 : h->last->time_s);
    json_put_count(&j, "count", h->last == NULL ? 0 : h->last->time_s - first_second(h) + 1);
    if (h->last != NULL) {
        put_all(h, &j);
    }
    json_put_object_end(&j);
    if (j.err != ERR_OK) {
        out->len = before;
    }
    return j.err;
}
