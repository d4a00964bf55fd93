import Cryptography
import Messages
import Primitives

/// What a signer is towards one message: columns of the permission table.
enum Role: CaseIterable, Sendable {
    /// An account that is no host now.
    case outsider
    /// The account of an active host, for the host that the message names.
    case activeHost
    /// The account of a host that is leaving, for the host that the message names.
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
        case .send, .openSession: Set(Role.allCases)
        case .registerHost: [.outsider]
        case .updateHost, .retireHost: [.activeHost]
        case .rotateOperatorKey: [.activeHost, .retiringHost]
        case .topUpSession, .closeSession: [.payer]
        case .commitClaim: [.hostOperator]
        }
    }

    static func check(_ message: DecodedMessage, in context: ExecutionContext) throws(LedgerError) {
        let roles = try roles(of: message.signer, towards: message, in: context)
        guard !roles.isDisjoint(with: allowed(message.kind)) else {
            throw TransactionRejection.notPermitted(message.message.signer, type(of: message.message).typeURL).error
        }
    }

    static func roles(
        of signer: Address, towards message: DecodedMessage, in context: ExecutionContext
    ) throws(LedgerError) -> Set<Role> {
        switch message {
        case .topUpSession(let message): return try payerRoles(of: signer, session: message.session, in: context)
        case .closeSession(let message): return try payerRoles(of: signer, session: message.session, in: context)
        case .commitClaim(let message):
            let isOperator = try HostsReads.host(ofOperator: signer, in: context) == message.host
            return try hostRoles(of: signer, in: context).union(isOperator ? [.hostOperator] : [])
        default: return try hostRoles(of: signer, in: context)
        }
    }

    private static func hostRoles(of signer: Address, in context: ExecutionContext) throws(LedgerError) -> Set<Role> {
        switch try HostsReads.host(signer, in: context)?.state {
        case .active: [.activeHost]
        case .retiring: [.retiringHost]
        case .retired, nil: [.outsider]
        }
    }

    private static func payerRoles(
        of signer: Address, session: UInt64, in context: ExecutionContext
    ) throws(LedgerError) -> Set<Role> {
        let roles = try hostRoles(of: signer, in: context)
        return try SessionsReads.session(session, in: context).payer == signer ? roles.union([.payer]) : roles
    }
}
