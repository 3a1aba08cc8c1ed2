/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy_header: byte by byte, so that it does not matter how the header was cut; a connection has
 * one. */
#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define V2_HEAD_BYTES 16u
#define WORDS         6u /* PROXY TCP4 source destination port port */
#define WORD_BYTES    40u

enum family { FAMILY_UNSPEC, FAMILY_IP4, FAMILY_IP6, FAMILY_UNIX };
enum protocol { PROTOCOL_UNSPEC, PROTOCOL_STREAM, PROTOCOL_DGRAM };
enum command { COMMAND_LOCAL, COMMAND_PROXY };

/* Addresses of client and proxy, then their ports. */
#define BLOCK_IP4_BYTES 12u
#define BLOCK_IP6_BYTES 36u

_Static_assert(V2_HEAD_BYTES + BLOCK_IP6_BYTES <= PROXY_HEADER_V1_BYTES_MAX,
               "the addresses are in the part that is kept");

static const struct span v1_start = {"PROXY ", 6};
static const struct span v2_start = {"\r\n\r\n\0\r\nQUIT\n", 12};

bool proxy_header_begins(struct span head)
{
    return span_starts_with(head, v1_start) || span_starts_with(head, v2_start);
}

static err_t fail(struct proxy_header *p, const char *why)
{
    p->why = why;
    return ERR_SYNTAX;
}

static err_t parse_port(struct span word, uint16_t *ret)
{
    uint32_t port = 0;

    ENSURE(word.len >= 1 && word.len <= 5 && (word.len == 1 || word.at[0] != '0'), ERR_SYNTAX);
    for (size_t i = 0; i < word.len; i++) {
        ENSURE(word.at[i] >= '0' && word.at[i] <= '9', ERR_SYNTAX);
        port = port * 10 + (uint32_t)(word.at[i] - '0');
    }
    ENSURE(port <= UINT16_MAX, ERR_SYNTAX);
    *ret = (uint16_t)port;
    return ERR_OK;
}

static err_t parse_addr(struct span word, uint16_t port, int family, struct addr *ret)
{
    char text[WORD_BYTES];
    struct addr addr;

    ENSURE(word.len > 0 && word.len < sizeof(text) && span_find(word, '\0') == word.len,
           ERR_SYNTAX);
    memcpy(text, word.at, word.len);
    text[word.len] = '\0';
    TRY(addr_parse(text, port, &addr));
    ENSURE(addr.storage.ss_family == family, ERR_SYNTAX);
    *ret = addr;
    return ERR_OK;
}

/* Exactly WORDS words with one space between. */
static err_t split_words(struct span line, struct span words[WORDS])
{
    for (size_t i = 0; i < WORDS; i++) {
        size_t end = span_find(line, ' ');
        words[i] = span_head(line, end);
        ENSURE((end == line.len) == (i + 1 == WORDS), ERR_SYNTAX);
        line = span_skip(line, end == line.len ? end : end + 1);
    }
    return ERR_OK;
}

static err_t parse_client(struct span line, struct addr *ret)
{
    struct span words[WORDS];
    struct addr proxy;
    uint16_t from = 0;
    uint16_t to = 0;

    TRY(split_words(line, words));
    bool ip4 = span_equal(words[1], SPAN_LIT("TCP4"));
    ENSURE(ip4 || span_equal(words[1], SPAN_LIT("TCP6")), ERR_SYNTAX);
    int family = ip4 ? AF_INET : AF_INET6;
    TRY(parse_port(words[4], &from));
    TRY(parse_port(words[5], &to));
    TRY(parse_addr(words[3], to, family, &proxy));
    return parse_addr(words[2], from, family, ret);
}

static bool is_unknown(struct span line)
{
    return span_equal(line, SPAN_LIT("PROXY UNKNOWN")) ||
           span_starts_with(line, SPAN_LIT("PROXY UNKNOWN "));
}

static err_t end_v1(struct proxy_header *p)
{
    struct span line = span_of((const char *)p->head, p->have - 1);

    if (line.len == 0 || line.at[line.len - 1] != '\r') {
        return fail(p, "its line does not end with CR LF");
    }
    line.len--;
    if (is_unknown(line)) {
        return ERR_OK;
    }
    if (parse_client(line, &p->client) != ERR_OK) {
        return fail(p, "no \"PROXY TCP4|TCP6 address address port port\"");
    }
    p->has_client = true;
    return ERR_OK;
}

/* The first 16 bytes of version 2 are there. */
static err_t begin_v2(struct proxy_header *p)
{
    unsigned family = p->head[13] >> 4;
    unsigned protocol = p->head[13] & 15u;
    uint32_t block = (uint32_t)p->head[14] << 8 | p->head[15];
    bool local = (p->head[12] & 15u) == COMMAND_LOCAL;

    if (p->head[12] >> 4 != 2 || (p->head[12] & 15u) > COMMAND_PROXY) {
        return fail(p, "neither LOCAL nor PROXY of version 2");
    }
    /* What a proxy says of its own connection is not looked at. */
    if (!local && (family > FAMILY_UNIX || protocol > PROTOCOL_DGRAM)) {
        return fail(p, "an address family or protocol that is not defined");
    }
    if (block > PROXY_HEADER_BLOCK_BYTES_MAX) {
        return fail(p, "more than 4096 bytes of addresses");
    }
    p->total = V2_HEAD_BYTES + block;
    return ERR_AGAIN;
}

static void take_ip4(struct proxy_header *p)
{
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    const uint8_t *block = p->head + V2_HEAD_BYTES;

    memcpy(&in4.sin_addr, block, 4);
    memcpy(&in4.sin_port, block + 8, 2);
    p->client = (struct addr){.len = sizeof(in4)};
    memcpy(&p->client.storage, &in4, sizeof(in4));
    p->has_client = true;
}

static void take_ip6(struct proxy_header *p)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    const uint8_t *block = p->head + V2_HEAD_BYTES;

    memcpy(&in6.sin6_addr, block, 16);
    memcpy(&in6.sin6_port, block + 32, 2);
    p->client = (struct addr){.len = sizeof(in6)};
    memcpy(&p->client.storage, &in6, sizeof(in6));
    p->has_client = true;
}

static err_t end_v2(struct proxy_header *p)
{
    unsigned family = p->head[13] >> 4;
    uint32_t block = p->total - V2_HEAD_BYTES;
    bool local = (p->head[12] & 15u) == COMMAND_LOCAL;

    if (local || (p->head[13] & 15u) == PROTOCOL_UNSPEC) {
        return ERR_OK;
    }
    if ((family == FAMILY_IP4 && block < BLOCK_IP4_BYTES) ||
        (family == FAMILY_IP6 && block < BLOCK_IP6_BYTES)) {
        return fail(p, "fewer bytes of addresses than its family has");
    }
    if (family == FAMILY_IP4) {
        take_ip4(p);
    }
    if (family == FAMILY_IP6) {
        take_ip6(p);
    }
    return ERR_OK;
}

/* Behind the byte that was just added. */
static err_t look_v1(struct proxy_header *p)
{
    if (p->head[p->have - 1] == '\n') {
        return end_v1(p);
    }
    if (p->have == PROXY_HEADER_V1_BYTES_MAX) {
        return fail(p, "its line is longer than 107 bytes");
    }
    return ERR_AGAIN;
}

static err_t look_v2(struct proxy_header *p)
{
    if (p->have == V2_HEAD_BYTES) {
        err_t err = begin_v2(p);
        ENSURE(err == ERR_AGAIN, err);
    }
    return p->have >= V2_HEAD_BYTES && p->have == p->total ? end_v2(p) : ERR_AGAIN;
}

static err_t take_byte(struct proxy_header *p, char byte)
{
    if (p->have < sizeof(p->head)) {
        p->head[p->have] = (uint8_t)byte;
    }
    p->have++;
    struct span start = p->head[0] == (uint8_t)v1_start.at[0] ? v1_start : v2_start;
    if (p->have <= start.len) {
        bool same = memcmp(p->head, start.at, p->have) == 0;
        p->why = same ? NULL : "no PROXY header";
        return same ? ERR_AGAIN : ERR_UNKNOWN;
    }
    return start.at == v1_start.at ? look_v1(p) : look_v2(p);
}

err_t proxy_header_take(struct proxy_header *p, struct span in, size_t *ret_taken)
{
    err_t err = ERR_AGAIN;
    size_t i = 0;

    for (; i < in.len && err == ERR_AGAIN; i++) {
        err = take_byte(p, in.at[i]);
    }
    *ret_taken = i;
    return err;
}
