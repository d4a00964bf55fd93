#include "sampling.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Eight lanes whatever the machine has: the sums then have one order, and one result, everywhere.
enum { LANES = 8, CHUNK_ROWS = 16, CHUNK = LANES * CHUNK_ROWS };
typedef float floats __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t integers __attribute__((vector_size(LANES * sizeof(int32_t))));

#if defined(__x86_64__)
#define WITH_AVX2 __attribute__((target("avx2,fma")))
static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
#define WITH_AVX2
static int has_avx2(void) { return 0; }
#endif
#define INLINED static inline __attribute__((always_inline))

INLINED void load(floats *lanes, const float *from) { memcpy(lanes, from, sizeof *lanes); }

// The lanes of `when_true` where the mask is set.
INLINED void choose(floats *result, const integers *mask, const floats *when_true, const floats *when_false) {
    *result = (floats)((*mask & (integers)*when_true) | (~*mask & (integers)*when_false));
}

// a * b + c, rounded once: the same on every machine, and the fastest where it matters.
#define fused(a, b, c) __builtin_elementwise_fma(a, b, c)

INLINED float usable(float logit) { return logit > FLT_MAX ? FLT_MAX : logit; }

struct gonka_workspace {
    float *chunk_maxima;  // [chunk, lane]: the highest of the 16 logits that are 8 apart
    uint64_t *keys;       // [2 * vocabulary]: the collected logits, and room to merge them
    float *masked;        // [vocabulary]: the row that gonka_masked gives
};

gonka_workspace *gonka_workspace_create(size_t vocabulary) {
    gonka_workspace *workspace = calloc(1, sizeof *workspace);
    if (!workspace) return NULL;
    workspace->chunk_maxima = malloc((vocabulary / CHUNK_ROWS + 1) * sizeof(float));
    workspace->keys = malloc((2 * vocabulary + 1) * sizeof(uint64_t));
    workspace->masked = malloc((vocabulary + 1) * sizeof(float));
    if (workspace->chunk_maxima && workspace->keys && workspace->masked) return workspace;
    gonka_workspace_free(workspace);
    return NULL;
}

void gonka_workspace_free(gonka_workspace *workspace) {
    if (!workspace) return;
    free(workspace->chunk_maxima);
    free(workspace->keys);
    free(workspace->masked);
    free(workspace);
}

const float *gonka_masked(gonka_workspace *workspace, const float *logits, size_t count, const uint64_t *mask) {
    float *masked = workspace->masked;
    for (size_t start = 0; start < count; start += 64) {
        uint64_t word = mask[start / 64];
        size_t end = count - start < 64 ? count : start + 64;
        if (word == UINT64_MAX) {
            memcpy(masked + start, logits + start, (end - start) * sizeof(float));
            continue;
        }
        for (size_t token = start; token < end; token++) {
            masked[token] = word >> (token - start) & 1 ? logits[token] : -INFINITY;
        }
    }
    return masked;
}

// The maxima of whole chunks, lane by lane; returns the highest logit of all, the rest behind the chunks included.
INLINED float scan_maxima(const float *logits, size_t count, float *chunk_maxima) {
    floats highest = {0};
    highest -= INFINITY;
    size_t start = 0;
    for (; start + CHUNK <= count; start += CHUNK) {
        floats maxima = {0};
        maxima -= INFINITY;
        for (size_t row = 0; row < CHUNK_ROWS; row++) {
            floats lanes;
            load(&lanes, logits + start + row * LANES);
            // False for NaN, which therefore never gets in.
            integers greater = lanes > maxima;
            choose(&maxima, &greater, &lanes, &maxima);
        }
        if (chunk_maxima) memcpy(chunk_maxima + start / CHUNK_ROWS, &maxima, sizeof maxima);
        integers greater = maxima > highest;
        choose(&highest, &greater, &maxima, &highest);
    }
    float result = -INFINITY;
    for (size_t lane = 0; lane < LANES; lane++) result = highest[lane] > result ? highest[lane] : result;
    for (; start < count; start++) result = logits[start] > result ? logits[start] : result;
    return usable(result);
}

static float scan_maxima_portable(const float *logits, size_t count, float *maxima) {
    return scan_maxima(logits, count, maxima);
}
WITH_AVX2 static float scan_maxima_avx2(const float *logits, size_t count, float *maxima) {
    return scan_maxima(logits, count, maxima);
}
static float maxima_of(const float *logits, size_t count, float *maxima) {
    return has_avx2() ? scan_maxima_avx2(logits, count, maxima) : scan_maxima_portable(logits, count, maxima);
}

// exp of each lane, for lanes at most 0: below -87, and for NaN, exp(-87), which is nothing beside the 1 of the highest
// logit. The polynomial of Cephes' expf (S. Moshier), within 2 units in the last place.
INLINED void exponential(floats *result, const floats *exponent) {
    const floats zero = {0};
    floats x = *exponent;
    integers in_range = x > zero - 87.0f;
    const floats lowest = zero - 87.0f;
    choose(&x, &in_range, &x, &lowest);
    // Adding 1.5 * 2^23 rounds to an integer, whose low bits then are the low bits of the sum; 127 is exp2's bias.
    const floats magic = zero + (12582912.0f + 127.0f);
    floats biased = fused(x, zero + 1.44269504088896341f, magic);
    floats whole = biased - magic;
    floats rest = fused(whole, zero - 0.693359375f, x);
    rest = fused(whole, zero + 2.12194440e-4f, rest);
    floats sum = fused(rest, zero + 1.9875691500e-4f, zero + 1.3981999507e-3f);
    sum = fused(sum, rest, zero + 8.3334519073e-3f);
    sum = fused(sum, rest, zero + 4.1665795894e-2f);
    sum = fused(sum, rest, zero + 1.6666665459e-1f);
    sum = fused(sum, rest, zero + 5.0000001201e-1f);
    sum = fused(sum, rest * rest, rest) + 1.0f;
    *result = sum * (floats)((integers)biased << 23);
}

// Single precision inside a chunk, double across chunks: 49152 logits lose no more than 1e-6.
INLINED double sum_exponentials(const float *logits, size_t count, float highest) {
    double total = 0;
    size_t start = 0;
    while (start < count) {
        size_t end = count - start < 8 * CHUNK ? count : start + 8 * CHUNK;
        floats sums = {0};
        for (; start + LANES <= end; start += LANES) {
            floats lanes;
            load(&lanes, logits + start);
            lanes -= highest;
            exponential(&lanes, &lanes);
            sums += lanes;
        }
        for (size_t lane = 0; lane < LANES; lane++) total += (double)sums[lane];
        for (; end == count && start < end; start++) {
            floats one = {logits[start] - highest};
            exponential(&one, &one);
            total += (double)one[0];
        }
    }
    return total;
}

static double sum_exponentials_portable(const float *logits, size_t count, float highest) {
    return sum_exponentials(logits, count, highest);
}
WITH_AVX2 static double sum_exponentials_avx2(const float *logits, size_t count, float highest) {
    return sum_exponentials(logits, count, highest);
}

// Beside an infinite logit only its equals count.
static double log_sum_exp_of_infinite(const float *logits, size_t count) {
    size_t equals = 0;
    for (size_t index = 0; index < count; index++) equals += usable(logits[index]) == FLT_MAX;
    return (double)FLT_MAX + log((double)equals);
}

double gonka_log_sum_exp(const float *logits, size_t count) {
    float highest = maxima_of(logits, count, NULL);
    if (highest == -INFINITY) return -INFINITY;
    if (highest == FLT_MAX) return log_sum_exp_of_infinite(logits, count);
    double sum = has_avx2() ? sum_exponentials_avx2(logits, count, highest)
                            : sum_exponentials_portable(logits, count, highest);
    return (double)highest + log(sum);
}

enum { BUCKETS = 1024, BUCKETS_PER_NAT = 32 };

// A monotone map of logits to buckets, 0 for the highest; the last one holds everything 32 nats and more below.
INLINED uint32_t bucket_of(float logit, float highest) {
    float distance = (highest - usable(logit)) * BUCKETS_PER_NAT;
    return distance < BUCKETS - 1 ? (uint32_t)distance : BUCKETS - 1;
}

// The last bucket that may hold one of the 256 highest: 256 chunk maxima lie in it or before it.
static uint32_t last_bucket(const float *maxima, size_t count, float highest) {
    uint32_t counts[BUCKETS] = {0};
    for (size_t index = 0; index < count; index++) {
        if (maxima[index] > -INFINITY) counts[bucket_of(maxima[index], highest)]++;
    }
    uint32_t bucket = 0;
    for (uint32_t seen = counts[0]; seen < GONKA_CANDIDATES && bucket < BUCKETS - 1;) seen += counts[++bucket];
    return bucket;
}

// Ascending keys are descending logits, then ascending tokens. Adding 0 makes both zeros one.
INLINED uint64_t key_of(float logit, size_t token) {
    float value = usable(logit) + 0.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t ascending = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (uint64_t)~ascending << 32 | token;
}

static void sort_keys(uint64_t *keys, uint64_t *spare, size_t count) {
    if (count <= 16) {
        for (size_t index = 1; index < count; index++) {
            uint64_t key = keys[index];
            size_t place = index;
            for (; place > 0 && keys[place - 1] > key; place--) keys[place] = keys[place - 1];
            keys[place] = key;
        }
        return;
    }
    size_t half = count / 2, left = 0, right = half;
    sort_keys(keys, spare, half);
    sort_keys(keys + half, spare + half, count - half);
    memcpy(spare, keys, count * sizeof *keys);
    for (size_t index = 0; index < count; index++) {
        int take_left = right == count || (left < half && spare[left] <= spare[right]);
        keys[index] = take_left ? spare[left++] : spare[right++];
    }
}

size_t gonka_highest(gonka_workspace *workspace, const float *logits, size_t count, gonka_candidate *candidates) {
    float highest = maxima_of(logits, count, workspace->chunk_maxima);
    if (highest == -INFINITY) return 0;
    size_t whole = count - count % CHUNK;
    uint32_t last = last_bucket(workspace->chunk_maxima, whole / CHUNK_ROWS, highest);
    size_t found = 0;
    for (size_t index = 0; index < whole / CHUNK_ROWS; index++) {
        float maximum = workspace->chunk_maxima[index];
        if (!(maximum > -INFINITY) || bucket_of(maximum, highest) > last) continue;
        size_t first = index / LANES * CHUNK + index % LANES;
        for (size_t token = first; token < first + CHUNK; token += LANES) {
            if (logits[token] > -INFINITY && bucket_of(logits[token], highest) <= last)
                workspace->keys[found++] = key_of(logits[token], token);
        }
    }
    for (size_t token = whole; token < count; token++) {
        if (logits[token] > -INFINITY) workspace->keys[found++] = key_of(logits[token], token);
    }
    sort_keys(workspace->keys, workspace->keys + found, found);
    if (found > GONKA_CANDIDATES) found = GONKA_CANDIDATES;
    for (size_t index = 0; index < found; index++) {
        uint32_t token = (uint32_t)workspace->keys[index];
        candidates[index] = (gonka_candidate){token, usable(logits[token])};
    }
    return found;
}
