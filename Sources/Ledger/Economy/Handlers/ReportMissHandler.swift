import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Counts a request that its executor left unanswered, where two members of the session's group saw it too.
enum ReportMissHandler: MessageHandler {
    static func apply(_ message: MsgReportMiss, in context: inout ExecutionContext) throws(LedgerError) {
        try Reports.take(in: &context)
        let voucher = message.voucher.statement
        let session = try SessionsReads.payingSession(voucher.session, in: context)
        let key = StateKey.miss(session: session.id, executor: voucher.executor, sequence: voucher.sequence)
        guard context.state.value(for: key) == nil else { throw EconomyRejection.reportedAlready.error }
        guard voucher.chainID == context.block.chainID, session.members.contains(voucher.executor) else {
            throw EconomyRejection.invalidEvidence("the voucher is for another chain or executor").error
        }
        try checkGroup(session, voucher.executor, in: context)
        let round = try round(message.round, of: voucher, in: context)
        let reason = try reason(of: message, session, in: context)
        if reason == .load { try checkLoad(of: voucher.executor, session.model, in: round, context) }
        guard let sessionKey = PublicKey(compressed: session.sessionKey), message.voucher.isValid(under: sessionKey)
        else { throw EconomyRejection.invalidEvidence("the session key did not sign the voucher").error }
        context.write(
            MissRecord(
                session: session.id, executor: voucher.executor, sequence: voucher.sequence,
                height: context.block.height),
            at: key)
        try HostsWrites.note(voucher.executor, in: &context) { $0.requestsMissed &+= 1 }
        context.emit(
            "request_missed", ("session", "\(session.id)"), ("host", voucher.executor.bech32),
            ("sequence", "\(voucher.sequence)"), ("reason", reason.name))
    }

    /// Who picks the group picks the witnesses, so such a session accuses nobody; any other counts a bounded number of misses of
    /// one executor.
    private static func checkGroup(
        _ session: SessionRecord, _ executor: Address, in context: ExecutionContext
    ) throws(LedgerError) {
        guard session.allowedHosts.isEmpty else {
            throw EconomyRejection.invalidEvidence("the payer chose the group, and with it the witnesses").error
        }
        let most = MissRules.missesPerExecutorMax
        let counted = context.state.scan(
            prefix: StateKey.misses(session: session.id, executor: executor), limit: most)
        guard counted.count < most else { throw EconomyRejection.tooManyMisses(most: most).error }
    }

    /// The serving round of the request; a miss counts until it has settled.
    private static func round(
        _ id: UInt64, of voucher: Voucher, in context: ExecutionContext
    ) throws(LedgerError) -> RoundRecord {
        let round = try RoundsReads.round(id, in: context)
        guard round.timetable.kind == .serving, round.timetable.window(.work).contains(voucher.height) else {
            throw EconomyRejection.invalidEvidence("the request was not sent in round \(id)").error
        }
        guard !round.isSettled else { throw EconomyRejection.tooLate("round \(id) has settled").error }
        return round
    }

    /// What both witnesses say: those that the newest seed at the voucher's height draws from the group, each weighing 1.
    private static func reason(
        of message: MsgReportMiss, _ session: SessionRecord, in context: ExecutionContext
    ) throws(LedgerError) -> MissReason {
        let voucher = message.voucher.statement
        let interval = MissRules.seedInterval(at: voucher.height, of: context.block.parameters.beaconSchedule)
        guard let interval, voucher.height <= context.block.height else {
            throw EconomyRejection.invalidEvidence("the voucher's height is not that of a block").error
        }
        let witnesses = MissRules.witnesses(
            session: session.id, sequence: voucher.sequence, executor: voucher.executor, members: session.members,
            seed: try BeaconReads.seed(of: interval, in: context))
        guard !witnesses.isEmpty, message.statements.map(\.statement.witness) == witnesses else {
            throw EconomyRejection.invalidEvidence("the witnesses are not the two that were drawn").error
        }
        let digest = Hash32.sha256(voucher.encoded())
        let reason = message.statements[0].statement.reason
        for signed in message.statements {
            let statement = signed.statement
            guard statement.chainID == context.block.chainID, statement.voucherDigest == digest,
                statement.reason == reason
            else { throw EconomyRejection.invalidEvidence("the witnesses speak of different things").error }
            let host = try HostsModule.servingHost(statement.witness, in: context)
            guard let key = PublicKey(compressed: host.operatorKey), signed.isValid(under: key) else {
                throw EconomyRejection.invalidEvidence("a witness did not sign its statement").error
            }
        }
        return reason
    }

    /// A refusal for load is no miss of a host that claimed half of what it proved for such a window.
    private static func checkLoad(
        of host: Address, _ id: String, in round: RoundRecord, _ context: ExecutionContext
    ) throws(LedgerError) {
        guard context.block.height > round.timetable.window(.commit).upperBound else {
            throw EconomyRejection.tooLate("whether the host was busy is known when round \(round.id) is claimed").error
        }
        let model = try ModelsModule.model(id, in: context)
        let window = round.timetable.window(.work)
        let proven = PriceRule.provenTokens(
            weight: try HostsReads.weight(of: host, model: id, in: context),
            coefficientPartsPerMillion: model.coefficientPartsPerMillion,
            sprintBlocks: context.block.parameters.rounds.sprintWorkBlocks,
            blocks: window.upperBound - window.lowerBound + 1)
        let claim = try context.read(ClaimRecord.self, at: StateKey.claim(round: round.id, host: host))
        let served = claim?.entries.first { $0.model == id }?.tokens ?? 0
        guard !MissRules.mayRefuse(served: served, proven: proven) else {
            throw EconomyRejection.wasBusy(served: served, proven: proven).error
        }
    }
}

/// Reports check several signatures each, so a block takes a bounded number.
enum Reports {
    static func take(in context: inout ExecutionContext) throws(LedgerError) {
        guard context.orders.reports < Limits.reportsPerBlockMax else { throw EconomyRejection.blockIsFull.error }
        context.orders.reports += 1
    }
}
