import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// What an item has to be, whoever looks at it: the executor's own rules, for auditors and for developers who check a receipt.
extension WorkItem {
    /// The item's leaf.
    package var leaf: SumTreeNode {
        SumTreeNode(item: encoded(), sums: ItemSums(fee: fee, tokens: outputTokens))
    }

    /// Where its fingerprint is taken, of `count` output tokens.
    package func fingerprintPositions(outputCount count: Int) -> [Int] {
        FingerprintPositions.positions(outputCount: count, promptDigest: promptDigest, outputDigest: outputDigest)
    }

    /// The seed that a request leads to, or nil for an item that nobody asked for.
    ///
    /// - Parameter clientSeed: the request's own, if it has one.
    package func expectedSeed(clientSeed: Int64?, executor: Address) -> ItemSeed? {
        serving.map { serving in
            ItemSeed(
                clientSeed: clientSeed, promptDigest: promptDigest, session: serving.session, executor: executor,
                sequence: serving.sequence, choice: serving.choice)
        }
    }

    /// What the item's tokens cost; nil where no honest item has such figures.
    ///
    /// - Parameter defaultMax: output tokens of a request that sets no limit.
    package func expectedFee(
        _ request: ChatCompletionRequest, _ prices: TokenPrices, defaultMax: UInt64
    ) -> Amount? {
        let usage = TokenUsage(prompt: promptTokens, cached: cachedTokens, output: outputTokens)
        do {
            let maximum = try Charge.maximum(
                prices, textBytes: request.textBytes, messages: request.turnCount,
                maxTokens: request.maxTokens ?? defaultMax)
            return try Charge.fee(prices, usage: usage, maximum: maximum)
        } catch {
            return nil
        }
    }

    /// Whether the answer is as long as its own rule makes it, and ends for the reason that it states. Only a client that goes
    /// away ends an answer before its tokens do.
    package func ends(as replay: AnswerReplay, outputCount: Int) -> Bool {
        replay.tokenCount == outputCount && (replay.reason ?? .cancelled) == finishReason
    }
}
