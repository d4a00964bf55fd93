/// A set of tokens, one bit for each of a vocabulary.
public struct TokenMask: Sendable, Equatable {
    /// Token t is bit t mod 64 of word t ÷ 64.
    public private(set) var words: [UInt64]
    /// How many tokens are in it.
    public private(set) var count = 0

    /// Without any token.
    public init(vocabularySize: Int) { words = [UInt64](repeating: 0, count: (vocabularySize + 63) / 64) }

    public var isEmpty: Bool { count == 0 }

    public func contains(_ token: UInt32) -> Bool {
        let word = Int(token) / 64
        return word < words.count && words[word] >> UInt64(token % 64) & 1 == 1
    }

    /// Adds a token of the vocabulary.
    mutating func insert(_ token: UInt32) {
        let bit = UInt64(1) << UInt64(token % 64)
        guard words[Int(token) / 64] & bit == 0 else { return }
        words[Int(token) / 64] |= bit
        count += 1
    }
}
