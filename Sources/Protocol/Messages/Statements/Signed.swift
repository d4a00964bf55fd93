import Cryptography
import Primitives
import WireFormat

/// An off-chain statement that is signed in a domain of its own, so that no signature serves two purposes.
public protocol SignedStatement: CanonicalMessage {
    static var domain: SigningDomain { get }
}

/// A statement with the signature over SHA256(domain ‖ canonical protobuf).
public struct Signed<Statement: SignedStatement>: CanonicalMessage {
    public var statement: Statement
    /// r ‖ s, 64 bytes, low s.
    public var signature: Bytes

    public init(statement: Statement, signature: Bytes) {
        self.statement = statement
        self.signature = signature
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var statement: Statement?
        signature = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: statement = try decoder.message(Statement.self)
            case 2: signature = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        self.statement = try required(statement, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(statement, field: 1)
        encoder.write(signature, field: 2)
    }
}

extension Signed: Equatable where Statement: Equatable {}

extension Voucher: SignedStatement {
    public static var domain: SigningDomain { .voucher }
}

extension Receipt: SignedStatement {
    public static var domain: SigningDomain { .receipt }
}

extension AuditRequest: SignedStatement {
    public static var domain: SigningDomain { .auditFetch }
}

extension Signed {
    /// Signs a statement in its own domain.
    public init(_ statement: Statement, by key: PrivateKey) {
        self.init(
            statement: statement, signature: key.sign(Statement.domain.digest(statement.encoded())).compact)
    }

    /// Whether `key` signed this statement, in this domain, with low s.
    public func isValid(under key: PublicKey) -> Bool {
        guard let signature = Signature(compact: signature) else { return false }
        return key.verify(signature, of: Statement.domain.digest(statement.encoded()))
    }
}
