/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_unique: few elements are compared with each other. Many are hashed, keyed with what a
 * sender cannot know (the arena's address), ordered by hash, and compared within equal hashes. The
 * tape is hashed from its end, so that a container comes after what it holds. */
#include "check/check_json_unique.h"

#include "wire/json_text.h"

#define FEW_ITEMS 8u

struct item {
    uint32_t hash;
    uint32_t value;
};

static bool equal(struct check_json_machine *m, uint32_t a, uint32_t b)
{
    struct json_tape_pair pair = {m->tape, a, m->tape, b};
    uint64_t work = m->work;
    bool same = json_tape_equal(pair, &work);

    return check_json_machine_spend(m, m->work - work) && same;
}

static bool few_differ(struct check_json_machine *m, uint32_t array)
{
    uint32_t end = m->tape[array].next;

    for (uint32_t a = array + 1; a < end; a = m->tape[a].next) {
        for (uint32_t b = m->tape[a].next; b < end; b = m->tape[b].next) {
            if (equal(m, a, b) || m->aborted) {
                return false;
            }
        }
    }
    return true;
}

static uint32_t mix(uint32_t h, uint32_t x)
{
    uint64_t product = (uint64_t)(h ^ x ^ 0x9e3779b9u) * 0x9e3779b97f4a7c15u;

    return (uint32_t)(product >> 29);
}

/* Members in any order, elements in theirs; `hashes` counts from `base`. */
static uint32_t hash_container(const struct check_json_machine *m, uint32_t value,
                               const uint32_t *hashes, uint32_t base)
{
    const struct json_tape_node *n = &m->tape[value];
    uint32_t h = n->kind;

    for (uint32_t at = value + 1; at < n->next; at = m->tape[at].next) {
        if (n->kind == TAPE_ARRAY) {
            h = mix(h, hashes[at - base]);
        } else {
            h += mix(hashes[at - base], hashes[at + 1 - base]);
            at++;
        }
    }
    return mix(h, n->len);
}

static uint32_t hash_value(const struct check_json_machine *m, uint32_t value,
                           const uint32_t *hashes, uint32_t base)
{
    const struct json_tape_node *n = &m->tape[value];
    uint64_t key = (uint64_t)(uintptr_t)m->arena->at;

    if (n->kind == TAPE_STRING) {
        return (uint32_t)(json_text_hash(json_tape_text(n), key) >> 32);
    }
    if (n->kind == TAPE_NUMBER) {
        struct json_number number = json_number_parse(json_tape_span(n));
        return (uint32_t)(json_number_hash(&number, key) >> 32);
    }
    return n->kind < TAPE_ARRAY ? mix(n->kind, 1) : hash_container(m, value, hashes, base);
}

static uint64_t hashing_cost(const struct check_json_machine *m, uint32_t array)
{
    uint64_t cost = 0;

    for (uint32_t at = array; at < m->tape[array].next; at++) {
        cost += 4 + (m->tape[at].kind < TAPE_ARRAY ? m->tape[at].len / 32 : 0);
    }
    return cost;
}

static void hash_all(const struct check_json_machine *m, uint32_t array, uint32_t *hashes)
{
    for (uint32_t at = m->tape[array].next; at > array + 1; at--) {
        hashes[at - 1 - array] = hash_value(m, at - 1, hashes, array);
    }
}

static void sift(struct item *items, uint32_t root, uint32_t count)
{
    for (;;) {
        uint32_t child = root * 2 + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && items[child].hash < items[child + 1].hash) {
            child++;
        }
        if (items[root].hash >= items[child].hash) {
            return;
        }
        struct item moving = items[root];
        items[root] = items[child];
        items[child] = moving;
        root = child;
    }
}

/* Heap sort: in place, and never slower than n log n. */
static void sort(struct item *items, uint32_t count)
{
    for (uint32_t i = count / 2; i > 0; i--) {
        sift(items, i - 1, count);
    }
    for (uint32_t last = count - 1; last > 0; last--) {
        struct item top = items[0];
        items[0] = items[last];
        items[last] = top;
        sift(items, 0, last);
    }
}

static bool sorted_differ(struct check_json_machine *m, const struct item *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = i + 1; k < count && items[k].hash == items[i].hash; k++) {
            if (equal(m, items[i].value, items[k].value) || m->aborted) {
                return false;
            }
        }
    }
    return true;
}

static bool many_differ(struct check_json_machine *m, uint32_t array)
{
    uint32_t nodes = m->tape[array].next - array;
    uint32_t count = m->tape[array].len;
    uint32_t *hashes = arena_alloc(m->arena, nodes * sizeof(*hashes));
    struct item *items = arena_alloc(m->arena, count * sizeof(*items));
    uint32_t filled = 0;

    if (hashes == NULL || items == NULL) {
        IGNORE(check_json_machine_abort(m, "judging it by this schema takes too much memory"),
               "the end");
        return false;
    }
    if (!check_json_machine_spend(m, hashing_cost(m, array))) {
        return false;
    }
    hash_all(m, array, hashes);
    for (uint32_t at = array + 1; at < m->tape[array].next; at = m->tape[at].next) {
        items[filled++] = (struct item){hashes[at - array], at};
    }
    sort(items, filled);
    return sorted_differ(m, items, filled);
}

bool check_json_unique_holds(struct check_json_machine *m, uint32_t array)
{
    size_t before = m->arena->used;

    if (m->tape[array].len <= FEW_ITEMS) {
        return few_differ(m, array);
    }
    bool differ = many_differ(m, array);
    arena_rewind(m->arena, before);
    return differ;
}
