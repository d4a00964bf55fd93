import Cryptography
import Primitives
import ProtocolRules
import WireFormat

/// An auditor's request for a sampled item, signed with its operator key.
public struct AuditRequest: CanonicalMessage, Equatable {
    public var chainID: String
    /// The auditing host.
    public var auditor: Address
    /// The host that it asks.
    public var claimant: Address
    /// The round of the claim.
    public var round: UInt64
    /// The entry of the claim, from 0.
    public var entry: UInt64
    /// The sample of the entry, from 0.
    public var number: UInt64
    /// The ledger's height when it was signed; an old one is refused.
    public var height: UInt64

    public init(
        chainID: String, auditor: Address, claimant: Address, round: UInt64, entry: UInt64, number: UInt64,
        height: UInt64
    ) {
        self.chainID = chainID
        self.auditor = auditor
        self.claimant = claimant
        self.round = round
        self.entry = entry
        self.number = number
        self.height = height
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var auditor: Address?
        var claimant: Address?
        (chainID, round, entry, number, height) = ("", 0, 0, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: auditor = try decoder.address()
            case 3: claimant = try decoder.address()
            case 4: round = try decoder.unsigned()
            case 5: entry = try decoder.unsigned()
            case 6: number = try decoder.unsigned()
            case 7: height = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.auditor = try required(auditor, field: 2)
        self.claimant = try required(claimant, field: 3)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(auditor, field: 2)
        encoder.write(claimant, field: 3)
        encoder.write(round, field: 4)
        encoder.write(entry, field: 5)
        encoder.write(number, field: 6)
        encoder.write(height, field: 7)
    }
}

/// All that an auditor needs to re-score an item, and nothing that would let it guess the fingerprint.
public struct AuditPayload: CanonicalMessage, Equatable {
    public var item: WorkItem
    /// Of the item in its entry.
    public var proof: SumTreeProof
    /// Token ids.
    public var outputTokens: [UInt64]
    /// The request as received; empty for synthetic work.
    public var body: Bytes
    /// The voucher that the item names; none for synthetic work.
    public var voucher: Signed<Voucher>?

    public init(
        item: WorkItem, proof: SumTreeProof, outputTokens: [UInt64], body: Bytes, voucher: Signed<Voucher>? = nil
    ) {
        self.item = item
        self.proof = proof
        self.outputTokens = outputTokens
        self.body = body
        self.voucher = voucher
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var item: WorkItem?
        var proof: SumTreeProof?
        (outputTokens, body, voucher) = ([], [], nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: item = try decoder.message(WorkItem.self)
            case 2: proof = try decoder.message(SumTreeProof.self)
            case 3: outputTokens = try decoder.packed()
            case 4: body = try decoder.data()
            case 5: voucher = try decoder.message(Signed<Voucher>.self)
            default: throw decoder.unknownField()
            }
        }
        self.item = try required(item, field: 1)
        self.proof = try required(proof, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(item, field: 1)
        encoder.write(proof, field: 2)
        encoder.write(packed: outputTokens, field: 3)
        encoder.write(body, field: 4)
        encoder.write(voucher, field: 5)
    }
}
