/*
** MD5, which Amplify shortens long subscription names with. It protects nothing here.
*/
#include "model/model_int.h"

#include <string.h>

#define BLOCK  64 /* bytes */
#define LENGTH 8  /* bytes that the message's length takes at the end of the last block */

/* RFC 1321, 3.4: the integer part of 2^32 * abs(sin(i + 1)). */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613,
    0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193,
    0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d,
    0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
    0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122,
    0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244,
    0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
    0xeb86d391,
};

/* The shifts of each round, used in turn. */
static const unsigned shifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t rotate(uint32_t x, unsigned by) {
    return x << by | x >> (32 - by);
}

static uint32_t word_at(const unsigned char *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The function of each round, and which word of the block step `i` takes. */
static uint32_t mix(unsigned i, uint32_t b, uint32_t c, uint32_t d, unsigned *out_word) {
    switch (i / 16) {
    case 0:
        *out_word = i;
        return (b & c) | (~b & d);
    case 1:
        *out_word = (5 * i + 1) % 16;
        return (d & b) | (~d & c);
    case 2:
        *out_word = (3 * i + 5) % 16;
        return b ^ c ^ d;
    default:
        *out_word = 7 * i % 16;
        return c ^ (b | ~d);
    }
}

static void add_block(uint32_t state[4], const unsigned char *block) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned word;
        uint32_t f = mix(i, b, c, d, &word) + a + sines[i] + word_at(block + 4 * word);
        a = d;
        d = c;
        c = b;
        b += rotate(f, shifts[i / 16][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void ds_md5_hex(const char *text, size_t length, char out[DS_MD5_HEX_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t rest = length % BLOCK;
    for (size_t at = 0; at + BLOCK <= length; at += BLOCK) {
        add_block(state, bytes + at);
    }
    /* A bit 1, zeros, and the length in bits fill up one block or two. */
    unsigned char last[2 * BLOCK] = {0};
    size_t size = rest + 1 + LENGTH <= BLOCK ? BLOCK : 2 * BLOCK;
    if (rest > 0) {
        memcpy(last, bytes + length - rest, rest);
    }
    last[rest] = 0x80;
    for (size_t i = 0; i < LENGTH; i++) {
        last[size - LENGTH + i] = (unsigned char)((uint64_t)length * 8 >> (8 * i));
    }
    for (size_t at = 0; at < size; at += BLOCK) {
        add_block(state, last + at);
    }
    for (size_t i = 0; i < 16; i++) {
        unsigned byte = state[i / 4] >> (8 * (i % 4)) & 0xFF;
        out[2 * i] = digits[byte >> 4];
        out[2 * i + 1] = digits[byte & 0xF];
    }
    out[32] = '\0';
}
