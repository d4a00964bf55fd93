import Primitives
import WireFormat

/// A model's ordinary tokens: those that a sprint's prompt is made of. Ranges of token ids, as a vocabulary's special tokens lie
/// in few places.
public struct TokenRanges: Hashable, Sendable {
    /// First and last id of each range, ascending and apart: `[17, 49151]`.
    public let bounds: [UInt64]

    /// The most ranges of a model.
    public static let rangesMax = 64

    /// - Parameter bounds: first and last of each range; nil where they do not ascend, or are more than 64 ranges or 2³² ids.
    public init?(bounds: [UInt64]) {
        guard bounds.count.isMultiple(of: 2), bounds.count <= 2 * TokenRanges.rangesMax,
            bounds.last ?? 0 <= UInt64(UInt32.max)
        else { return nil }
        for index in stride(from: 0, to: bounds.count, by: 2) {
            guard bounds[index] <= bounds[index + 1], index == 0 || bounds[index - 1] < bounds[index] else {
                return nil
            }
        }
        self.bounds = bounds
    }

    /// No tokens.
    public static let none = TokenRanges()

    private init() { bounds = [] }

    /// How many tokens there are.
    public var count: UInt64 {
        stride(from: 0, to: bounds.count, by: 2).reduce(0) { $0 + bounds[$1 + 1] - bounds[$1] + 1 }
    }

    /// The token at `index`, from 0, in ascending order; nil from `count` on.
    public func token(at index: UInt64) -> TokenID? {
        var rest = index
        for place in stride(from: 0, to: bounds.count, by: 2) {
            let length = bounds[place + 1] - bounds[place] + 1
            if rest < length { return TokenID(exactly: bounds[place] + rest) }
            rest -= length
        }
        return nil
    }
}
