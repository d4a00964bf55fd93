import Cryptography
import OrderingAPI
import Primitives

/// The validators of a chain as CometBFT has them, fed with a ledger's updates: what block H answers holds from block H + 2 on, and a
/// block tells of the validators of the one before.
public struct SimulatedConsensus {
    /// By consensus key, as the last block left them: what the ledger's powers should be.
    public var validators: [Bytes: UInt64] { sets[2] }
    /// Of the last block, the next one, and the one after.
    private var sets: [[Bytes: UInt64]]

    /// What CometBFT refuses of an application, with which a chain stops.
    public struct Refusal: Error, Equatable {
        public let reason: String
    }

    /// - Parameter genesis: the answer to InitChain.
    public init(_ genesis: [ValidatorUpdate]) throws {
        sets = [[:], [:], [:]]
        try take(genesis)
        sets = [[:], sets[2], sets[2]]
    }

    /// Takes in what a block answered.
    public mutating func take(_ updates: [ValidatorUpdate]) throws {
        var next = sets[2]
        for (left, right) in zip(updates, updates.dropFirst())
        where !left.publicKey.lexicographicallyPrecedes(right.publicKey) {
            throw Refusal(reason: "updates out of order, or one twice")
        }
        for update in updates {
            guard update.power > 0 || next[update.publicKey] != nil else {
                throw Refusal(reason: "somebody is removed who was none")
            }
            guard update.power != next[update.publicKey] else { throw Refusal(reason: "an update of nothing") }
            next[update.publicKey] = update.power > 0 ? update.power : nil
        }
        guard !next.isEmpty else { throw Refusal(reason: "nobody is left") }
        sets = [sets[1], sets[2], next]
    }

    /// What the next block tells: who signed the last one.
    ///
    /// - Parameter isPresent: by consensus key.
    public func news(
        misbehavior: [Misbehavior] = [], isPresent: (Bytes) throws -> Bool
    ) rethrows -> ConsensusNews {
        let keys = sets[0].keys.sorted { $0.lexicographicallyPrecedes($1) }
        return ConsensusNews(
            votes: try keys.map { CommitVote(validator: Self.address($0), isPresent: try isPresent($0)) },
            misbehavior: misbehavior)
    }

    /// How votes and evidence name a key.
    public static func address(_ key: Bytes) -> Bytes { Bytes(Hash32.sha256(key).bytes.prefix(Address.length)) }
}
