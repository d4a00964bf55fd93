import Cryptography
import Primitives
import ProtocolRules
import WireFormat

/// `/gonka.v1.MsgOpenItems`: the sampled items of a claim with their fingerprints; sent in the open window. A duty message: free
/// once a round.
public struct MsgOpenItems: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgOpenItems"

    /// The account of the host's operator key, which signs.
    public var operatorAccount: Address
    /// The host that it speaks for.
    public var host: Address
    /// The round of the claim.
    public var round: UInt64
    /// Ascending by entry, none twice.
    public var entries: [OpenedEntry]

    public var signer: Address { operatorAccount }

    public init(operatorAccount: Address, host: Address, round: UInt64, entries: [OpenedEntry]) {
        self.operatorAccount = operatorAccount
        self.host = host
        self.round = round
        self.entries = entries
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var operatorAccount: Address?
        var host: Address?
        (round, entries) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: operatorAccount = try decoder.account()
            case 2: host = try decoder.account()
            case 3: round = try decoder.unsigned()
            case 4: entries.append(try decoder.message(OpenedEntry.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.operatorAccount = try required(operatorAccount, field: 1)
        self.host = try required(host, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(operatorAccount.bech32, field: 1)
        encoder.write(host.bech32, field: 2)
        encoder.write(round, field: 3)
        encoder.write(repeated: entries, field: 4)
    }
}

/// The sampled items of one entry.
public struct OpenedEntry: CanonicalMessage, Equatable {
    /// The entry of the claim, from 0.
    public var entry: UInt64
    /// One for each index of the proof, in its order.
    public var items: [OpenedItem]
    public var proof: SumTreeMultiProof

    public init(entry: UInt64, items: [OpenedItem], proof: SumTreeMultiProof) {
        self.entry = entry
        self.items = items
        self.proof = proof
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var proof: SumTreeMultiProof?
        (entry, items) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: entry = try decoder.unsigned()
            case 2: items.append(try decoder.message(OpenedItem.self, repeated: true))
            case 3: proof = try decoder.message(SumTreeMultiProof.self)
            default: throw decoder.unknownField()
            }
        }
        self.proof = try required(proof, field: 3)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(entry, field: 1)
        encoder.write(repeated: items, field: 2)
        encoder.write(proof, field: 3)
    }
}

/// An item and what its commitment hides.
public struct OpenedItem: CanonicalMessage, Equatable {
    public var item: WorkItem
    /// Int16 big-endian values.
    public var fingerprint: Bytes
    /// The 16 bytes of the commitment.
    public var salt: Bytes

    public init(item: WorkItem, fingerprint: Bytes, salt: Bytes) {
        self.item = item
        self.fingerprint = fingerprint
        self.salt = salt
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var item: WorkItem?
        (fingerprint, salt) = ([], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: item = try decoder.message(WorkItem.self)
            case 2: fingerprint = try decoder.data()
            case 3: salt = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        self.item = try required(item, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(item, field: 1)
        encoder.write(fingerprint, field: 2)
        encoder.write(salt, field: 3)
    }
}
