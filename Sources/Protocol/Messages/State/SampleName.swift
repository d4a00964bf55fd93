import Cryptography
import Primitives

/// A sample as messages and keys name it: by the place of its entry in the claim.
public struct SampleName: Hashable, Comparable, Sendable {
    public let round: UInt64
    public let claimant: Address
    /// The entry of the claim, from 0.
    public let entry: UInt64
    /// The sample of the entry, from 0.
    public let number: UInt64

    public init(round: UInt64, claimant: Address, entry: UInt64, number: UInt64) {
        self.round = round
        self.claimant = claimant
        self.entry = entry
        self.number = number
    }

    /// BE64 round ‖ claimant ‖ BE64 entry ‖ BE64 number: 44 bytes.
    public var bytes: Bytes { .bigEndian(round) + claimant.bytes + .bigEndian(entry) + .bigEndian(number) }

    public static func < (left: SampleName, right: SampleName) -> Bool {
        (left.round, left.claimant, left.entry, left.number) < (right.round, right.claimant, right.entry, right.number)
    }
}

extension SampleName: CustomStringConvertible {
    /// For people.
    public var description: String { "sample \(number) of entry \(entry) of \(claimant.bech32) in round \(round)" }
}
