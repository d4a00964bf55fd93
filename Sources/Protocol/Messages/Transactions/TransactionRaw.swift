import Primitives
import WireFormat

/// `cosmos.tx.v1beta1.TxRaw`: what travels and what is hashed. Signatures cover the two byte strings as received.
public struct TransactionRaw: CanonicalMessage, Equatable {
    public var bodyBytes: Bytes
    public var authInfoBytes: Bytes
    public var signatures: [Bytes]

    public init(bodyBytes: Bytes, authInfoBytes: Bytes, signatures: [Bytes]) {
        self.bodyBytes = bodyBytes
        self.authInfoBytes = authInfoBytes
        self.signatures = signatures
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        bodyBytes = []
        authInfoBytes = []
        signatures = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: bodyBytes = try decoder.data()
            case 2: authInfoBytes = try decoder.data()
            case 3: signatures.append(try decoder.data(repeated: true))
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(bodyBytes, field: 1)
        encoder.write(authInfoBytes, field: 2)
        encoder.write(repeated: signatures, field: 3)
    }
}

/// `cosmos.tx.v1beta1.SignDoc`: what a signature of SIGN_MODE_DIRECT covers.
public struct SignDocument: CanonicalMessage, Equatable {
    public var bodyBytes: Bytes
    public var authInfoBytes: Bytes
    public var chainID: String
    public var accountNumber: UInt64

    public init(bodyBytes: Bytes, authInfoBytes: Bytes, chainID: String, accountNumber: UInt64) {
        self.bodyBytes = bodyBytes
        self.authInfoBytes = authInfoBytes
        self.chainID = chainID
        self.accountNumber = accountNumber
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init(bodyBytes: [], authInfoBytes: [], chainID: "", accountNumber: 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: bodyBytes = try decoder.data()
            case 2: authInfoBytes = try decoder.data()
            case 3: chainID = try decoder.identifier()
            case 4: accountNumber = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(bodyBytes, field: 1)
        encoder.write(authInfoBytes, field: 2)
        encoder.write(chainID, field: 3)
        encoder.write(accountNumber, field: 4)
    }
}
