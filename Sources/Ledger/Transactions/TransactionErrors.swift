import Cryptography
import Messages
import Primitives
import WireFormat

/// Why a transaction is refused before any of its messages runs. Codespace `sdk`, with the numbers that wallets know.
enum TransactionRejection: RejectionReason {
    case undecodable(String)
    case unauthorized(String)
    case unknownAccount(Address)
    case invalidPublicKey(String)
    case memoTooLong(Int)
    case insufficientFee(offered: Amount, required: Amount)
    case invalidRequest(String)
    case tooLarge(Int)
    case timeoutHeightPassed(timeout: UInt64, height: UInt64)
    case unknownExtension
    case wrongSequence(expected: UInt64, signed: UInt64)
    case notPermitted(Address, String)

    static let codespace = "sdk"

    var code: UInt32 {
        switch self {
        case .undecodable: 2
        case .unauthorized, .notPermitted: 4
        case .invalidPublicKey: 8
        case .unknownAccount: 9
        case .memoTooLong: 12
        case .insufficientFee: 13
        case .invalidRequest: 18
        case .tooLarge: 21
        case .timeoutHeightPassed: 30
        case .unknownExtension: 31
        case .wrongSequence: 32
        }
    }

    var sentence: String {
        switch self {
        case .undecodable(let reason): "the transaction is not canonical protobuf of a known form: \(reason)"
        case .unauthorized(let reason): "unauthorized: \(reason)"
        case .unknownAccount(let address): "account \(address.bech32) does not exist; send it coins first"
        case .invalidPublicKey(let reason): "invalid public key: \(reason)"
        case .memoTooLong(let bytes): "a memo of \(bytes) bytes is over the maximum of \(Limits.memoBytesMax)"
        case .insufficientFee(let offered, let required): "insufficient fees; got: \(offered) required: \(required)"
        case .invalidRequest(let reason): "invalid request: \(reason)"
        case .tooLarge(let bytes): "\(bytes) bytes are over the maximum of \(Limits.transactionBytesMax)"
        case .timeoutHeightPassed(let timeout, let height): "the timeout height \(timeout) is passed: this is \(height)"
        case .unknownExtension: "extension options are not known here"
        case .wrongSequence(let expected, let signed):
            "account sequence mismatch, expected \(expected), got \(signed)"
        case .notPermitted(let signer, let type): "\(signer.bech32) may not send \(type) for this host or session"
        }
    }
}
