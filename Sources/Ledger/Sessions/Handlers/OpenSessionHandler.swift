import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Takes the deposit and freezes prices and tax; the group is drawn in the next block.
enum OpenSessionHandler: MessageHandler {
    static func apply(_ message: MsgOpenSession, in context: inout ExecutionContext) throws(LedgerError) {
        let model = try ModelsModule.openModel(message.model, in: context)
        let terms = try terms(of: message, in: context)
        try SessionsModule.order(
            1, \.openings, named: "openings of sessions", atMost: Limits.sessionsPerBlockMax, in: &context)
        try BankModule.move(message.deposit, from: .balance(message.payer), to: .deposits, in: &context)
        let id = try context.nextIdentifier(at: SessionsKeys.counter)
        let session = SessionRecord(
            id: id, request: message, groupSize: terms.groupSize, openedHeight: context.block.height,
            expiryHeight: terms.expiryHeight, prices: model.prices,
            servingTaxPartsPerMillion: context.block.parameters.economy.servingTaxPartsPerMillion)
        context.write(session, at: StateKey.session(id))
        context.state.write([1], for: SessionsKeys.pendingGroup(id))
        context.state.write([1], for: SessionsKeys.expiry(height: terms.expiryHeight, session: id))
        context.state.write([1], for: SessionsKeys.byPayer(message.payer, session: id))
        context.emit("session_created", ("session", "\(id)"), ("deposit", message.deposit.description))
    }

    private static func terms(
        of message: MsgOpenSession, in context: ExecutionContext
    ) throws(LedgerError) -> (groupSize: UInt64, expiryHeight: UInt64) {
        let parameters = context.block.parameters.sessions
        let minimum = Amount(parameters.depositMinNgonka)
        guard message.deposit >= minimum else {
            throw SessionsRejection.depositTooSmall(deposit: message.deposit, minimum: minimum).error
        }
        guard PublicKey(compressed: message.sessionKey) != nil else { throw SessionsRejection.invalidSessionKey.error }
        let groupSize = message.groupSize == 0 ? parameters.groupSizeDefault : message.groupSize
        guard groupSize <= parameters.groupSizeMax else {
            throw SessionsRejection.invalidGroupSize(asked: groupSize, maximum: parameters.groupSizeMax).error
        }
        let epochs = message.expiryEpochs == 0 ? parameters.expiryEpochs : message.expiryEpochs
        guard epochs <= parameters.expiryEpochsMax else {
            throw SessionsRejection.invalidExpiry(asked: epochs, maximum: parameters.expiryEpochsMax).error
        }
        try check(allowed: message.allowedHosts, model: message.model, in: context)
        let height = context.block.height
        let blocks = context.block.parameters.chain.epochBlocks
        let expiryHeight = try checked { () throws(ArithmeticError) in
            try height.adding(try epochs.multiplied(by: blocks))
        }
        return (groupSize, expiryHeight)
    }

    /// Ascending, not too many, and at least one of them can be drawn as things are: a session that is sure to find nobody
    /// would take a draw from others and cost nothing but its bytes.
    private static func check(
        allowed: [Address], model: String, in context: ExecutionContext
    ) throws(LedgerError) {
        if allowed.isEmpty { return }
        guard allowed.count <= Limits.allowedHostsMax else {
            throw SessionsRejection.invalidAllowList("over \(Limits.allowedHostsMax) hosts").error
        }
        guard zip(allowed, allowed.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw SessionsRejection.invalidAllowList("not ascending, or one twice").error
        }
        guard allowed.contains(where: { HostsReads.isListed($0, model: model, in: context) }) else {
            throw SessionsRejection.invalidAllowList("none of them is an active host that lists the model").error
        }
    }
}
