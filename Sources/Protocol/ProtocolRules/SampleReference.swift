import Cryptography
import Primitives

/// One entry of a claim: what a host claimed for one model in one round.
public struct ClaimEntryReference: Hashable, Sendable {
    public let round: UInt64
    public let claimant: Address
    /// SHA256 of the model id.
    public let modelHash: Hash32

    /// - Parameter model: the model id.
    public init(round: UInt64, claimant: Address, model: String) {
        self.round = round
        self.claimant = claimant
        modelHash = .sha256(Bytes(model.utf8))
    }

    /// BE64 round ‖ claimant ‖ SHA256(model id): 60 bytes.
    public var bytes: Bytes { .bigEndian(round) + claimant.bytes + modelHash.bytes }
}

/// One sample of a claim's entry.
public struct SampleReference: Hashable, Sendable {
    public let entry: ClaimEntryReference
    /// The sample's number in its entry, from 0.
    public let number: UInt64

    public init(entry: ClaimEntryReference, number: UInt64) {
        self.entry = entry
        self.number = number
    }

    /// The entry's bytes ‖ BE64 number: 68 bytes.
    public var bytes: Bytes { entry.bytes + .bigEndian(number) }
}
