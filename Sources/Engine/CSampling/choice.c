#include "sampling.h"

#include <math.h>

size_t gonka_kept(const gonka_candidate *candidates, size_t count, const gonka_sampling *sampling) {
    if (count == 0) return 0;
    if (sampling->top_k > 0 && sampling->top_k < count) count = sampling->top_k;
    if (sampling->top_p >= 1 && sampling->min_p <= 0) return count;
    double first = (double)candidates[0].logit / sampling->temperature;
    double probabilities[GONKA_CANDIDATES], total = 0;
    for (size_t index = 0; index < count; index++) {
        probabilities[index] = exp((double)candidates[index].logit / sampling->temperature - first);
        total += probabilities[index];
    }
    if (sampling->top_p < 1) {
        double sum = probabilities[0], wanted = sampling->top_p * total;
        size_t kept = 1;
        while (kept < count && sum < wanted) sum += probabilities[kept++];
        count = kept;
    }
    // The first has probability 1 relative to itself, so it always stays.
    while (count > 1 && probabilities[count - 1] < sampling->min_p) count--;
    return count;
}

// Philox4x32-10 (Salmon et al., SC11), counter (position, token, words 2 and 3), key words 0 and 1; its first 64 bits.
static uint64_t philox(gonka_noise noise, uint32_t position, uint32_t token) {
    const uint32_t *words = noise.words;
    uint32_t key0 = words[0], key1 = words[1], x0 = position, x1 = token, x2 = words[2], x3 = words[3];
    for (int round = 0; round < 10; round++) {
        uint64_t first = (uint64_t)0xD2511F53u * x0, second = (uint64_t)0xCD9E8D57u * x2;
        x0 = (uint32_t)(second >> 32) ^ x1 ^ key0;
        x1 = (uint32_t)second;
        x2 = (uint32_t)(first >> 32) ^ x3 ^ key1;
        x3 = (uint32_t)first;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return (uint64_t)x0 << 32 | x1;
}

double gonka_gumbel(gonka_noise noise, uint32_t position, uint32_t token) {
    double uniform = ((double)(philox(noise, position, token) >> 12) + 0.5) * 0x1p-52;
    return -log(-log(uniform));
}

gonka_choice gonka_best_noisy(const gonka_candidate *candidates, size_t count, double temperature, gonka_noise noise,
                              uint32_t position) {
    gonka_choice best = {0, -INFINITY};
    for (size_t index = 0; index < count; index++) {
        uint32_t token = candidates[index].token;
        double score = (double)candidates[index].logit / temperature + gonka_gumbel(noise, position, token);
        if (score > best.score || (score == best.score && token < best.token)) best = (gonka_choice){token, score};
    }
    return best;
}
