import Cryptography
import Primitives
import WireFormat

/// A developer's promise to an executor: up to `amount` of this session's deposit may be yours. Header `X-Gonka-Voucher`
/// carries it, signed, as base64url (protocol.md section 6).
public struct Voucher: CanonicalMessage, Equatable {
    public var chainID: String
    public var session: UInt64
    public var executor: Address
    /// Counts per session and executor, from 1.
    public var sequence: UInt64
    /// The ledger's height when it was signed; an old one is refused.
    public var height: UInt64
    /// SHA-256 of the request body as received.
    public var requestDigest: Hash32
    /// Cumulative: fees of the receipts held from this executor + maxima of its open requests, this one included.
    public var amount: Amount

    public init(
        chainID: String, session: UInt64, executor: Address, sequence: UInt64, height: UInt64, requestDigest: Hash32,
        amount: Amount
    ) {
        self.chainID = chainID
        self.session = session
        self.executor = executor
        self.sequence = sequence
        self.height = height
        self.requestDigest = requestDigest
        self.amount = amount
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var executor: Address?
        var digest: Hash32?
        (chainID, session, sequence, height, amount) = ("", 0, 0, 0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: session = try decoder.unsigned()
            case 3: executor = try decoder.address()
            case 4: sequence = try decoder.unsigned()
            case 5: height = try decoder.unsigned()
            case 6: digest = try decoder.hash()
            case 7: amount = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.executor = try required(executor, field: 3)
        self.requestDigest = try required(digest, field: 6)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(session, field: 2)
        encoder.write(executor, field: 3)
        encoder.write(sequence, field: 4)
        encoder.write(height, field: 5)
        encoder.write(requestDigest, field: 6)
        encoder.write(amount.ngonka, field: 7)
    }
}
