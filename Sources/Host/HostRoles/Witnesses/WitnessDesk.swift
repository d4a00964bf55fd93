import Cryptography
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// Forwards requests that their executors left unanswered, where the ledger's draw makes this host a witness, and says what it saw.
///
/// Nobody can send anything elsewhere through it: only what a session's key signed, only to the URL that the ledger has of a member of
/// that session's group, only where this host is in the group and drawn, and only so often. What comes back is shown to nobody.
public actor WitnessDesk {
    private let identity: HostIdentity
    private let view: HostLedgerView
    private let ledger: any LedgerAccess
    private let forwarder: any RequestForwarder
    private let limits: Limits
    /// Requests that are being forwarded, by session.
    private var open: [UInt64: Int] = [:]
    /// Requests forwarded in one serving round, by session.
    private var forwarded: (round: UInt64, bySession: [UInt64: Int]) = (0, [:])
    private var seeds: [UInt64: Hash32] = [:]

    package init(
        identity: HostIdentity, view: HostLedgerView, ledger: any LedgerAccess, forwarder: any RequestForwarder,
        limits: Limits = Limits()
    ) {
        self.identity = identity
        self.view = view
        self.ledger = ledger
        self.forwarder = forwarder
        self.limits = limits
    }

    /// What this host is a witness of, and where it has to look.
    public struct Mandate: Sendable {
        let voucher: Signed<Voucher>
        let executorURL: String
    }

    /// Finds out whether this host is a witness of the request behind `voucher`: all that can be known before the body is read, the
    /// cheapest first.
    ///
    /// - Throws: the refusal.
    public func mandate(for voucher: Signed<Voucher>) async throws(OpenAIError) -> Mandate {
        let statement = voucher.statement
        guard statement.chainID == identity.chainID else { throw .voucherInvalid("it is for another chain") }
        guard statement.executor != identity.address else {
            throw .witnessNotDrawn("it is for this host itself")
        }
        let now = try await view.current()
        try checkRate(of: statement.session, in: now.round.id)
        let membership = try await view.membership(statement.session)
        let check = VoucherCheck(
            chainID: identity.chainID, executor: statement.executor, height: now.height,
            ageMax: now.parameters.rounds.servingWorkBlocks, session: membership.session, member: membership.member)
        try check.checkTime(of: statement)
        guard membership.session.allowedHosts.isEmpty else {
            throw .witnessNotDrawn("the payer chose the group")
        }
        guard membership.session.members.contains(statement.executor) else {
            throw .witnessNotDrawn("its executor is not in the group")
        }
        let seed = try await seed(for: statement, now.parameters.beaconSchedule)
        let drawn = MissRules.witnesses(
            session: statement.session, sequence: statement.sequence, executor: statement.executor,
            members: membership.session.members, seed: seed)
        guard drawn.contains(identity.address) else { throw .witnessNotDrawn("others were drawn") }
        try check.checkSigner(voucher)
        return Mandate(voucher: voucher, executorURL: try await url(of: statement.executor))
    }

    /// Forwards the request and waits for its first byte.
    ///
    /// - Returns: what the ledger takes as evidence; nil where the executor answers.
    /// - Throws: `OpenAIError`; `CancellationError` where the one who asked is gone.
    public func look(_ body: Bytes, for mandate: Mandate) async throws -> Signed<MissStatement>? {
        let voucher = mandate.voucher.statement
        guard Hash32.sha256(body) == voucher.requestDigest else { throw OpenAIError.voucherDigestMismatch }
        let round = try await view.current().round.id
        try checkRate(of: voucher.session, in: round)
        forwarded.bySession[voucher.session, default: 0] += 1
        open[voucher.session, default: 0] += 1
        defer { leave(voucher.session) }
        let reply = try await forwarder.forward(
            SignedRequest(body: body, voucher: mandate.voucher), to: mandate.executorURL)
        try Task.checkCancellation()
        guard let reason = reply.miss else { return nil }
        let statement = MissStatement(
            chainID: identity.chainID, witness: identity.address, voucherDigest: .sha256(voucher.encoded()),
            reason: reason)
        return Signed(statement, by: identity.operatorKey)
    }

    /// - Throws: 503 where too many are forwarded now, 429 where too many were for this session.
    private func checkRate(of session: UInt64, in round: UInt64) throws(OpenAIError) {
        if forwarded.round != round { forwarded = (round, [:]) }
        guard forwarded.bySession[session, default: 0] < limits.witnessingPerSessionMax else {
            throw .rateLimitExceeded(retryAfterSeconds: limits.witnessRefusalSeconds)
        }
        let all = open.values.reduce(0, +)
        guard all < limits.witnessingAtOnceMax, open[session, default: 0] < limits.witnessingAtOncePerSessionMax else {
            throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds)
        }
    }

    private func leave(_ session: UInt64) {
        let left = open[session, default: 0] - 1
        open[session] = left > 0 ? left : nil
    }

    /// The newest seed at the voucher's height. One that is not there yet may be with the next block.
    private func seed(for voucher: Voucher, _ schedule: BeaconSchedule) async throws(OpenAIError) -> Hash32 {
        guard let interval = MissRules.seedInterval(at: voucher.height, of: schedule) else {
            throw .voucherInvalid("its height is that of no block")
        }
        if let seed = seeds[interval] { return seed }
        let record = try await read { [ledger] () throws(LedgerAccessError) in try await ledger.beaconSeed(interval) }
        guard let record else { throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds) }
        if seeds.count >= limits.seedsCachedMax { seeds = [:] }
        seeds[interval] = record.seed
        return record.seed
    }

    /// Where the ledger says that an executor is.
    private func url(of executor: Address) async throws(OpenAIError) -> String {
        let host = try await read { [ledger] () throws(LedgerAccessError) in try await ledger.host(executor) }
        guard let host, host.state == .active else { throw .witnessNotDrawn("its executor serves no more") }
        return host.url
    }

    private func read<Value: Sendable>(
        _ body: @Sendable () async throws(LedgerAccessError) -> Value
    ) async throws(OpenAIError) -> Value {
        do { return try await body() } catch { throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds) }
    }
}
