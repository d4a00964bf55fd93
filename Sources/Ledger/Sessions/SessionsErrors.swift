import Cryptography
import Primitives

enum SessionsRejection: RejectionReason {
    case depositTooSmall(deposit: Amount, minimum: Amount)
    case invalidSessionKey
    case invalidGroupSize(asked: UInt64, maximum: UInt64)
    case invalidExpiry(asked: UInt64, maximum: UInt64)
    case invalidAllowList(String)
    case unknownSession(UInt64)
    case notOpen(UInt64, state: String)
    case nothingToDo
    case invalidMove(String)
    case moveAlreadyOrdered
    case notAMember(session: UInt64, host: Address)
    case voucherNotHonoured(String)
    case numberOutOfOrder(session: UInt64, expected: UInt64, claimed: UInt64)
    case closesBefore(session: UInt64, serial: UInt64, last: UInt64)
    case blockIsFull(of: String, maximum: Int)

    static let codespace = "sessions"

    var code: UInt32 {
        switch self {
        case .depositTooSmall: 1
        case .invalidSessionKey: 2
        case .invalidGroupSize: 3
        case .invalidExpiry: 4
        case .invalidAllowList: 5
        case .unknownSession: 6
        case .notOpen: 7
        case .nothingToDo: 8
        case .invalidMove: 9
        case .moveAlreadyOrdered: 10
        case .notAMember: 11
        case .voucherNotHonoured: 12
        case .numberOutOfOrder: 13
        case .closesBefore: 14
        case .blockIsFull: 15
        }
    }

    var sentence: String {
        switch self {
        case .depositTooSmall(let deposit, let minimum): "a deposit of \(deposit) is below the minimum of \(minimum)"
        case .invalidSessionKey: "the session key is not a compressed secp256k1 public key of 33 bytes"
        case .invalidGroupSize(let asked, let maximum): "a group of \(asked) hosts is over the maximum of \(maximum)"
        case .invalidExpiry(let asked, let maximum): "an expiry of \(asked) epochs is over the maximum of \(maximum)"
        case .invalidAllowList(let reason): "the list of allowed hosts is not usable: \(reason)"
        case .unknownSession(let id): "there is no session \(id)"
        case .notOpen(let id, let state): "session \(id) is \(state), not open"
        case .nothingToDo: "nothing is added and nothing moved"
        case .invalidMove(let reason): "the move of allotment is not usable: \(reason)"
        case .moveAlreadyOrdered: "a move between these two members is ordered for this round already"
        case .notAMember(let session, let host): "\(host.bech32) is not in the group of session \(session)"
        case .voucherNotHonoured(let reason): "the voucher is not honoured: \(reason)"
        case .numberOutOfOrder(let session, let expected, let claimed):
            "the claim of session \(session) must start at item \(expected), not \(claimed)"
        case .closesBefore(let session, let serial, let last):
            "session \(session) closes after serving round \(last), before serving round \(serial) settles"
        case .blockIsFull(let orders, let maximum):
            "a block takes \(maximum) \(orders), and this one has them; try again in the next"
        }
    }
}
