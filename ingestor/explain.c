/* SPDX-License-Identifier: Apache-2.0
 *
 * explain: a connection without a socket and an intake without an archive. Batches of one record
 * tell which of several was filled in, and where each began. */
#include "ingestor/explain.h"

#include "ingestor/conn.h"
#include "ingestor/explain_input.h"
#include "ingestor/explain_json.h"
#include "ingestor/explain_text.h"
#include "ingestor/schema_link.h"
#include "ingestor/zone_map.h"
#include "render/render_reject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PEER_NAME     "input" /* who sends it, for the fields that name a sender */
#define PARK_PAUSE_NS (5 * 1000 * 1000)

struct explain {
    const struct ingestor_cfg *cfg;
    enum explain_paint paint;
    struct explain_input input;
    struct schema_link link;
    struct schema_cache *schemas;
    struct zone_map *zones;
    struct intake_watch watch;
    struct intake intake;
    struct refusal_table refusals;
    struct buf scratch;
    struct conn_env env;
    struct conn *conn;

    struct record found; /* the record as decoded */
    bool has_found;
    bool between;   /* the last record is over, the next has not begun */
    uint64_t begin; /* where it began, its framing counted */
    struct explain_totals totals;
    struct buf line;
    struct buf out;
    err_t err; /* of the output */
};

static const char *rules_of(const struct record *rec)
{
    switch ((enum record_origin)rec->origin) {
    case ORIGIN_CONTRACT:
        return "LogEntry, strict: nothing is filled in";
    case ORIGIN_FRAME:
        return "LogEntry, normalised: what is missing is filled in, a message too long is rejected";
    case ORIGIN_LINE:
        return "LogEntry, normalised: what is missing is filled in, a message too long is cut";
    case ORIGIN_TYPED:
        break;
    }
    return "none but its schema; what the line lacks is filled in afterwards";
}

/* Where a byte of the buffers is in the input: both end where reading stopped. */
static uint64_t offset_of(const struct explain *e, const char *at)
{
    const struct buf *buffers[] = {&e->scratch, &e->conn->tail};

    for (size_t i = 0; i < 2; i++) {
        const struct buf *b = buffers[i];
        if (b->at != NULL && at >= b->at && at <= b->at + b->len) {
            return e->input.bytes - (uint64_t)(b->at + b->len - at);
        }
    }
    return e->begin;
}

static void on_decoded(void *arg, const struct batch *b)
{
    struct explain *e = arg;
    bool any = b->record_count + b->reject_count > 0;

    e->totals.blank_lines += b->blank_count;
    if (e->between) {
        e->begin = e->conn->stream_offset;
    }
    e->between = any;
    e->has_found = b->record_count > 0;
    if (e->has_found) {
        e->found = b->records[0];
    }
}

static err_t render_kept(struct explain *e, const struct record *rec)
{
    const struct render *render = e->intake.render;

    e->line.len = 0;
    TRY(buf_reserve(&e->line, render->bound(rec)));
    e->line.len = (size_t)(render->line(rec, e->line.at) - e->line.at);
    return ERR_OK;
}

static err_t render_rejected(struct explain *e, const struct reject *reject)
{
    struct render_reject_facts facts = {.received_at = e->intake.batch->received_text,
                                        .peer = span_of_str(e->conn->peer_name)};

    e->line.len = 0;
    TRY(buf_reserve(&e->line, render_reject_bound(reject, &facts)));
    e->line.len = (size_t)(render_reject_line(reject, &facts, e->line.at) - e->line.at);
    return ERR_OK;
}

/* What a stream was taken for that never became one. */
static void explain_refused_stream(struct explain_item *item)
{
    struct sniff_result found = {0};

    item->stream = "nothing known";
    if (sniff_decide(item->reject->payload, SNIFF_END, &found) == ERR_OK &&
        found.kind == SNIFF_FOREIGN) {
        item->stream = found.foreign;
        item->change = found.instead;
    }
}

static const struct schema_type *type_of(const struct explain *e)
{
    return e->found.schema != NULL ? e->found.schema : e->intake.env.payload.schemas->entry;
}

static err_t explain_record(struct explain *e, const struct record *rec, struct explain_item *item)
{
    item->kept = rec;
    item->format = (enum format)rec->format;
    item->length = rec->source.len;
    item->offset = offset_of(e, rec->source.at);
    item->type = type_of(e);
    e->totals.archived++;
    return render_kept(e, rec);
}

static err_t explain_reject(struct explain *e, const struct reject *reject,
                            struct explain_item *item)
{
    item->reject = reject;
    item->format = (enum format)reject->format;
    item->length = reject->length;
    item->offset = offset_of(e, reject->payload.at);
    item->change = reason_fix((enum reason)reject->reason);
    item->type = e->has_found && reject->reason == REASON_SCHEMA ? type_of(e) : NULL;
    if (e->conn->proto.proto == NULL) {
        explain_refused_stream(item);
    }
    e->totals.rejected++;
    return render_rejected(e, reject);
}

static err_t explain_batch(struct explain *e, const struct batch *b)
{
    const struct proto *proto = e->conn->proto.proto;
    struct explain_item item = {
        .number = e->totals.archived + e->totals.rejected + 1,
        .stream = proto != NULL ? proto->name : "",
        .found = e->has_found ? &e->found : NULL,
        .rules = e->has_found ? rules_of(&e->found) : "",
        .change = "",
    };

    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        item.defaulted[f] = b->defaulted[f] > 0;
    }
    TRY(b->record_count > 0 ? explain_record(e, &b->records[0], &item)
                            : explain_reject(e, &b->rejects[0], &item));
    item.line = span_of(e->line.at, e->line.len - 1);
    return e->cfg->explain_format == INGESTOR_EXPLAIN_JSON
               ? explain_json_item(&item, &e->out)
               : explain_text_item(&item, e->paint, &e->out);
}

static err_t flush(struct explain *e)
{
    size_t wrote = e->out.len == 0 ? 0 : fwrite(e->out.at, 1, e->out.len, stdout);
    err_t err = wrote == e->out.len ? ERR_OK : ERR_IO;

    e->out.len = 0;
    return err;
}

static void on_judged(void *arg, const struct batch *b)
{
    struct explain *e = arg;

    if (e->err == ERR_OK && b->record_count + b->reject_count > 0) {
        e->err = explain_batch(e, b);
    }
    if (e->err == ERR_OK) {
        e->err = flush(e);
    }
}

static err_t make_intake(struct explain *e)
{
    const struct ingestor_cfg *cfg = e->cfg;
    struct intake_config config = {
        .render = render_find(span_of_str(ingestor_cfg_out_name(cfg->out))),
        .watch = &e->watch,
        .stamp = {cfg->peer_field, cfg->received_field},
        .schemas = e->schemas,
        .record_bytes_max = (uint32_t)cfg->max_record_bytes,
        .message_bytes_max = (uint32_t)cfg->max_message_bytes,
        .ndjson_strict = cfg->ndjson == INGESTOR_NDJSON_STRICT,
        .zones = e->zones,
    };

    e->watch = (struct intake_watch){on_decoded, on_judged, e};
    TRY(intake_init(&e->intake, &config));
    e->intake.batch->items_max = 1;
    return ERR_OK;
}

/* What the ports are for, if it is one thing: the input comes by any of them. */
static enum sniff_port port_of(const struct option_ports *ports)
{
    for (uint32_t i = 1; i < ports->count; i++) {
        if (ports->choice[i] != ports->choice[0]) {
            return SNIFF_PORT_AUTO;
        }
    }
    return ports->count > 0 ? (enum sniff_port)ports->choice[0] : SNIFF_PORT_AUTO;
}

static err_t make_conn(struct explain *e, int fd)
{
    const struct addr nobody = {0};

    e->env = (struct conn_env){.intake = &e->intake,
                               .refusals = &e->refusals,
                               .scratch = &e->scratch,
                               .held_bytes_max = UINT64_MAX};
    explain_input_init(&e->input, fd);
    TRY(conn_new(-1, &nobody, &e->input.base, &e->conn));
    snprintf(e->conn->peer_name, sizeof(e->conn->peer_name), "%s", PEER_NAME);
    e->conn->stage = CONN_STAGE_SNIFF;
    e->conn->port = port_of(&e->cfg->tls_port);
    return ERR_OK;
}

static err_t make(struct explain *e, int fd, struct schema_link_why why)
{
    struct zone_map_fault fault;

    schema_link_init(&e->link, NULL);
    TRY(zone_map_new(&e->cfg->syslog_zone, &e->zones, &fault));
    TRY(schema_link_start(&e->link, e->cfg, 1, why, &e->schemas));
    TRY(make_intake(e));
    return make_conn(e, fd);
}

static void release(struct explain *e)
{
    if (e->conn != NULL) {
        conn_discard(e->conn);
    }
    intake_done(&e->intake);
    if (e->schemas != NULL) {
        schema_cache_stop(e->schemas);
    }
    schema_cache_free(e->schemas);
    zone_map_free(e->zones);
    buf_done(&e->scratch);
    buf_done(&e->line);
    buf_done(&e->out);
}

/* A shard's loop, for one connection. */
static enum shard_conn_result serve(struct explain *e)
{
    const struct timespec pause = {.tv_nsec = PARK_PAUSE_NS};
    enum shard_conn_result result = CONN_ENDED;
    enum conn_verdict verdict = CONN_AGAIN;

    while (verdict != CONN_OVER && e->err == ERR_OK) {
        intake_begin_turn(&e->intake);
        verdict = conn_serve(e->conn, &e->env, &result);
        if (verdict == CONN_PARK) {
            nanosleep(&pause, NULL);
        } else if (verdict == CONN_WAIT) {
            e->err = fflush(stdout) == 0 ? e->err : ERR_IO;
            explain_input_wait(&e->input);
        }
    }
    return result;
}

static err_t explain_all(struct explain *e)
{
    enum shard_conn_result result = serve(e);

    TRY(e->err);
    ENSURE(e->input.read_errno == 0, ERR_IO);
    e->totals.bytes = e->input.bytes;
    e->totals.closed = result == CONN_UNKNOWN_FORMAT || result == CONN_BAD_FRAME;
    if (e->cfg->explain_format == INGESTOR_EXPLAIN_TEXT) {
        TRY(explain_text_totals(&e->totals, e->paint, &e->out));
        TRY(flush(e));
    }
    return fflush(stdout) == 0 ? ERR_OK : ERR_IO;
}

static int report(const struct explain *e, err_t err)
{
    if (err == ERR_OK) {
        return e->totals.rejected > 0 ? EXPLAIN_REJECTS : EXPLAIN_ALL_GOOD;
    }
    if (e->input.read_errno != 0) {
        fprintf(stderr, "error: cannot read %s: %s\n", e->cfg->explain,
                strerror(e->input.read_errno));
    } else if (err == ERR_NOMEM) {
        fprintf(stderr, "error: out of memory\n");
    } else {
        fprintf(stderr, "error: cannot write to standard output\n");
    }
    return EXPLAIN_FAILED;
}

static int explain_fd(struct explain *e, int fd)
{
    char why[512];

    err_t err = make(e, fd, (struct schema_link_why){why, sizeof(why)});
    if (err != ERR_OK) {
        fprintf(stderr, "error: %s\n", err == ERR_NOMEM ? "out of memory" : why);
        return EXPLAIN_FAILED;
    }
    return report(e, explain_all(e));
}

/* NO_COLOR: https://no-color.org */
static enum explain_paint pick_paint(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool dumb = term == NULL || strcmp(term, "dumb") == 0;
    bool refused = no_color != NULL && no_color[0] != '\0';

    return isatty(STDOUT_FILENO) == 1 && !refused && !dumb ? EXPLAIN_COLOURS : EXPLAIN_PLAIN;
}

int explain_run(const struct ingestor_cfg *cfg)
{
    bool piped = strcmp(cfg->explain, "-") == 0;
    int fd = piped ? STDIN_FILENO : open(cfg->explain, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        fprintf(stderr, "error: cannot read %s: %s\n", cfg->explain, strerror(errno));
        return EXPLAIN_FAILED;
    }
    struct explain *e = calloc(1, sizeof(*e));
    int status = EXPLAIN_FAILED;
    if (e == NULL) {
        fprintf(stderr, "error: out of memory\n");
    } else {
        e->cfg = cfg;
        e->paint = pick_paint();
        e->between = true;
        log_set_level(LOG_ERROR); /* refusals are explained, not logged */
        status = explain_fd(e, fd);
        release(e);
        free(e);
    }
    if (!piped) {
        close(fd);
    }
    return status;
}
