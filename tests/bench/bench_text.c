/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_text: draws and fills sentences. */
#include "tests/bench/bench_text.h"

#include <assert.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A varied text is drawn to a length between these; the last sentence is cut. */
#define VARIED_BYTES_MIN 200u
#define VARIED_BYTES_MAX 400u

_Static_assert(VARIED_BYTES_MAX < BENCH_TEXT_BYTES_MAX, "a text fits");

static const char *const short_sentences[] = {
    "User login successful",       "User logout",
    "Cache miss for session key",  "Payment processed",
    "Order created successfully",  "Database connection timeout",
    "Request completed in 35 ms",  "Invalid token presented",
    "Configuration file reloaded", "Retrying upstream request",
};

static const char *const services[] = {
    "auth-service", "order-service", "payment-service", "api-gateway", "user-service",
};

/* What a sentence leaves open: $w word, $n number, $m milliseconds, $i address, $h 16 hexadecimal
 * digits, $u a UUID, $p path. */
static const char *const sentences[] = {
    "GET $p 200 $n bytes in $m ms from $i. ",
    "POST $p 201 $n bytes in $m ms from $i. ",
    "request_id=$h user_id=$n trace=$u ",
    "Connection to $w-$n.internal ($i:5432) was closed by the peer after $m ms. ",
    "Retry $n of 5 for job $u in queue $w, next attempt in $m ms. ",
    "Slow query: SELECT id, $w FROM $w WHERE $w = $n ORDER BY created_at took $m ms. ",
    "Worker $n picked up task \"$w $w\" with priority $n. ",
    "Cache $w: hit ratio 0.$n, evicted $n entries, $n kB in use. ",
    "The $w of the $w could not be read from $p, using the last known $w. ",
    "Session $h expired for user $w.$w@example.com. ",
    "Health check of $w succeeded in $m ms. ",
    "Payment $u over $n.$n \xe2\x82\xac was accepted by $w. ",
    "Kunde $w \xc3\xa4ndert Lieferadresse, Auftrag $n. ",
    "java.lang.IllegalStateException: $w is not $w at com.example.$w.$w(Main.java:$n) ",
    "Scaled $w from $n to $n replicas because load was $n. ",
    "Token of $i refused: signature \"$h\" does not match key $n. ",
    "Wrote $n rows to $p in $m ms, checksum $h. ",
    "Kafka consumer $w-$n lags $n messages behind on partition $n. ",
};

static const char *const words[] = {
    "account",  "address",   "adapter",   "archive",    "balance", "basket",   "batch",
    "billing",  "bucket",    "buffer",    "calendar",   "catalog", "channel",  "checkout",
    "cluster",  "contract",  "cursor",    "customer",   "default", "delivery", "device",
    "document", "endpoint",  "event",     "export",     "feature", "gateway",  "group",
    "handler",  "import",    "index",     "inventory",  "invoice", "item",     "ledger",
    "limit",    "listener",  "locale",    "manifest",   "member",  "message",  "metadata",
    "migrator", "monitor",   "network",   "node",       "notice",  "offer",    "order",
    "package",  "partition", "password",  "payload",    "policy",  "pool",     "pricing",
    "profile",  "provider",  "quota",     "recipient",  "refund",  "region",   "replica",
    "report",   "resource",  "router",    "scheduler",  "schema",  "segment",  "session",
    "shipment", "snapshot",  "storage",   "subscriber", "tenant",  "ticket",   "transfer",
    "upload",   "voucher",   "warehouse",
};

void bench_text_init(struct bench_text *t, uint64_t sender)
{
    t->state = 0x5eed0000u + sender;
}

/* splitmix64 */
static uint64_t next(struct bench_text *t)
{
    uint64_t z = t->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t bench_text_draw(struct bench_text *t, uint64_t below)
{
    return next(t) % below;
}

struct span bench_text_short(struct bench_text *t)
{
    return span_of_str(short_sentences[bench_text_draw(t, COUNT(short_sentences))]);
}

const struct bench_text_level *bench_text_draw_level(struct bench_text *t)
{
    static const struct bench_text_level levels[] = {
        {"ERROR", 3}, {"WARN", 4}, {"INFO", 6}, {"DEBUG", 7}};
    uint64_t percent = bench_text_draw(t, 100);

    return &levels[percent < 5 ? 0 : percent < 15 ? 1 : percent < 75 ? 2 : 3];
}

struct span bench_text_draw_service(struct bench_text *t)
{
    return span_of_str(services[bench_text_draw(t, COUNT(services))]);
}

static char *put_span(char *out, struct span s)
{
    memcpy(out, s.at, s.len);
    return out + s.len;
}

/* Words are not equally frequent: the smaller of two draws is, as in real text, mostly small. */
static char *put_word(struct bench_text *t, char *out)
{
    uint64_t a = bench_text_draw(t, COUNT(words));
    uint64_t b = bench_text_draw(t, COUNT(words));

    return put_span(out, span_of_str(words[a < b ? a : b]));
}

static char *put_number(char *out, uint64_t value)
{
    char digits[20];
    size_t len = 0;

    do {
        digits[sizeof(digits) - ++len] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return put_span(out, span_of(digits + sizeof(digits) - len, len));
}

static char *put_hex(char *out, uint64_t value, unsigned digits)
{
    for (unsigned i = 0; i < digits; i++) {
        *out++ = "0123456789abcdef"[value >> 60];
        value <<= 4;
    }
    return out;
}

static char *put_address(struct bench_text *t, char *out)
{
    out = put_span(out, SPAN_LIT("10."));
    out = put_number(out, bench_text_draw(t, 4));
    *out++ = '.';
    out = put_number(out, bench_text_draw(t, 256));
    *out++ = '.';
    return put_number(out, bench_text_draw(t, 256));
}

static char *put_uuid(struct bench_text *t, char *out)
{
    static const unsigned groups[] = {8, 4, 4, 4, 12};

    for (size_t i = 0; i < COUNT(groups); i++) {
        if (i > 0) {
            *out++ = '-';
        }
        out = put_hex(out, next(t), groups[i]);
    }
    return out;
}

static char *put_path(struct bench_text *t, char *out)
{
    out = put_span(out, SPAN_LIT("/api/v1/"));
    out = put_word(t, out);
    *out++ = '/';
    return put_number(out, bench_text_draw(t, 100000));
}

static char *put_field(struct bench_text *t, char field, char *out)
{
    switch (field) {
    case 'w':
        return put_word(t, out);
    case 'n':
        return put_number(out, bench_text_draw(t, bench_text_draw(t, 4) == 0 ? 100000 : 100));
    case 'm':
        return put_number(out, 1 + bench_text_draw(t, bench_text_draw(t, 4) == 0 ? 5000 : 60));
    case 'i':
        return put_address(t, out);
    case 'h':
        return put_hex(out, next(t), 16);
    case 'u':
        return put_uuid(t, out);
    case 'p':
        return put_path(t, out);
    default:
        assert(false);
        return out;
    }
}

static char *put_sentence(struct bench_text *t, char *out)
{
    const char *from = sentences[bench_text_draw(t, COUNT(sentences))];

    for (; *from != '\0'; from++) {
        if (*from == '$') {
            out = put_field(t, *++from, out);
        } else {
            *out++ = *from;
        }
    }
    return out;
}

/* Cuts between two characters. */
static size_t cut_at(const char *text, size_t at_most)
{
    while (at_most > 0 && ((unsigned char)text[at_most] & 0xc0) == 0x80) {
        at_most--;
    }
    return at_most;
}

size_t bench_text_varied(struct bench_text *t, char *out)
{
    size_t wanted = VARIED_BYTES_MIN + bench_text_draw(t, VARIED_BYTES_MAX - VARIED_BYTES_MIN + 1);
    char text[VARIED_BYTES_MAX + BENCH_TEXT_BYTES_MAX];
    char *end = text;

    while ((size_t)(end - text) <= wanted) {
        end = put_sentence(t, end);
        assert(end <= text + sizeof(text));
    }
    size_t len = cut_at(text, wanted);
    memcpy(out, text, len);
    return len;
}
