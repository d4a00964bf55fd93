// The part of sampling that touches the whole vocabulary, or all 256 candidates, for every token: plain loops in a debug
// build of Swift would cost more than the model. `ReferenceSampler` says the same in plain Swift, and tests compare them.
//
// Logits: NaN and minus infinity never win and have probability 0; plus infinity counts as the largest finite float.
// Every function is pure but for its workspace; the results do not depend on the instruction set.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define GONKA_CANDIDATES 256

// A token and its logit after penalties.
typedef struct {
    uint32_t token;
    float logit;
} gonka_candidate;

// Which candidates stay, and how noisy the choice is. Off: top_k 0, top_p >= 1, min_p <= 0.
typedef struct {
    double temperature;
    double top_p;
    double min_p;
    uint32_t top_k;
} gonka_sampling;

// The first four words of an item's seed, LE32.
typedef struct {
    uint32_t words[4];
} gonka_noise;

// The winner of a noisy choice and its score, logit / temperature + Gumbel noise.
typedef struct {
    uint32_t token;
    double score;
} gonka_choice;

// Scratch memory for one vocabulary size; one thread at a time. NULL where memory is out.
typedef struct gonka_workspace gonka_workspace;
gonka_workspace *gonka_workspace_create(size_t vocabulary);
void gonka_workspace_free(gonka_workspace *workspace);

// A copy of `count` logits with minus infinity where a token's bit (bit t mod 64 of word t / 64) is 0. It stays valid until
// the next call; `count` is at most the workspace's vocabulary.
const float *gonka_masked(gonka_workspace *workspace, const float *logits, size_t count, const uint64_t *mask);

// ln of the sum of exp over `count` logits, within 2e-6; minus infinity where no logit is usable.
double gonka_log_sum_exp(const float *logits, size_t count);

// Writes the min(256, usable) highest logits, descending, ties to the lower id, and returns how many they are.
// `count` is at most the workspace's vocabulary.
size_t gonka_highest(gonka_workspace *workspace, const float *logits, size_t count, gonka_candidate *candidates);

// How many of the descending candidates stay after top-k, top-p and min-p, at least 1 where there are any.
// The temperature is above 0.
size_t gonka_kept(const gonka_candidate *candidates, size_t count, const gonka_sampling *sampling);

// -ln(-ln u) for the uniform number of (position, token).
double gonka_gumbel(gonka_noise noise, uint32_t position, uint32_t token);

// The best of `count` > 0 candidates by logit / temperature + noise, ties to the lower id. The temperature is above 0.
gonka_choice gonka_best_noisy(const gonka_candidate *candidates, size_t count, double temperature, gonka_noise noise,
                              uint32_t position);
