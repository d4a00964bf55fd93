import Cryptography
import Messages
import Primitives

/// What a signer is towards one message: columns of the permission table.
enum Role: CaseIterable, Sendable {
    /// An account that is no host now.
    case outsider
    /// The account of an active host.
    case activeHost
    /// The account of a host that is leaving.
    case retiringHost
    /// The operator key of the host that the message names.
    case hostOperator
    /// The payer of the session that the message names.
    case payer
}

/// Who may send what. One table; what it does not grant is denied.
enum Permissions {
    static func allowed(_ kind: MessageKind) -> Set<Role> {
        switch kind {
        case .send, .openSession, .reportMiss, .reportEquivocation: everyone
        case .registerHost: [.outsider]
        case .updateHost, .retireHost, .depositCollateral: [.activeHost]
        case .rotateOperatorKey, .withdrawCollateral: [.activeHost, .retiringHost]
        case .topUpSession, .closeSession: [.payer]
        case .commitClaim, .commitAudit, .openAudit, .openItems, .beacon: [.hostOperator]
        }
    }

    private static let everyone = Set(Role.allCases)

    static func check(_ message: DecodedMessage, in context: ExecutionContext) throws(LedgerError) {
        let allowed = allowed(message.kind)
        if allowed == everyone { return }
        guard try roles(of: message.signer, towards: message, in: context).contains(where: allowed.contains) else {
            throw TransactionRejection.notPermitted(message.signer, type(of: message.message).typeURL).error
        }
    }

    /// All that a signer is towards a message: one of the first three always.
    static func roles(
        of signer: Address, towards message: DecodedMessage, in context: ExecutionContext
    ) throws(LedgerError) -> [Role] {
        let standing = try standing(of: signer, in: context)
        switch message {
        case .topUpSession(let message): return try standing + payer(signer, of: message.session, in: context)
        case .closeSession(let message): return try standing + payer(signer, of: message.session, in: context)
        default:
            guard let host = message.dutyOf, try HostsReads.isOperator(signer, of: host, in: context) else {
                return standing
            }
            return standing + [.hostOperator]
        }
    }

    private static func standing(of signer: Address, in context: ExecutionContext) throws(LedgerError) -> [Role] {
        switch try HostsReads.host(signer, in: context)?.state {
        case .active: [.activeHost]
        case .retiring: [.retiringHost]
        case .retired, nil: [.outsider]
        }
    }

    private static func payer(
        _ signer: Address, of session: UInt64, in context: ExecutionContext
    ) throws(LedgerError) -> [Role] {
        try SessionsReads.session(session, in: context).payer == signer ? [.payer] : []
    }
}
