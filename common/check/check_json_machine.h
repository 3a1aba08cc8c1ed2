/* SPDX-License-Identifier: Apache-2.0
 *
 * check_json_machine: the state of one judgement. A frame is a schema applied to a value; a step
 * runs one operation of the frame on top, which passes, fails, or calls another frame and is asked
 * again with its result. Nothing recurses. */
#pragma once

#include "check/check_json.h"
#include "schema/schema_json_program.h"

/* Frames: 64 levels of a value, and what a schema nests around each. */
#define CHECK_JSON_FRAMES_MAX 768u

/* What a judgement may cost: so many steps, some for each node of the value, and some for each byte
 * of its strings and numbers. */
#define CHECK_JSON_WORK_BASE      50000u
#define CHECK_JSON_WORK_PER_NODE  64u
#define CHECK_JSON_WORK_PER_BYTE  16u

#define CHECK_JSON_TEXT_BYTES_MAX MIB

enum check_json_step {
    CHECK_JSON_PASS, /* the operation holds: on to the next */
    CHECK_JSON_FAIL, /* it does not */
    CHECK_JSON_CALL  /* a frame has been pushed */
};

struct check_json_frame {
    uint32_t node;  /* of the program */
    uint32_t value; /* of the tape */
    uint32_t op;    /* index of the operation at hand */
    uint32_t trail; /* length of the trail when the frame began */
    /* The operation's own; zero when it begins. */
    uint32_t at;      /* a child of the value */
    uint32_t index;   /* which branch, child or pattern */
    uint32_t matches; /* how many held */
    bool begun;
    bool resumed; /* `passed` is what the called frame said */
    bool passed;
    bool child; /* it judges another value than its caller does */
};

/* Something was evaluated: the value, and what its mark was before. */
struct check_json_mark {
    uint32_t value;
    uint32_t before;
};

struct check_json_machine {
    struct check_json *check;
    const struct schema_json *schema;
    struct arena *arena;
    const struct json_tape_node *tape;
    uint32_t tape_count;
    uint64_t work; /* left; 0: it costs too much */
    bool aborted;
    const char *detail; /* of the failure that was met last */

    uint32_t *marks; /* by value: one more than its latest place on the trail; NULL: not needed */
    struct check_json_mark *trail;
    uint32_t trail_count;
    uint32_t trail_max;

    uint32_t depth;
    struct check_json_frame frames[CHECK_JSON_FRAMES_MAX];
};

static inline const struct json_tape_node *check_json_machine_value(
    const struct check_json_machine *m, const struct check_json_frame *f)
{
    return &m->tape[f->value];
}

/* Judges the tape's first value. True: it is valid. */
bool check_json_machine_run(struct check_json_machine *m);

/* Applies a node to a value, the frame's own or a child of it. */
enum check_json_step check_json_machine_call(struct check_json_machine *m,
                                             struct check_json_frame *f, uint32_t node,
                                             uint32_t value);

/* Ends the judgement: what it would cost is too much. Returns CHECK_JSON_FAIL. */
enum check_json_step check_json_machine_abort(struct check_json_machine *m, const char *detail);

/* json_tape_find() on the tape, paid for. 0 also if the work is gone. */
uint32_t check_json_machine_find(struct check_json_machine *m, uint32_t object, struct span name);

/* Takes `cost` off the work. False: there is no more; the judgement has ended. */
bool check_json_machine_spend(struct check_json_machine *m, uint64_t cost);
