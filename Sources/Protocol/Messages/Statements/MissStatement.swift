import Cryptography
import Primitives
import WireFormat

/// A witness's signed word that it forwarded a request to its executor and got no answer that the executor may give: none at all,
/// or a refusal for load (protocol.md section 6). Signed with the witness's operator key.
public struct MissStatement: CanonicalMessage, Equatable {
    public var chainID: String
    /// A member of the session's group, drawn for this request.
    public var witness: Address
    /// SHA-256 of the voucher's canonical bytes, without the signature: session, executor, sequence, height and request.
    public var voucherDigest: Hash32
    public var reason: MissReason

    public init(chainID: String, witness: Address, voucherDigest: Hash32, reason: MissReason) {
        self.chainID = chainID
        self.witness = witness
        self.voucherDigest = voucherDigest
        self.reason = reason
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var witness: Address?
        var voucherDigest: Hash32?
        var reason: MissReason?
        chainID = ""
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: witness = try decoder.address()
            case 3: voucherDigest = try decoder.hash()
            case 4:
                reason = MissReason(rawValue: try decoder.unsigned())
                if reason == nil { throw decoder.invalidValue() }
            default: throw decoder.unknownField()
            }
        }
        self.witness = try required(witness, field: 2)
        self.voucherDigest = try required(voucherDigest, field: 3)
        self.reason = try required(reason, field: 4)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(witness, field: 2)
        encoder.write(voucherDigest, field: 3)
        encoder.write(reason.rawValue, field: 4)
    }
}

/// What a request met with instead of an answer.
public enum MissReason: UInt64, CaseIterable, Sendable {
    /// Neither an answer nor a refusal.
    case silence = 1
    /// A refusal for load: a miss unless the host was busy in that round.
    case load = 2

    public var name: String {
        switch self {
        case .silence: "silence"
        case .load: "load"
        }
    }
}

extension MissStatement: SignedStatement {
    public static var domain: SigningDomain { .miss }
}
