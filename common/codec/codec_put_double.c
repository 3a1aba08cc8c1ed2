/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_put_double: digits by the method of F. Loitsch, "Printing Floating-Point Numbers Quickly
 * and Accurately with Integers" (2010), the one called Grisu2: the interval of what reads as the
 * number is scaled by a power of ten that is known to 64 bits, made smaller by the error of that,
 * and digits are taken off its upper end until the rest lies within. What comes out always reads as
 * the number; of a thousand numbers, about one has a digit more than it needs. The C library would
 * take many times as long, most of all for numbers that are chosen to. */
#include "codec/codec_put_double.h"

#include <float.h>
#include <math.h>

/* Digits, zeros in front or behind, sign, point, exponent. */
#define NUMBER_BYTES 32u
#define DIGITS_MAX   20u

/* How many places the point may be away from the digits before an exponent is shorter to read. */
#define PLACES_MAX  17
#define ZEROS_MAX   6

#define POWER_FIRST (-348)
#define POWER_STEP  8

#define EXPONENT_LEAST \
    (-60) /* of a scaled number: at least 4 bits and at most 32 of it are above */

/* 10^-348, 10^-340 … 10^340, to 64 bits, the uppermost set. */
static const uint64_t powers[] = {
    0xfa8fd5a0081c0288u, 0xbaaee17fa23ebf76u, 0x8b16fb203055ac76u, 0xcf42894a5dce35eau,
    0x9a6bb0aa55653b2du, 0xe61acf033d1a45dfu, 0xab70fe17c79ac6cau, 0xff77b1fcbebcdc4fu,
    0xbe5691ef416bd60cu, 0x8dd01fad907ffc3cu, 0xd3515c2831559a83u, 0x9d71ac8fada6c9b5u,
    0xea9c227723ee8bcbu, 0xaecc49914078536du, 0x823c12795db6ce57u, 0xc21094364dfb5637u,
    0x9096ea6f3848984fu, 0xd77485cb25823ac7u, 0xa086cfcd97bf97f4u, 0xef340a98172aace5u,
    0xb23867fb2a35b28eu, 0x84c8d4dfd2c63f3bu, 0xc5dd44271ad3cdbau, 0x936b9fcebb25c996u,
    0xdbac6c247d62a584u, 0xa3ab66580d5fdaf6u, 0xf3e2f893dec3f126u, 0xb5b5ada8aaff80b8u,
    0x87625f056c7c4a8bu, 0xc9bcff6034c13053u, 0x964e858c91ba2655u, 0xdff9772470297ebdu,
    0xa6dfbd9fb8e5b88fu, 0xf8a95fcf88747d94u, 0xb94470938fa89bcfu, 0x8a08f0f8bf0f156bu,
    0xcdb02555653131b6u, 0x993fe2c6d07b7facu, 0xe45c10c42a2b3b06u, 0xaa242499697392d3u,
    0xfd87b5f28300ca0eu, 0xbce5086492111aebu, 0x8cbccc096f5088ccu, 0xd1b71758e219652cu,
    0x9c40000000000000u, 0xe8d4a51000000000u, 0xad78ebc5ac620000u, 0x813f3978f8940984u,
    0xc097ce7bc90715b3u, 0x8f7e32ce7bea5c70u, 0xd5d238a4abe98068u, 0x9f4f2726179a2245u,
    0xed63a231d4c4fb27u, 0xb0de65388cc8ada8u, 0x83c7088e1aab65dbu, 0xc45d1df942711d9au,
    0x924d692ca61be758u, 0xda01ee641a708deau, 0xa26da3999aef774au, 0xf209787bb47d6b85u,
    0xb454e4a179dd1877u, 0x865b86925b9bc5c2u, 0xc83553c5c8965d3du, 0x952ab45cfa97a0b3u,
    0xde469fbd99a05fe3u, 0xa59bc234db398c25u, 0xf6c69a72a3989f5cu, 0xb7dcbf5354e9beceu,
    0x88fcf317f22241e2u, 0xcc20ce9bd35c78a5u, 0x98165af37b2153dfu, 0xe2a0b5dc971f303au,
    0xa8d9d1535ce3b396u, 0xfb9b7cd9a4a7443cu, 0xbb764c4ca7a44410u, 0x8bab8eefb6409c1au,
    0xd01fef10a657842cu, 0x9b10a4e5e9913129u, 0xe7109bfba19c0c9du, 0xac2820d9623bf429u,
    0x80444b5e7aa7cf85u, 0xbf21e44003acdd2du, 0x8e679c2f5e44ff8fu, 0xd433179d9c8cb841u,
    0x9e19db92b4e31ba9u, 0xeb96bf6ebadf77d9u, 0xaf87023b9bf0ee6bu,
};

/* bits * 2^exponent */
struct scaled {
    uint64_t bits;
    int exponent;
};

/* digits * 10^exponent */
struct decimal {
    char digits[DIGITS_MAX];
    int count;
    int exponent;
};

/* A number and the two that lie half way to its neighbours, with one exponent. */
struct interval {
    struct scaled low;
    struct scaled number;
    struct scaled high;
};

static struct scaled shifted(uint64_t bits, int exponent, int shift)
{
    return (struct scaled){bits << shift, exponent - shift};
}

/* Of bits * 2^exponent, whose precision is `hidden`'s place. Below a power of two the neighbour is
 * only half as far away, but below the least exponent there is none. */
static struct interval interval_of(uint64_t bits, int exponent, uint64_t hidden, int exponent_min)
{
    bool narrow = bits == hidden && exponent > exponent_min;
    int shift = __builtin_clzll(bits * 2 + 1);
    struct interval i;

    i.high = shifted(bits * 2 + 1, exponent - 1, shift);
    i.number = shifted(bits, exponent, shift + 1);
    if (narrow) {
        i.low = shifted(bits * 4 - 1, exponent - 2, shift - 1);
    } else {
        i.low = shifted(bits * 2 - 1, exponent - 1, shift);
    }
    return i;
}

static struct scaled multiply(struct scaled a, struct scaled b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a.bits * b.bits;

    product += 1ull << 63;
    return (struct scaled){(uint64_t)(product >> 64), a.exponent + b.exponent + 64};
}

static int power_of_index(size_t i)
{
    return POWER_FIRST + POWER_STEP * (int)i;
}

/* The exponent of two of a power of ten; 1741647 / 2^19 is the logarithm, closely enough here. */
static int power_exponent(int power)
{
    return (int)(((int64_t)power * 1741647) >> 19) - 63;
}

/* The power of ten that brings a number with this exponent to EXPONENT_LEAST or little more. */
static struct scaled power_for(int exponent, int *ret_power)
{
    size_t i = 0;
    int wanted = EXPONENT_LEAST - 64 - exponent;
    int64_t power = ((int64_t)(wanted + 63) * 78913) >> 18;

    if (power > POWER_FIRST) {
        i = (size_t)(power - POWER_FIRST) / POWER_STEP;
    }
    while (power_exponent(power_of_index(i)) < wanted) {
        i++;
    }
    *ret_power = power_of_index(i);
    return (struct scaled){powers[i], power_exponent(*ret_power)};
}

/* Takes the last digit down while that brings it nearer to the number: `rest` is what is above the
 * digits, `distance` what is above the number, `unit` what one of the digit is worth. */
static void round_last(struct decimal *d, uint64_t width, uint64_t rest, uint64_t unit,
                       uint64_t distance)
{
    while (rest < distance && width - rest >= unit &&
           (rest + unit < distance || distance - rest > rest + unit - distance)) {
        d->digits[d->count - 1]--;
        rest += unit;
    }
}

static void take_digit(struct decimal *d, unsigned digit)
{
    if (d->count > 0 || digit > 0) {
        d->digits[d->count++] = (char)('0' + digit);
    }
}

/* Digits of `high`, until what is left is less than `width`. */
static void take_digits(struct decimal *d, struct scaled high, uint64_t width, uint64_t distance)
{
    int shift = -high.exponent;
    uint64_t whole = high.bits >> shift;
    uint64_t part = high.bits & ((1ull << shift) - 1);
    uint64_t unit = 1000000000;

    for (int left = 9; left >= 0; left--, unit /= 10) {
        take_digit(d, (unsigned)(whole / unit));
        whole %= unit;
        uint64_t rest = (whole << shift) + part;
        if (rest <= width && d->count > 0) {
            d->exponent += left;
            round_last(d, width, rest, unit << shift, distance);
            return;
        }
    }
    do {
        part *= 10;
        width *= 10;
        distance *= 10;
        take_digit(d, (unsigned)(part >> shift));
        part &= (1ull << shift) - 1;
        d->exponent--;
    } while (part > width);
    round_last(d, width, part, 1ull << shift, distance);
}

static void decimal_of(struct interval i, struct decimal *d)
{
    int power = 0;
    struct scaled scale = power_for(i.high.exponent, &power);
    struct scaled number = multiply(i.number, scale);
    struct scaled low = multiply(i.low, scale);
    struct scaled high = multiply(i.high, scale);

    low.bits++; /* the product may be wrong by one */
    high.bits--;
    d->count = 0;
    d->exponent = -power;
    take_digits(d, high, high.bits - low.bits, high.bits - number.bits);
}

/* Digits with the point among them or beside them. */
static char *put_plain(char *out, const struct decimal *d, int point)
{
    if (point <= 0) {
        *out++ = '0';
        *out++ = '.';
        for (int i = point; i < 0; i++) {
            *out++ = '0';
        }
    }
    for (int i = 0; i < d->count || i < point; i++) {
        if (i == point && i > 0) {
            *out++ = '.';
        }
        *out++ = i < d->count ? d->digits[i] : '0';
    }
    return out;
}

static char *put_exponent(char *out, const struct decimal *d, int exponent)
{
    unsigned left = (unsigned)(exponent < 0 ? -exponent : exponent);

    *out++ = d->digits[0];
    if (d->count > 1) {
        *out++ = '.';
        memcpy(out, d->digits + 1, (size_t)d->count - 1);
        out += d->count - 1;
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    for (unsigned unit = left >= 100 ? 100 : left >= 10 ? 10 : 1; unit > 0; unit /= 10) {
        *out++ = (char)('0' + left / unit % 10);
    }
    return out;
}

static void put_decimal(struct codec_put *p, const struct decimal *d, bool negative)
{
    char text[NUMBER_BYTES];
    char *out = text;
    int point = d->count + d->exponent;

    if (negative) {
        *out++ = '-';
    }
    if (point > -ZEROS_MAX && point <= PLACES_MAX) {
        out = put_plain(out, d, point);
    } else {
        out = put_exponent(out, d, point - 1);
    }
    codec_put_word(p, span_of(text, (size_t)(out - text)));
}

/* Whether the number is one that has no digits; writes it then. */
static bool put_without_digits(struct codec_put *p, double number)
{
    if (isnan(number)) {
        codec_put_quoted(p, SPAN_LIT("NaN"));
        return true;
    }
    if (isinf(number)) {
        codec_put_quoted(p, number < 0 ? SPAN_LIT("-Infinity") : SPAN_LIT("Infinity"));
        return true;
    }
    if (number == 0) {
        codec_put_word(p, signbit(number) ? SPAN_LIT("-0.0") : SPAN_LIT("0"));
        return true;
    }
    return false;
}

void codec_put_double(struct codec_put *p, double number)
{
    const int exponent_min = DBL_MIN_EXP - DBL_MANT_DIG;
    const uint64_t hidden = 1ull << (DBL_MANT_DIG - 1);
    uint64_t bits = 0;
    struct decimal d;

    if (put_without_digits(p, number)) {
        return;
    }
    memcpy(&bits, &number, sizeof(bits));
    int biased = (int)(bits >> (DBL_MANT_DIG - 1) & 0x7ff);
    bits &= hidden - 1;
    decimal_of(biased == 0
                   ? interval_of(bits, exponent_min, hidden, exponent_min)
                   : interval_of(bits | hidden, exponent_min + biased - 1, hidden, exponent_min),
               &d);
    put_decimal(p, &d, signbit(number) != 0);
}

void codec_put_double_float(struct codec_put *p, float number)
{
    const int exponent_min = FLT_MIN_EXP - FLT_MANT_DIG;
    const uint64_t hidden = 1ull << (FLT_MANT_DIG - 1);
    uint32_t word = 0;
    struct decimal d;

    if (put_without_digits(p, (double)number)) {
        return;
    }
    memcpy(&word, &number, sizeof(word));
    int biased = (int)(word >> (FLT_MANT_DIG - 1) & 0xff);
    uint64_t bits = word & (hidden - 1);
    decimal_of(biased == 0
                   ? interval_of(bits, exponent_min, hidden, exponent_min)
                   : interval_of(bits | hidden, exponent_min + biased - 1, hidden, exponent_min),
               &d);
    put_decimal(p, &d, signbit(number) != 0);
}
