import EngineAPI
import Primitives
import ProtocolRules

/// The stub's vocabulary: a token a byte, then the control tokens.
enum StubToken {
    static let start: TokenID = 256
    static let end: TokenID = 257
    static let unknown: TokenID = 258
    static let vocabularySize: UInt32 = 259

    static func tokens(of segment: ChatTemplate.Segment) -> [TokenID] {
        switch segment {
        case .control("<|im_start|>"): [start]
        case .control("<|im_end|>"): [end]
        case .control: [unknown]
        case .text(let text): text.utf8.map(TokenID.init)
        }
    }
}

/// The stub's model: logits that look random and depend on everything that a real model's depend on.
struct StubLogits: Sendable {
    let weights: UInt64
    let answer: [TokenID]?

    /// What an embedding is made of: 16 numbers a token that look random, summed, so that texts with the same letters are close.
    func hiddenSum(of tokens: [TokenID]) -> [Double] {
        let key = SIMD2(UInt32(truncatingIfNeeded: weights), UInt32(truncatingIfNeeded: weights >> 32))
        return (UInt32(0)..<16).map { dimension in
            tokens.reduce(0) { sum, token in
                let block = Philox.block(key: key, counter: SIMD4(dimension, token, 0, 1))
                return sum + Double(block.x) / Double(UInt32.max) - 0.5
            }
        }
    }

    /// The logits after `prompt` and `position` output tokens, [token].
    func row(prompt: Hash32, position: Int) -> [Float] {
        let key = SIMD2(UInt32(truncatingIfNeeded: weights), UInt32(truncatingIfNeeded: weights >> 32))
        let word = UInt32(truncatingIfNeeded: prompt.firstWord)
        var row = (0..<StubToken.vocabularySize).map { token in
            let block = Philox.block(key: key, counter: SIMD4(UInt32(position), token, word, 0))
            let isLetter = (0x61...0x7a).contains(token)
            return Float(block.x >> 8) / Float(1 << 22) + (isLetter && answer == nil ? 12 : 0)
        }
        if let answer, position < answer.count { row[Int(answer[position])] += 60 }
        return row
    }
}
