import Cryptography
import Primitives

/// The synthetic work of a sprint or confirmation: what every host has to generate, known to nobody before the round opens
/// (protocol.md section 4).
public struct SprintWork: Hashable, Sendable {
    /// SHA256(newest seed ‖ hash of the block before the round's start).
    public let workSeed: Hash32
    public let host: Address
    /// SHA256 of the model id.
    public let modelHash: Hash32
    /// P.
    public let promptTokens: UInt64
    /// G; exactly so many are generated, an end of text is ignored.
    public let outputTokens: UInt64

    public init(workSeed: Hash32, host: Address, model: String, promptTokens: UInt64, outputTokens: UInt64) {
        self.workSeed = workSeed
        self.host = host
        modelHash = .sha256(Bytes(model.utf8))
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
    }

    /// SHA256(`gonka/sprint/v1` ‖ work seed ‖ the host's 20 address bytes ‖ SHA256(model id) ‖ BE64 index).
    public func itemSeed(_ index: UInt64) -> ItemSeed {
        var bytes = Bytes("gonka/sprint/v1".utf8) + workSeed.bytes + host.bytes + modelHash.bytes
        bytes.appendBigEndian(index)
        return ItemSeed(.sha256(bytes))
    }

    /// The prompt of item `index`: token j is the ordinary token at x0 of Philox(item seed; j, 0xfffffffe, w2, w3) modulo
    /// their number; empty where the model has none.
    public func prompt(_ index: UInt64, ordinary: TokenRanges) -> [TokenID] {
        let count = ordinary.count
        guard count > 0 else { return [] }
        let noise = TokenNoise(itemSeed(index))
        return (0..<UInt32(clamping: promptTokens)).compactMap { place in
            ordinary.token(at: UInt64(noise.promptWord(place)) % count)
        }
    }

    /// What items are sampled with: temperature 1 and nothing else.
    public static let sampling = SamplingParameters.plain

    /// The work seed of a round that opens now.
    ///
    /// - Parameters:
    ///   - seed: the newest seed of the beacon.
    ///   - parentHash: the hash of the block before the round's first.
    public static func workSeed(seed: Hash32, parentHash: Hash32) -> Hash32 { .sha256(seed.bytes + parentHash.bytes) }
}
