/* SPDX-License-Identifier: Apache-2.0
 *
 * The turns of a shard, over transports that write down when they were asked: nobody is served
 * twice before everybody was served once, nobody gets more than a turn's share, and a turn takes
 * one handshake step. What is judged is the order, so the machine's load changes nothing. */
#include "ingestor/shard_loop.h"

#include "base/clock.h"
#include "tests/support/builtin_schemas.h"
#include "tests/support/fake_archive.h"
#include "tests/support/test.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUSY            2u
#define QUIET           50u
#define PLAYERS         (BUSY + QUIET)
#define BUSY_BYTES      (4u * TURN_BYTES_MAX)
#define EVENTS_MAX      65536u
#define HANDSHAKE_STEPS 3u
#define PATIENCE_MS     60000u

/* A read may begin when the share is nearly used up, and then fills its buffer. */
#define SHARE_BYTES_MAX (TURN_BYTES_MAX + 64u * KIB)

enum event_kind { EVENT_READ, EVENT_HANDSHAKE };

struct event {
    enum event_kind kind;
    unsigned player;
    unsigned turn;
    size_t bytes;
};

struct rig;

/* A transport that has so many bytes of lines, then nothing. */
struct player {
    struct transport base;
    struct rig *rig;
    unsigned index;
    unsigned handshakes; /* steps left */
    size_t bytes;
};

struct rig {
    struct archive archive;
    struct schema_cache *schemas;
    struct shard *shard;
    struct player players[PLAYERS];
    struct event events[EVENTS_MAX]; /* written by the shard's thread, read after its end */
    size_t event_count;
    int readable; /* always readable: what connections without a handshake poll */
};

static void note(struct player *p, enum event_kind kind, size_t bytes)
{
    struct rig *r = p->rig;

    if (r->event_count < EVENTS_MAX) {
        r->events[r->event_count++] = (struct event){kind, p->index, r->archive.reap_calls, bytes};
    }
}

static err_t play_handshake(struct transport *t)
{
    struct player *p = (struct player *)t;

    note(p, EVENT_HANDSHAKE, 0);
    p->handshakes--;
    return p->handshakes > 0 ? ERR_AGAIN : ERR_OK;
}

static bool wants_write(const struct transport *t)
{
    (void)t;
    return false;
}

/* Lines of 64 bytes, as many as there is room for. */
static err_t play_read(struct transport *t, char *at, size_t room, size_t *ret_got)
{
    struct player *p = (struct player *)t;
    size_t got = room < p->bytes ? room : p->bytes;

    note(p, EVENT_READ, got);
    if (got == 0) {
        return ERR_AGAIN;
    }
    memset(at, 'x', got);
    for (size_t i = 63; i < got; i += 64) {
        at[i] = '\n';
    }
    p->bytes -= got;
    *ret_got = got;
    return ERR_OK;
}

static const char *why(const struct transport *t)
{
    (void)t;
    return "";
}

static enum transport_failure failure(const struct transport *t)
{
    (void)t;
    return TRANSPORT_OTHER;
}

static const char *cert_name(const struct transport *t)
{
    (void)t;
    return "";
}

static void free_nothing(struct transport *t)
{
    (void)t;
}

static const struct transport_ops player_ops = {play_handshake, wants_write, play_read,   why,
                                                failure,        cert_name,   free_nothing};

static void conn_closed(void *arg, const struct addr *peer)
{
    (void)arg;
    (void)peer;
}

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    fake_archive_init(&r->archive, RENDER_LINE_BYTES_MAX(REJECT_KEEP_BYTES));
    r->readable = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(r->readable >= 0);
    r->schemas = builtin_schemas_new();
    struct shard_config config = {.cpu = -1,
                                  .schemas = r->schemas,
                                  .archive = &r->archive,
                                  .render = render_find(SPAN_LIT("jsonl")),
                                  .record_bytes_max = 64 * KIB,
                                  .message_bytes_max = 64 * KIB,
                                  .held_bytes_max = 1u << 30,
                                  .udp_fd = -1,
                                  .conn_closed = conn_closed};
    struct shard_policy policy = {.flush_interval_ns = NS_PER_S,
                                  .handshake_timeout_ns = 600 * NS_PER_S};
    assert_ok(shard_start(&config, &policy, &r->shard));
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;

    shard_free(r->shard);
    schema_cache_free(r->schemas);
    fake_archive_done(&r->archive);
    close(r->readable);
    free(r);
    return 0;
}

/* Hands over a connection with so many bytes; the shard owns `fd` from here on. */
static void give(struct rig *r, unsigned index, int fd, unsigned handshakes, size_t bytes)
{
    struct player *p = &r->players[index];
    struct conn *c = NULL;
    struct addr peer;

    *p = (struct player){.base = {.ops = &player_ops},
                         .rig = r,
                         .index = index,
                         .handshakes = handshakes,
                         .bytes = bytes};
    assert_ok(addr_parse("192.0.2.7", 4242, &peer));
    assert_ok(conn_new(fd, &peer, &p->base, &c));
    c->stage = handshakes > 0 ? CONN_STAGE_FIRST_BYTE : CONN_STAGE_SNIFF;
    assert_ok(shard_give(r->shard, c));
}

/* What the shard's thread has published by now. */
static void wait_for(struct rig *r, uint64_t open, uint64_t bytes)
{
    static struct shard_stats stats;

    for (unsigned ms = 0; ms < PATIENCE_MS; ms++) {
        shard_read_stats(r->shard, &stats);
        if (stats.connections_open == open && stats.bytes_received >= bytes) {
            return;
        }
        usleep(1000);
    }
    fail_msg("%llu connections open, %llu bytes read", (unsigned long long)stats.connections_open,
             (unsigned long long)stats.bytes_received);
}

static void end_shard(struct rig *r)
{
    uint64_t now = clock_mono_ns();

    shard_drain(r->shard, now, now + NS_PER_S);
    shard_join(r->shard);
    assert_true(r->event_count < EVENTS_MAX);
}

/* How much each player got in the turn whose events begin at `*at`, which is then behind them.
 * Fails if anybody was served, left and served again. */
static void take_turn(const struct rig *r, size_t *at, size_t bytes[PLAYERS], bool served[PLAYERS])
{
    unsigned turn = r->events[*at].turn;

    memset(bytes, 0, PLAYERS * sizeof(bytes[0]));
    memset(served, 0, PLAYERS * sizeof(served[0]));
    for (size_t first = *at; *at < r->event_count && r->events[*at].turn == turn; (*at)++) {
        const struct event *e = &r->events[*at];
        bool goes_on = *at > first && e[-1].player == e->player;
        if (served[e->player] && !goes_on) {
            fail_msg("turn %u serves player %u twice", turn, e->player);
        }
        served[e->player] = true;
        bytes[e->player] += e->bytes;
    }
}

/* Beats go on without any traffic, and at once when somebody asks. */
static void shows_that_it_goes_on(void **state)
{
    struct rig *r = *state;

    for (unsigned round = 0; round < 20; round++) {
        uint64_t beats = shard_beats(r->shard);
        shard_wake(r->shard);
        for (unsigned ms = 0; shard_beats(r->shard) == beats && ms < PATIENCE_MS; ms++) {
            usleep(1000);
        }
        assert_int_not_equal(shard_beats(r->shard), beats);
    }
    end_shard(r);
}

static void serves_everybody_once_before_anybody_twice(void **state)
{
    struct rig *r = *state;
    size_t bytes[PLAYERS];
    bool served[PLAYERS];
    size_t got[PLAYERS] = {0};
    unsigned busy_turns = 0;

    r->archive.refuse_every = 1; /* no room: nobody is polled until all are there and ready */
    for (unsigned i = 0; i < PLAYERS; i++) {
        give(r, i, dup(r->readable), 0, i < BUSY ? BUSY_BYTES : 64);
    }
    wait_for(r, PLAYERS, 0);
    r->archive.refuse_every = 0;
    wait_for(r, PLAYERS, (uint64_t)BUSY * BUSY_BYTES + QUIET * 64u);
    end_shard(r);

    for (size_t at = 0; at < r->event_count && got[0] + got[1] < 2 * BUSY_BYTES;) {
        take_turn(r, &at, bytes, served);
        busy_turns++;
        for (unsigned i = 0; i < PLAYERS; i++) {
            bool has_more = i >= BUSY || got[i] < BUSY_BYTES;
            if (has_more && !served[i]) {
                fail_msg("turn %u of work leaves player %u out", busy_turns, i);
            }
            assert_true(bytes[i] <= SHARE_BYTES_MAX);
            got[i] += bytes[i];
        }
    }
    assert_true(busy_turns >= BUSY_BYTES / SHARE_BYTES_MAX);
    for (unsigned i = BUSY; i < PLAYERS; i++) {
        assert_int_equal(got[i], 64); /* in the first turn, before the busy ones' second */
    }
}

static void takes_one_handshake_step_a_turn(void **state)
{
    struct rig *r = *state;
    int peers[QUIET];
    unsigned steps = 0;

    for (unsigned i = 0; i < QUIET; i++) {
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        assert_int_equal(write(fds[1], "\x16", 1), 1); /* how TLS begins */
        peers[i] = fds[1];
        give(r, i, fds[0], HANDSHAKE_STEPS, 64);
    }
    give(r, QUIET, dup(r->readable), 0, BUSY_BYTES);
    wait_for(r, QUIET + 1, BUSY_BYTES + QUIET * 64u);
    end_shard(r);

    for (size_t i = 0; i < r->event_count; i++) {
        const struct event *e = &r->events[i];
        if (e->kind != EVENT_HANDSHAKE) {
            continue;
        }
        steps++;
        for (size_t j = i + 1; j < r->event_count && r->events[j].turn == e->turn; j++) {
            assert_int_equal(r->events[j].kind, EVENT_READ);
        }
    }
    assert_int_equal(steps, QUIET * HANDSHAKE_STEPS);
    for (unsigned i = 0; i < QUIET; i++) {
        close(peers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_that_it_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(serves_everybody_once_before_anybody_twice, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(takes_one_handshake_step_a_turn, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
