#pragma once
#include <stddef.h>
#include <stdint.h>

/// The state of a running SHA-256 (FIPS 180-4). Plain data: a copy is a fork of the hash.
typedef struct {
    uint32_t state[8];
    /// Bytes taken so far.
    uint64_t length;
    /// The last `length % 64` bytes, not yet compressed.
    uint8_t pending[64];
    /// Not 0 where the processor's SHA instructions must not be used.
    uint32_t is_portable;
} csha256_context;

/// Starts a hash, with the processor's SHA instructions where it has them.
void csha256_start(csha256_context *context);

/// Starts a hash in plain C, so that a test can compare the two.
void csha256_start_portable(csha256_context *context);

/// Takes `count` bytes; `bytes` may be null where `count` is 0.
void csha256_update(csha256_context *context, const uint8_t *bytes, size_t count);

/// Writes the 32 bytes of the hash; the context must be started anew before it is used again.
void csha256_finish(csha256_context *context, uint8_t *digest);
