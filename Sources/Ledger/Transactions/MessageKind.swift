import Messages
import Primitives
import WireFormat

/// Every message that the ledger knows, decoded.
enum DecodedMessage: Sendable {
    case send(MsgSend)
    case registerHost(MsgRegisterHost)
    case updateHost(MsgUpdateHost)
    case rotateOperatorKey(MsgRotateOperatorKey)
    case retireHost(MsgRetireHost)
    case openSession(MsgOpenSession)
    case topUpSession(MsgTopUpSession)
    case closeSession(MsgCloseSession)
    case commitClaim(MsgCommitClaim)
    case commitAudit(MsgCommitAudit)
    case openAudit(MsgOpenAudit)
    case openItems(MsgOpenItems)
    case beacon(MsgBeacon)
    case depositCollateral(MsgDepositCollateral)
    case withdrawCollateral(MsgWithdrawCollateral)
    case reportMiss(MsgReportMiss)
    case reportEquivocation(MsgReportEquivocation)

    /// Reads the message that an `Any` names; nil for a name that the ledger does not know.
    init?(_ packed: AnyMessage) throws(WireError) {
        switch packed.typeURL {
        case MsgSend.typeURL: self = .send(try .decode(packed.value))
        case MsgRegisterHost.typeURL: self = .registerHost(try .decode(packed.value))
        case MsgUpdateHost.typeURL: self = .updateHost(try .decode(packed.value))
        case MsgRotateOperatorKey.typeURL: self = .rotateOperatorKey(try .decode(packed.value))
        case MsgRetireHost.typeURL: self = .retireHost(try .decode(packed.value))
        case MsgOpenSession.typeURL: self = .openSession(try .decode(packed.value))
        case MsgTopUpSession.typeURL: self = .topUpSession(try .decode(packed.value))
        case MsgCloseSession.typeURL: self = .closeSession(try .decode(packed.value))
        case MsgCommitClaim.typeURL: self = .commitClaim(try .decode(packed.value))
        case MsgCommitAudit.typeURL: self = .commitAudit(try .decode(packed.value))
        case MsgOpenAudit.typeURL: self = .openAudit(try .decode(packed.value))
        case MsgOpenItems.typeURL: self = .openItems(try .decode(packed.value))
        case MsgBeacon.typeURL: self = .beacon(try .decode(packed.value))
        case MsgDepositCollateral.typeURL: self = .depositCollateral(try .decode(packed.value))
        case MsgWithdrawCollateral.typeURL: self = .withdrawCollateral(try .decode(packed.value))
        case MsgReportMiss.typeURL: self = .reportMiss(try .decode(packed.value))
        case MsgReportEquivocation.typeURL: self = .reportEquivocation(try .decode(packed.value))
        default: return nil
        }
    }

    var message: any LedgerMessage {
        switch self {
        case .send(let message): message
        case .registerHost(let message): message
        case .updateHost(let message): message
        case .rotateOperatorKey(let message): message
        case .retireHost(let message): message
        case .openSession(let message): message
        case .topUpSession(let message): message
        case .closeSession(let message): message
        case .commitClaim(let message): message
        case .commitAudit(let message): message
        case .openAudit(let message): message
        case .openItems(let message): message
        case .beacon(let message): message
        case .depositCollateral(let message): message
        case .withdrawCollateral(let message): message
        case .reportMiss(let message): message
        case .reportEquivocation(let message): message
        }
    }

    var signer: Address { message.signer }

    var kind: MessageKind {
        switch self {
        case .send: .send
        case .registerHost: .registerHost
        case .updateHost: .updateHost
        case .rotateOperatorKey: .rotateOperatorKey
        case .retireHost: .retireHost
        case .openSession: .openSession
        case .topUpSession: .topUpSession
        case .closeSession: .closeSession
        case .commitClaim: .commitClaim
        case .commitAudit: .commitAudit
        case .openAudit: .openAudit
        case .openItems: .openItems
        case .beacon: .beacon
        case .depositCollateral: .depositCollateral
        case .withdrawCollateral: .withdrawCollateral
        case .reportMiss: .reportMiss
        case .reportEquivocation: .reportEquivocation
        }
    }

    /// The host whose duty this message is; nil for messages that are none.
    var dutyOf: Address? {
        switch self {
        case .commitClaim(let message): message.host
        case .commitAudit(let message): message.host
        case .openAudit(let message): message.host
        case .openItems(let message): message.host
        case .beacon(let message): message.host
        default: nil
        }
    }

    /// Runs the one handler of this kind.
    func apply(in context: inout ExecutionContext) throws(LedgerError) {
        switch self {
        case .send(let message): try SendHandler.apply(message, in: &context)
        case .registerHost(let message): try RegisterHostHandler.apply(message, in: &context)
        case .updateHost(let message): try UpdateHostHandler.apply(message, in: &context)
        case .rotateOperatorKey(let message): try RotateOperatorKeyHandler.apply(message, in: &context)
        case .retireHost(let message): try RetireHostHandler.apply(message, in: &context)
        case .openSession(let message): try OpenSessionHandler.apply(message, in: &context)
        case .topUpSession(let message): try TopUpSessionHandler.apply(message, in: &context)
        case .closeSession(let message): try CloseSessionHandler.apply(message, in: &context)
        case .commitClaim(let message): try CommitClaimHandler.apply(message, in: &context)
        case .commitAudit(let message): try CommitAuditHandler.apply(message, in: &context)
        case .openAudit(let message): try OpenAuditHandler.apply(message, in: &context)
        case .openItems(let message): try OpenItemsHandler.apply(message, in: &context)
        case .beacon(let message): try BeaconHandler.apply(message, in: &context)
        case .depositCollateral(let message): try DepositCollateralHandler.apply(message, in: &context)
        case .withdrawCollateral(let message): try WithdrawCollateralHandler.apply(message, in: &context)
        case .reportMiss(let message): try ReportMissHandler.apply(message, in: &context)
        case .reportEquivocation(let message): try ReportEquivocationHandler.apply(message, in: &context)
        }
    }
}

/// The kinds of messages: rows of the permission table.
enum MessageKind: CaseIterable, Sendable {
    case send, registerHost, updateHost, rotateOperatorKey, retireHost
    case openSession, topUpSession, closeSession
    case commitClaim, commitAudit, openAudit, openItems, beacon
    case depositCollateral, withdrawCollateral, reportMiss, reportEquivocation
}
