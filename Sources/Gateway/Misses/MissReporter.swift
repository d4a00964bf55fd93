import Cryptography
import LedgerClient
import Logging
import Messages
import NIOCore
import Primitives
import ProtocolRules
import WireFormat

/// Reports misses: asks the two drawn witnesses about requests that their executors left unanswered, and sends the ledger what both
/// signed (protocol.md section 6). All of it runs beside the answering of requests, and nothing waits for it.
///
/// Where a witness says that the executor answers, it is asked again under the same voucher: it then gives the item that it made for
/// the witness, with its receipt, is charged for no more than that, and stands in the ranking as before.
actor MissReporter {
    /// What became of the requests that were taken.
    struct Tally: Equatable, Sendable {
        /// Witnesses were asked.
        var asked = 0
        /// A witness found that the executor answers.
        var refuted = 0
        /// Both saw the same.
        var agreed = 0
        /// The ledger counted it.
        var reported = 0
        /// Nothing came of it.
        var dropped = 0
    }

    /// Where the relay puts what it could not get answered.
    nonisolated let queue = MissQueue()

    private let pool: SessionPool
    private let hosts: any HostTransport
    private let witnesses: any WitnessTransport
    private let answerLimits: AnswerLimits
    private let logger: Logger
    private var agreed: [AgreedMiss] = []
    private(set) var tally = Tally()

    init(
        pool: SessionPool, hosts: any HostTransport, witnesses: any WitnessTransport, logger: Logger
    ) {
        self.pool = pool
        self.hosts = hosts
        self.witnesses = witnesses
        var limits = AnswerLimits()
        limits.answerDuration = Limits.secondAnswerDuration
        self.answerLimits = limits
        self.logger = logger
    }

    /// Runs until it is cancelled. What it had not reported by then is forgotten.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendAgreed() }
            var asking = 0
            for await unanswered in queue.requests {
                if asking < Limits.missesAtOnceMax { asking += 1 } else { await group.next() }
                group.addTask { await self.examine(unanswered) }
            }
            group.cancelAll()
        }
    }

    // MARK: Witnesses

    /// What one witness's answer comes to.
    private enum Finding: Sendable {
        case saw(Signed<MissStatement>)
        case executorAnswers
        /// It did not forward the request.
        case nothing
        /// It may have forwarded the request.
        case unknown
    }

    /// Asks the witnesses of one request, and keeps what they agree on.
    func examine(_ unanswered: UnansweredRequest) async {
        defer { queue.finish(unanswered) }
        let engagement = unanswered.engagement
        guard let panel = await panel(of: engagement) else { return drop(engagement, "it has no witnesses") }
        // A witness reads the request: who must not be asked must not be told of it either.
        let rules = await pool.rules(for: unanswered.request)
        guard panel.allSatisfy({ rules.refusal(of: $0.host) == nil }) else {
            return drop(engagement, "the policy leaves out a witness")
        }
        tally.asked += 1
        if unanswered.wasFree { await pool.owe(engagement) }
        let findings = await ask(panel, about: unanswered)
        if findings.contains(where: { if case .executorAnswers = $0 { true } else { false } }) {
            tally.refuted += 1
            return await askAgain(unanswered)
        }
        let statements = findings.compactMap { if case .saw(let statement) = $0 { statement } else { nil } }
        let miss = AgreedMiss(
            engagement.voucher, model: engagement.terms.model, statements: statements, witnesses: panel)
        let isUnknown = findings.contains { if case .unknown = $0 { true } else { false } }
        // A liar may have had it answered.
        let isUnheard = miss == nil && !statements.isEmpty
        if unanswered.wasFree, !isUnknown, !isUnheard { await pool.forgive(engagement) }
        guard let miss else { return drop(engagement, "its witnesses do not agree") }
        tally.agreed += 1
        await pool.note(.missed, of: engagement)
        guard agreed.count < Limits.reportsWaitingMax else { return drop(engagement, "too many reports wait") }
        agreed.append(miss)
    }

    /// The witnesses in the order of their draw; nil where there are none, or where the ledger takes none.
    private func panel(of engagement: Engagement) async -> [OpenSession.Seat]? {
        let voucher = engagement.voucher.statement
        guard let (session, schedule) = await pool.session(of: engagement), session.record.allowedHosts.isEmpty,
            let interval = MissRules.seedInterval(at: voucher.height, of: schedule),
            let seed = try? await pool.ledger.beaconSeed(interval)?.seed
        else { return nil }
        let drawn = MissRules.witnesses(
            session: voucher.session, sequence: voucher.sequence, executor: voucher.executor,
            members: session.record.members, seed: seed)
        let seats = drawn.compactMap { address in session.seats.first { $0.host == address } }
        return seats.count == MissRules.witnessCount ? seats : nil
    }

    private func ask(_ panel: [OpenSession.Seat], about unanswered: UnansweredRequest) async -> [Finding] {
        let voucher = Base64.encode(unanswered.engagement.voucher.encoded(), .urlSafe)
        return await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, seat) in panel.enumerated() {
                let request = HostRequest(url: seat.url, voucher: voucher, body: unanswered.request.body)
                group.addTask { (index, await self.ask(request)) }
            }
            var findings = panel.map { _ in Finding.unknown }
            for await (index, finding) in group { findings[index] = finding }
            return findings
        }
    }

    private nonisolated func ask(_ request: HostRequest) async -> Finding {
        do {
            switch try await witnesses.askWitness(request) {
            case .saw(let statement): return .saw(statement)
            case .executorAnswers: return .executorAnswers
            }
        } catch let fault as HostFault {
            return fault.costsNothing ? .nothing : .unknown
        } catch {
            return .unknown
        }
    }

    /// Has the executor answer the request once more, under the same voucher. One booking of it is left, whatever comes.
    private func askAgain(_ unanswered: UnansweredRequest) async {
        let engagement = unanswered.engagement
        logger.debug("executor answers a witness", metadata: Self.metadata(engagement))
        await pool.reopen(engagement)
        let attempt = Attempt(
            request: unanswered.request, hold: EngagementHold(engagement, in: pool), transport: hosts,
            limits: answerLimits, logger: logger, isWhole: true)
        let fault = try? await attempt.run().fault
        if fault?.costsNothing != true { await pool.forgive(engagement) }
    }

    // MARK: Reports

    private func sendAgreed() async {
        while !Task.isCancelled {
            await sendDue()
            do { try await Task.sleep(for: Limits.upkeepInterval) } catch { return }
        }
    }

    /// Sends the reports that the ledger takes now, one after the other; those that it takes later stay. One whose fate nobody knows
    /// is looked for before it is sent again.
    func sendDue() async {
        guard !agreed.isEmpty, let parameters = await pool.chain?.parameters else { return }
        let waiting = agreed
        agreed = []
        var kept: [AgreedMiss] = []
        for miss in waiting {
            do throws(LedgerAccessError) {
                if let left = try await step(miss, parameters) { kept.append(left) }
            } catch {
                logger.debug("miss not reported yet", metadata: ["error": "\(error)"])
                var miss = miss
                if case .outcomeUnknown = error { miss.sends += 1 }
                kept.append(miss)
            }
        }
        agreed = kept + agreed
    }

    /// - Returns: what is left to do later; nil where it is done.
    private func step(
        _ miss: AgreedMiss, _ parameters: ProtocolParameters
    ) async throws(LedgerAccessError) -> AgreedMiss? {
        let height = try await pool.ledger.status().height
        let check = MissCheck(ledger: pool.ledger, parameters: parameters, height: height)
        var miss = miss
        switch try await check.verdict(on: miss) {
        case .wait(let round):
            miss.round = round
            return miss
        case .drop(let reason):
            drop(miss, reason)
            return nil
        case .send(let round):
            guard miss.sends < Limits.reportSendsMax else {
                drop(miss, "it was sent too often")
                return nil
            }
            miss.round = round
            let result = try await pool.sender.send([miss.report(by: pool.sender.address, round: round.id).packed])
            return note(result, of: miss)
        }
    }

    private func note(_ result: SubmissionResult, of miss: AgreedMiss) -> AgreedMiss? {
        if result.isAccepted {
            tally.reported += 1
            logger.info(
                "miss reported", metadata: Self.metadata(miss).merging(["reason": "\(miss.reason.name)"]) { $1 })
            return nil
        }
        if result.isBlockFull {
            var miss = miss
            miss.sends += 1
            return miss
        }
        tally.dropped += 1
        logger.warning("miss not taken", metadata: Self.metadata(miss).merging(["error": "\(result.log)"]) { $1 })
        return nil
    }

    private func drop(_ engagement: Engagement, _ reason: StaticString) {
        tally.dropped += 1
        logger.debug(
            "miss dropped", metadata: Self.metadata(engagement).merging(["reason": "\(reason)"]) { $1 })
    }

    private func drop(_ miss: AgreedMiss, _ reason: StaticString) {
        tally.dropped += 1
        logger.debug("miss dropped", metadata: Self.metadata(miss).merging(["reason": "\(reason)"]) { $1 })
    }

    private static func metadata(_ engagement: Engagement) -> Logger.Metadata {
        ["host": "\(engagement.host.bech32)", "session": "\(engagement.session)"]
    }

    private static func metadata(_ miss: AgreedMiss) -> Logger.Metadata {
        ["host": "\(miss.executor.bech32)", "session": "\(miss.session)"]
    }
}

extension SubmissionResult {
    /// Whether its block took no more reports: codespace `economy`, code 7.
    fileprivate var isBlockFull: Bool { codespace == "economy" && code == 7 }
}
