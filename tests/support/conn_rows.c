/* SPDX-License-Identifier: Apache-2.0
 *
 * conn_rows: the table. */
#include "tests/support/conn_rows.h"

#define BYTES(text)              \
    {                            \
        (text), sizeof(text) - 1 \
    }
#define TIME "2026-11-21T04:11:45Z"
#define GOOD_JSON                                                                   \
    "{\"timestamp\":\"2026-11-21T04:11:45Z\",\"level\":\"info\",\"message\":\"m\"," \
    "\"service\":\"s\"}" /* 79 bytes */
#define FRAME_PROTO                                \
    "\x02\x00\x00\x00\x22\x0a\x14" TIME "\x12\x04" \
    "info"                                         \
    "\x1a\x01m\x22\x01s"
#define FRAME_AVRO                         \
    "\x03\x00\x00\x00\x1e\x28" TIME "\x08" \
    "info"                                 \
    "\x02m\x02s"
#define FRAME_JSON "\x01\x00\x00\x00\x4f" GOOD_JSON
#define TEXT_64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TEXT_512   TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64 TEXT_64
#define TEXT_4608 \
    TEXT_512 TEXT_512 TEXT_512 TEXT_512 TEXT_512 TEXT_512 TEXT_512 TEXT_512 TEXT_512 /* 9 */
_Static_assert(sizeof(TEXT_4608) - 1 == 4608 && 4608 > CONN_ROWS_RECORD_BYTES_MAX,
               "it is too large");

const struct conn_row conn_rows[] = {
    {"frames, bad ones between good ones",
     BYTES(FRAME_JSON "\x01\x00\x00\x00\x02{]" FRAME_JSON "\x01\x00\x00\x00\x00" FRAME_JSON
                      "\x07\x00\x00\x00\x03xyz\x04\x00\x00\x00\x05hello" FRAME_JSON),
     CONN_ENDED, 5, 3},
    {"frames of all four formats",
     BYTES(FRAME_PROTO FRAME_AVRO FRAME_JSON "\x04\x00\x00\x00\x05hello" FRAME_AVRO FRAME_PROTO),
     CONN_ENDED, 6, 0},
    {"binary frames that are none",
     BYTES("\x02\x00\x00\x00\x01x" FRAME_AVRO "\x03\x00\x00\x00\x01x" FRAME_PROTO
           "\x02\x00\x00\x00\x05\x80\x80\x80\x80\x10\x03\x00\x00\x00\x02\x01\x01" FRAME_JSON),
     CONN_ENDED, 3, 4},
    {"frames, the last one truncated", BYTES(FRAME_JSON "\x01\x00\x00\x00\x4f{\"time"), CONN_ENDED,
     1, 1},
    {"frames, out of step", BYTES(FRAME_JSON "\xff\xff\xff\xff\xff the rest"), CONN_BAD_FRAME, 1,
     1},
    {"JSON lines", BYTES("{\"msg\":\"a\"}\n\r\n{]\n" GOOD_JSON "\r\n{\"message\":\"last\"}"),
     CONN_ENDED, 3, 1},
    {"syslog lines",
     BYTES("<13>Nov 21 04:11:45 host app[1]: one\n\n<34>1 2026-11-21T04:11:45Z h a p m - two\r\n"
           "not syslog\n<165>1 - - - - - - unfinished"),
     CONN_ENDED, 4, 0},
    {"syslog ended by NUL", BYTES("<13>one\0<14>two\0\0<15>three\nstill three\0"), CONN_ENDED, 3,
     0},
    {"raw lines", BYTES("\nfirst\n\nsecond\rstill second\nthird without end"), CONN_ENDED, 3, 0},
    {"raw lines with bytes that are no UTF-8", BYTES("a\xff\xfe\n\xc3\xa9\n\xc3\n"), CONN_ENDED, 3,
     0},
    {"octet counting", BYTES("8 <13>one \n9 <14>two\n\n5 <15>x"), CONN_ENDED, 3, 0},
    {"octet counting, out of step",
     BYTES("7 <13>one"
           "garbage"),
     CONN_BAD_FRAME, 1, 1},
    {"an HTTP request", BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), CONN_UNKNOWN_FORMAT, 0, 1},
    {"binary", BYTES("\xfe\xed\xfa\xce\x00\x01"), CONN_UNKNOWN_FORMAT, 0, 1},
    {"nothing", BYTES(""), CONN_ENDED, 0, 0},
    {"frames, one too large",
     BYTES(FRAME_JSON "\x04\x00\x00\x12\x00" TEXT_4608 FRAME_JSON "\x09\x00\x00\x00\x01?"),
     CONN_ENDED, 2, 2},
    {"frames, one too large and cut short", BYTES(FRAME_JSON "\x01\x00\x00\x12\x01" TEXT_4608),
     CONN_ENDED, 1, 1},
    {"lines, one too large", BYTES("first\n" TEXT_4608 "\nlast"), CONN_ENDED, 2, 1},
    {"octet counting, one too large", BYTES("7 <13>one4608 " TEXT_4608 "7 <13>two"), CONN_ENDED, 2,
     1},
    {"journald JSON",
     BYTES("{\"__REALTIME_TIMESTAMP\":\"1795234305123456\",\"MESSAGE\":\"m\",\"PRIORITY\":\"4\","
           "\"_SYSTEMD_UNIT\":\"ssh.service\"}\n{\"MESSAGE\":[104,105,255],\"PRIORITY\":\"3\"}\n"
           "{\"MESSAGE\":null,\"_SYSTEMD_UNIT\":\"u\"}\n"),
     CONN_ENDED, 3, 0},
};

const size_t conn_rows_count = sizeof(conn_rows) / sizeof(conn_rows[0]);
