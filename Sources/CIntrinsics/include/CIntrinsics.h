// Inlines that Swift cannot express. Header only, no system call.
#ifndef CINTRINSICS_H
#define CINTRINSICS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline void minidns_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

// Sixteen octets at once, in the compiler's portable vectors: two or three instructions each with SSE2 or NEON. A mask
// has one bit an octet, the first the lowest.
typedef uint8_t minidns_octets __attribute__((ext_vector_type(16)));
typedef bool minidns_bits __attribute__((ext_vector_type(16)));

static inline minidns_octets minidns_load(const void *address) {
    minidns_octets octets;
    memcpy(&octets, address, sizeof octets);
    return octets;
}

#define MINIDNS_MASK(condition) __builtin_bit_cast(uint16_t, __builtin_convertvector((condition), minidns_bits))

// Which octets are `octet`.
static inline uint32_t minidns_mask(const void *address, uint8_t octet) {
    return MINIDNS_MASK(minidns_load(address) == octet);
}

// Which may end a word of a zone file or begin an escape: those up to `)`, `;` and `\`.
static inline uint32_t minidns_mask_word_end(const void *address) {
    minidns_octets octets = minidns_load(address);
    return MINIDNS_MASK((octets <= ')') | (octets == ';') | (octets == '\\'));
}

// Which may end a quoted string or begin an escape: line's ends, `"` and `\`.
static inline uint32_t minidns_mask_quote_end(const void *address) {
    minidns_octets octets = minidns_load(address);
    return MINIDNS_MASK((octets == '\n') | (octets == '"') | (octets == '\\'));
}

// Which may end a label of a name or begin an escape: `.` and `\`.
static inline uint32_t minidns_mask_label_end(const void *address) {
    minidns_octets octets = minidns_load(address);
    return MINIDNS_MASK((octets == '.') | (octets == '\\'));
}

// Which are no blanks: neither blank nor tab nor carriage return.
static inline uint32_t minidns_mask_no_blank(const void *address) {
    minidns_octets octets = minidns_load(address);
    return MINIDNS_MASK((octets != ' ') & (octets != '\t') & (octets != '\r'));
}

static inline minidns_octets minidns_folded(minidns_octets octets) {
    return octets | ((minidns_octets)((octets - 'A') < 26) & 0x20);
}

// Copies sixteen octets and turns letters into lower case.
static inline void minidns_copy_folded(const void *from, void *to) {
    minidns_octets octets = minidns_folded(minidns_load(from));
    memcpy(to, &octets, sizeof octets);
}

// Which octets of `text`, in lower case, are those of `folded`.
static inline uint32_t minidns_mask_folded(const void *text, const void *folded) {
    return MINIDNS_MASK(minidns_folded(minidns_load(text)) == minidns_load(folded));
}

typedef uint8_t minidns_half __attribute__((ext_vector_type(8)));
typedef uint8_t minidns_quarter __attribute__((ext_vector_type(4)));
typedef uint16_t minidns_pairs __attribute__((ext_vector_type(8)));
typedef uint32_t minidns_fours __attribute__((ext_vector_type(4)));

// Lane by lane `octets` where `condition` holds, else zero.
#define MINIDNS_WHERE(condition, octets) ((minidns_octets)(condition) & (octets))

// How many of the octets, from the first on, are marked.
static inline int minidns_count_leading(uint32_t mask) { return __builtin_ctz(~mask); }

// Sixteen hexadecimal digits to eight octets. Says how many, from the first on, are digits.
static inline int minidns_decode_hex(const void *text, uint8_t *result) {
    minidns_octets digits = minidns_load(text) - '0';
    minidns_octets letters = (minidns_load(text) | 0x20) - 'a';
    minidns_octets values = MINIDNS_WHERE(digits < 10, digits) | MINIDNS_WHERE(letters < 6, letters + 10);
    minidns_pairs pairs = __builtin_bit_cast(minidns_pairs, values);
    minidns_half octets = __builtin_convertvector(pairs << 4 | pairs >> 8, minidns_half);
    memcpy(result, &octets, sizeof octets);
    return minidns_count_leading(MINIDNS_MASK((digits < 10) | (letters < 6)));
}

// Sixteen characters of base64 to twelve octets, behind which one more is written. Says how many, from the first on, are
// such characters, which `=` is not.
static inline int minidns_decode_base64(const void *text, uint8_t *result) {
    minidns_octets octets = minidns_load(text);
    minidns_octets upper = octets - 'A', lower = octets - 'a', digits = octets - '0';
    minidns_octets plus = (minidns_octets)(octets == '+'), slash = (minidns_octets)(octets == '/');
    minidns_octets known = (minidns_octets)(upper < 26) | (minidns_octets)(lower < 26) | (minidns_octets)(digits < 10);
    minidns_octets values = MINIDNS_WHERE(upper < 26, upper) | MINIDNS_WHERE(lower < 26, lower + 26)
        | MINIDNS_WHERE(digits < 10, digits + 52) | (plus & 62) | (slash & 63);
    minidns_pairs pairs = __builtin_bit_cast(minidns_pairs, values);
    pairs = (pairs & 0xFF) << 6 | pairs >> 8;
    minidns_fours fours = __builtin_bit_cast(minidns_fours, pairs);
    fours = (fours & 0xFFFF) << 12 | fours >> 16;
    for (int lane = 0; lane < 4; lane++) {
        uint32_t octets = __builtin_bswap32(fours[lane] << 8);
        memcpy(result + 3 * lane, &octets, sizeof octets);
    }
    return minidns_count_leading(MINIDNS_MASK((known | plus | slash) != 0));
}

// What `count` (7 to 15) characters say that are four numbers up to 255 with dots between them, without a zero before
// other digits; -1 where they are not. Sixteen characters are read.
static inline int64_t minidns_decode_ipv4(const void *text, int count) {
    minidns_octets octets = minidns_load(text);
    uint32_t end = 1u << count;
    uint32_t dots = MINIDNS_MASK(octets == '.') & (end - 1);
    uint32_t digits = MINIDNS_MASK((minidns_octets)(octets - '0') < 10) & (end - 1);
    uint32_t zeros = MINIDNS_MASK(octets == '0');
    uint32_t starts = dots << 1 | 1, ends = dots | end;
    uint32_t wrong = (dots | digits) ^ (end - 1);
    wrong |= starts & ends;
    wrong |= digits & digits >> 1 & digits >> 2 & digits >> 3;
    wrong |= starts & zeros & digits >> 1;
    if (wrong) return -1;
    // Each part in a lane of its own, its last digit in the highest octet.
    uint32_t lanes[4];
    for (int lane = 0, start = 0; lane < 4; lane++) {
        if (!ends) return -1;
        int count = __builtin_ctz(ends);
        uint32_t part;
        memcpy(&part, (const char *)text + start, sizeof part);
        lanes[lane] = (part - 0x30303030) << (32 - 8 * count);
        start += count + 1;
        ends >>= count + 1;
    }
    minidns_fours parts = {lanes[0], lanes[1], lanes[2], lanes[3]};
    parts = (parts >> 8 & 0xFF) * 100 + (parts >> 16 & 0xFF) * 10 + (parts >> 24);
    if (ends || __builtin_reduce_or(parts) > 0xFF) return -1;
    return __builtin_bswap32(__builtin_bit_cast(uint32_t, __builtin_convertvector(parts, minidns_quarter)));
}

#endif
