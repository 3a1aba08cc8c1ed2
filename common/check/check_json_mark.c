/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_mark: a mark is one more than its place on the trail, so "since the frame began" is
 * one comparison. */
#include "check/check_json_mark.h"

bool check_json_mark_init(struct check_json_machine *m)
{
    m->marks = NULL;
    m->trail = NULL;
    m->trail_count = 0;
    m->trail_max = 0;
    if (!m->schema->marks) {
        return true;
    }
    m->marks = arena_alloc(m->arena, m->tape_count * sizeof(*m->marks));
    if (m->marks == NULL) {
        return false;
    }
    memset(m->marks, 0, m->tape_count * sizeof(*m->marks));
    size_t half = arena_left(m->arena) / 2; /* the rest is for decoded strings and the like */
    size_t wanted = (size_t)m->tape_count * CHECK_JSON_WORK_PER_NODE;
    size_t max = half / sizeof(*m->trail) < wanted ? half / sizeof(*m->trail) : wanted;
    m->trail = arena_alloc(m->arena, max * sizeof(*m->trail));
    m->trail_max = (uint32_t)max;
    return m->trail != NULL;
}

void check_json_mark_set(struct check_json_machine *m, const struct check_json_frame *f,
                         uint32_t value)
{
    if (m->marks == NULL || m->marks[value] > f->trail) {
        return;
    }
    if (m->trail_count == m->trail_max) {
        IGNORE(check_json_machine_abort(m, "judging it by this schema takes too much memory"),
               "the end");
        return;
    }
    m->trail[m->trail_count++] = (struct check_json_mark){value, m->marks[value]};
    m->marks[value] = m->trail_count;
}

bool check_json_mark_seen(const struct check_json_machine *m, const struct check_json_frame *f,
                          uint32_t value)
{
    return m->marks != NULL && m->marks[value] > f->trail;
}

void check_json_mark_rewind(struct check_json_machine *m, uint32_t trail)
{
    while (m->trail_count > trail) {
        const struct check_json_mark *mark = &m->trail[--m->trail_count];
        m->marks[mark->value] = mark->before;
    }
}
