import Primitives

/// A token's number in the model's vocabulary.
public typealias TokenID = UInt32

/// The random bits of one item: which noise each token gets at each position, and which tokens are designated.
public struct TokenNoise: Hashable, Sendable {
    /// The seed's first four words, LE32: the first two are Philox's key, the others end every counter.
    public let words: SIMD4<UInt32>

    public init(_ seed: ItemSeed) {
        let bytes = seed.hash.bytes
        func word(_ index: Int) -> UInt32 {
            bytes[(4 * index)..<(4 * index + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        words = SIMD4(word(0), word(1), word(2), word(3))
    }

    /// Philox of (position, token) under this seed.
    public func block(position: UInt32, token: UInt32) -> SIMD4<UInt32> {
        Philox.block(key: SIMD2(words.x, words.y), counter: SIMD4(position, token, words.z, words.w))
    }

    /// ⌊(x0 · 2³² + x1) ÷ 2¹²⌋, in [0, 2⁵²): the integer k of the uniform number u = (k + ½) · 2⁻⁵². The engine turns it
    /// into Gumbel noise; this target has no floating point.
    public func uniformBits(position: UInt32, token: TokenID) -> UInt64 {
        let block = block(position: position, token: token)
        return (UInt64(block.x) << 32 | UInt64(block.y)) >> 12
    }

    /// x0 of Philox(seed; place, 0xfffffffe, w2, w3): what chooses the prompt's tokens of a sprint item.
    public func promptWord(_ place: UInt32) -> UInt32 { block(position: place, token: 0xffff_fffe).x }

    /// The token whose log-probability is noted at `position` beside the taken one's: known before the model runs, and
    /// informative where the text is predictable. In [0, vocabularySize).
    ///
    /// - Precondition: `vocabularySize > 0`; a model record without a vocabulary does not exist.
    public func designatedToken(position: UInt32, vocabularySize: UInt32) -> TokenID {
        block(position: position, token: 0xffff_ffff).x % vocabularySize
    }
}
