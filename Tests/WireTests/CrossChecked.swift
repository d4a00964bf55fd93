import Foundation
import Messages
import Primitives
import SwiftProtobuf
import Testing
import WireFormat

/// A message of this network that is held against what SwiftProtobuf reads and writes for the same message in `proto/`.
protocol CrossChecked: CanonicalMessage {
    /// What protoc made of the file in `proto/`.
    associatedtype Generated: SwiftProtobuf.Message & Equatable

    /// A valid value.
    static func random(_ values: inout RandomValues) -> Self

    /// The same value for SwiftProtobuf, field by field: written here a second time, so that a slip in `encode` shows.
    var generated: Generated { get }

    /// Hashes and addresses in raw bytes. Written empty they are not a default but a value of the wrong length.
    static var fixedLengthFields: Set<UInt32> { get }

    /// True for one of several messages: whatever follows the first field is unknown to it.
    static var isChoice: Bool { get }
}

extension CrossChecked {
    static var fixedLengthFields: Set<UInt32> { [] }
    static var isChoice: Bool { false }
    static var generatedName: String { Generated.protoMessageName }
}

/// A type with a cross-check, as an argument of tests.
struct CheckedType: Sendable, CustomTestStringConvertible {
    let type: any CrossChecked.Type

    init(_ type: any CrossChecked.Type) { self.type = type }

    /// For example `Signed<Voucher>`.
    var name: String { String(describing: type) }

    /// The message's name in `proto/`, for example `gonka.v1.SignedVoucher`.
    var generatedName: String { type.generatedName }

    var testDescription: String { name }

    static let all: [CheckedType] =
        (transactions + ledgerMessages + audits + statements + genesis + records
        + auditRecords + economy + consensus + proofs).map(CheckedType.init)

    private static let transactions: [any CrossChecked.Type] = [
        TransactionRaw.self, SignDocument.self, TransactionBody.self, AnyMessage.self, AuthenticationInfo.self,
        SignerInfo.self, ModeInfo.self, SingleMode.self, TransactionFee.self, Coin.self, Secp256k1PublicKey.self,
    ]
    private static let ledgerMessages: [any CrossChecked.Type] = [
        MsgSend.self, MsgRegisterHost.self, ConsensusKeyStatement.self, MsgUpdateHost.self, MsgRotateOperatorKey.self,
        MsgRetireHost.self, MsgOpenSession.self, MsgTopUpSession.self, AllotmentMove.self, MsgCloseSession.self,
        MsgCommitClaim.self, ClaimEntry.self, SessionClaim.self,
    ]
}

/// The enumeration's case with our number, known to SwiftProtobuf or not.
func enumeration<Enumeration: SwiftProtobuf.Enum>(_ number: UInt64) -> Enumeration {
    Enumeration(rawValue: Int(number)) ?? Enumeration()
}
