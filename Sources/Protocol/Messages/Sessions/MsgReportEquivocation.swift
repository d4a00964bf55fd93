import Cryptography
import Primitives
import ProtocolRules
import WireFormat

/// `/gonka.v1.MsgReportEquivocation`: an executor's receipt, and either another receipt or a leaf of its claim for the same place
/// (session, number) that says something else. Anybody may send it.
public struct MsgReportEquivocation: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgReportEquivocation"

    public var reporter: Address
    public var receipt: Signed<Receipt>
    /// One of the two.
    public var otherReceipt: Signed<Receipt>?
    public var leaf: ClaimedLeaf?

    public var signer: Address { reporter }

    public init(
        reporter: Address, receipt: Signed<Receipt>, otherReceipt: Signed<Receipt>? = nil, leaf: ClaimedLeaf? = nil
    ) {
        self.reporter = reporter
        self.receipt = receipt
        self.otherReceipt = otherReceipt
        self.leaf = leaf
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var reporter: Address?
        var receipt: Signed<Receipt>?
        (otherReceipt, leaf) = (nil, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: reporter = try decoder.account()
            case 2: receipt = try decoder.message(Signed<Receipt>.self)
            case 3: otherReceipt = try decoder.message(Signed<Receipt>.self)
            case 4: leaf = try decoder.message(ClaimedLeaf.self)
            default: throw decoder.unknownField()
            }
        }
        self.reporter = try required(reporter, field: 1)
        self.receipt = try required(receipt, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(reporter.bech32, field: 1)
        encoder.write(receipt, field: 2)
        encoder.write(otherReceipt, field: 3)
        encoder.write(leaf, field: 4)
    }
}

/// A leaf of a claim, with the proof that it lies there.
public struct ClaimedLeaf: CanonicalMessage, Equatable {
    public var round: UInt64
    /// The entry of the claim, from 0.
    public var entry: UInt64
    public var item: WorkItem
    public var proof: SumTreeProof

    public init(round: UInt64, entry: UInt64, item: WorkItem, proof: SumTreeProof) {
        self.round = round
        self.entry = entry
        self.item = item
        self.proof = proof
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var item: WorkItem?
        var proof: SumTreeProof?
        (round, entry) = (0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: round = try decoder.unsigned()
            case 2: entry = try decoder.unsigned()
            case 3: item = try decoder.message(WorkItem.self)
            case 4: proof = try decoder.message(SumTreeProof.self)
            default: throw decoder.unknownField()
            }
        }
        self.item = try required(item, field: 3)
        self.proof = try required(proof, field: 4)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(round, field: 1)
        encoder.write(entry, field: 2)
        encoder.write(item, field: 3)
        encoder.write(proof, field: 4)
    }
}
