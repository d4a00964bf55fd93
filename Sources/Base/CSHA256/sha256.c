#include "csha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate_right(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static uint32_t load_big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

static void store_big_endian(uint8_t *bytes, uint32_t word) {
    for (int index = 0; index < 4; index++) bytes[index] = (uint8_t)(word >> (24 - 8 * index));
}

// FIPS 180-4, section 6.2.2, for any processor.
static void compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count) {
    for (; count > 0; count--, blocks += 64) {
        uint32_t schedule[64];
        for (int t = 0; t < 16; t++) schedule[t] = load_big_endian(blocks + 4 * t);
        for (int t = 16; t < 64; t++) {
            uint32_t x = schedule[t - 15], y = schedule[t - 2];
            uint32_t s0 = rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3;
            uint32_t s1 = rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10;
            schedule[t] = schedule[t - 16] + s0 + schedule[t - 7] + s1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 64; t++) {
            uint32_t s1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
            uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + schedule[t];
            uint32_t s0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
            uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1;
            d = c, c = b, b = a, a = t1 + t2;
        }
        state[0] += a, state[1] += b, state[2] += c, state[3] += d;
        state[4] += e, state[5] += f, state[6] += g, state[7] += h;
    }
}

static void (*compress_fastest)(uint32_t state[8], const uint8_t *blocks, size_t count) = compress_portable;

#if defined(__x86_64__)

// The SHA extensions work on the state as (a, b, e, f) and (c, d, g, h), two rounds an instruction.
__attribute__((target("sha,sse4.1,ssse3")))
static void compress_x86(uint32_t state[8], const uint8_t *blocks, size_t count) {
    const __m128i byte_order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
    __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (; count > 0; count--, blocks += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i words[4];
#pragma clang loop unroll(full)
        for (int group = 0; group < 16; group++) {
            __m128i *next = &words[group & 3];
            if (group < 4) {
                *next = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(blocks + 16 * group)), byte_order);
            } else {
                // W[t−16], W[t−12], W[t−8], W[t−4] of section 6.2.2, four words at a time.
                const __m128i minus12 = words[(group + 1) & 3], minus8 = words[(group + 2) & 3];
                const __m128i minus4 = words[(group + 3) & 3];
                const __m128i partial =
                    _mm_add_epi32(_mm_sha256msg1_epu32(*next, minus12), _mm_alignr_epi8(minus4, minus8, 4));
                *next = _mm_sha256msg2_epu32(partial, minus4);
            }
            __m128i input = _mm_add_epi32(*next, _mm_load_si128((const __m128i *)(round_constants + 4 * group)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, input);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(input, 0x0e));
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static int has_instructions(void) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return 0;
    if (!(ecx & bit_SSSE3) || !(ecx & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_SHA);
}

#endif

// Chosen once, before main: asking the processor takes longer than a hash, and a lazy choice would need a lock.
__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
    if (has_instructions()) compress_fastest = compress_x86;
#endif
}

static void compress(csha256_context *context, const uint8_t *blocks, size_t count) {
    if (context->is_portable)
        compress_portable(context->state, blocks, count);
    else
        compress_fastest(context->state, blocks, count);
}

void csha256_start(csha256_context *context) {
    static const uint32_t initial[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
    };
    memcpy(context->state, initial, sizeof initial);
    context->length = 0;
    context->is_portable = 0;
}

void csha256_start_portable(csha256_context *context) {
    csha256_start(context);
    context->is_portable = 1;
}

void csha256_update(csha256_context *context, const uint8_t *bytes, size_t count) {
    if (count == 0) return;
    const size_t used = context->length % 64;
    context->length += count;
    if (used > 0) {
        const size_t missing = 64 - used, taken = count < missing ? count : missing;
        memcpy(context->pending + used, bytes, taken);
        if (taken < missing) return;
        compress(context, context->pending, 1);
        bytes += taken, count -= taken;
    }
    compress(context, bytes, count / 64);
    memcpy(context->pending, bytes + count / 64 * 64, count % 64);
}

void csha256_finish(csha256_context *context, uint8_t *digest) {
    size_t used = context->length % 64;
    context->pending[used++] = 0x80;
    if (used > 56) {
        memset(context->pending + used, 0, 64 - used);
        compress(context, context->pending, 1);
        used = 0;
    }
    memset(context->pending + used, 0, 56 - used);
    const uint64_t bits = context->length * 8;
    store_big_endian(context->pending + 56, (uint32_t)(bits >> 32));
    store_big_endian(context->pending + 60, (uint32_t)bits);
    compress(context, context->pending, 1);
    for (int index = 0; index < 8; index++) store_big_endian(digest + 4 * index, context->state[index]);
}
