/* SPDX-License-Identifier: Apache-2.0
 *
 * senders_json: the boards of all shards, merged before. */
#include "ingestor/senders_json.h"

#include "ingestor/proto.h"

/* ---- peers ---- */

static void put_streams(struct json_put *j, uint32_t streams)
{
    json_put_array(j, "streams");
    for (unsigned kind = 0; kind < SNIFF_FOREIGN; kind++) {
        if ((streams & 1u << kind) != 0) {
            json_put_text(j, NULL, span_of_str(proto_name((enum sniff_kind)kind)));
        }
    }
    if ((streams & PEER_BOARD_UDP) != 0) {
        json_put_text(j, NULL, SPAN_LIT("UDP"));
    }
    json_put_array_end(j);
}

static void put_signed(struct json_put *j, const char *key, int64_t value)
{
    json_put_real(j, key, (double)value);
}

static void put_peer(struct json_put *j, const struct peer_board_entry *e)
{
    json_put_object(j, NULL);
    json_put_text(j, "address", span_of_str(e->host));
    if (e->name[0] == '\0') {
        json_put_null(j, "name");
    } else {
        json_put_bytes(j, "name", span_of_str(e->name));
    }
    json_put_count(j, "connections", e->connections);
    put_streams(j, e->streams);
    json_put_count(j, "bytes", e->bytes);
    json_put_count(j, "records", e->records);
    json_put_count(j, "rejected", e->rejected);
    if (e->skew_known) {
        put_signed(j, "skew_s", e->skew_s);
    } else {
        json_put_null(j, "skew_s");
    }
    json_put_time(j, "last", e->last_ns);
    json_put_object_end(j);
}

static void put_peers(struct json_put *j, const struct peer_board *b)
{
    const struct peer_board_entry *top[SENDERS_JSON_TOP];
    uint32_t count = peer_board_top(b, top, SENDERS_JSON_TOP);

    json_put_array(j, "peers");
    for (uint32_t i = 0; i < count; i++) {
        put_peer(j, top[i]);
    }
    json_put_array_end(j);
}

/* ---- services ---- */

static void put_services(struct json_put *j, const struct service_board *b)
{
    const struct service_board_entry *top[SENDERS_JSON_TOP];
    uint32_t count = service_board_top(b, top, SENDERS_JSON_TOP);

    json_put_array(j, "services");
    for (uint32_t i = 0; i < count; i++) {
        uint64_t records = top[i]->records < b->seen ? top[i]->records : b->seen;
        json_put_object(j, NULL);
        json_put_bytes(j, "name", span_of(top[i]->name, top[i]->len));
        json_put_count(j, "records", records);
        json_put_real(j, "share", b->seen == 0 ? 0 : (double)records / (double)b->seen);
        json_put_object_end(j);
    }
    json_put_array_end(j);
    json_put_bool(j, "services_sampled", b->sampled);
}

/* ---- foreign protocols ---- */

static void put_seen(struct json_put *j, const struct foreign_board_entry *e)
{
    json_put_object(j, NULL);
    json_put_text(j, "peer", span_of_str(e->peer));
    json_put_text(j, "protocol", span_of_str(e->protocol));
    json_put_text(j, "instead", span_of_str(e->instead));
    json_put_count(j, "count", e->count);
    json_put_time(j, "last", e->last_ns);
    json_put_object_end(j);
}

static void put_foreign(struct json_put *j, const struct foreign_board *b)
{
    const struct foreign_board_entry *latest[FOREIGN_BOARD_PLACES];
    uint32_t count = foreign_board_latest(b, latest);

    json_put_array(j, "foreign");
    for (uint32_t i = 0; i < count; i++) {
        put_seen(j, latest[i]);
    }
    json_put_array_end(j);
}

/* ---- rejects ---- */

/* The line is an object of ours, in valid JSON: its members follow what is added. */
static void put_reject(struct json_put *j, const struct shard_sample *sample)
{
    if (sample->len < 2 || sample->line[0] != '{') {
        return;
    }
    json_put_object(j, NULL);
    json_put_time(j, "at", sample->at_ns);
    json_put_text(j, "fix", span_of_str(reason_fix((enum reason)sample->reason)));
    json_put_bool(j, "truncated", sample->cut);
    json_put_members(j, span_of(sample->line + 1, sample->len - 2));
    json_put_object_end(j);
}

static void put_rejects(struct json_put *j, const struct shard_stats *sum)
{
    json_put_array(j, "rejects_latest");
    for (uint32_t i = 0; i < sum->reject_sample_next; i++) {
        put_reject(j, &sum->reject_samples[i]);
    }
    json_put_array_end(j);
}

void senders_json_put(struct json_put *j, const struct shard_stats *sum)
{
    put_peers(j, &sum->peers);
    put_services(j, &sum->services);
    put_foreign(j, &sum->foreign);
    put_rejects(j, sum);
}
