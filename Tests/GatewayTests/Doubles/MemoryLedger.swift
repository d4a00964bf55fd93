import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// A ledger of a few tables in memory that opens and closes sessions at once. What it does not do, no gateway asks for.
actor MemoryLedger: LedgerAccess {
    private var records: [Bytes: Bytes] = [:]
    private(set) var height: UInt64 = 10
    private(set) var openedSessions: [UInt64] = []
    private(set) var closedSessions: [UInt64] = []
    private var isReachable = true
    private var refusal: (code: UInt32, codespace: String, log: String)?
    /// Whether what was submitted takes effect although its answer is lost.
    private var losesAnswers = false
    private var expiryBlocks: UInt64 = 1_000
    private var refusesClosing = false
    private var drawsAtOnce = true
    /// A session that this node does not know yet.
    private var hidden: UInt64?

    private let members: [TestHost]

    init(members: [TestHost] = Fixtures.hosts) {
        self.members = members
        records[StateKey.parameters] = ProtocolParameters.devnet.encoded()
        records[StateKey.account(Fixtures.payer.publicKey.address)] =
            AccountRecord(number: 1, balance: Amount(1_000_000)).encoded()
        records[StateKey.model(Fixtures.model)] = Fixtures.modelRecord.encoded()
        for host in members { records[StateKey.host(host.address)] = host.record.encoded() }
    }

    // MARK: What tests do to it

    func advance(to height: UInt64) { self.height = height }
    func setReachable(_ isReachable: Bool) { self.isReachable = isReachable }
    func loseAnswers() { losesAnswers = true }
    func refuse(code: UInt32, codespace: String, log: String) { refusal = (code, codespace, log) }
    func refuseClosing() { refusesClosing = true }
    func accept() { (refusal, losesAnswers, refusesClosing) = (nil, false, false) }
    func hide(session id: UInt64?) { hidden = id }

    /// From now on groups are drawn by `draw` only.
    func drawsLater() { drawsAtOnce = false }
    func draw() throws { for id in openedSessions { try setState(.open, of: id) } }
    func openSessionsExpire(after blocks: UInt64) { expiryBlocks = blocks }

    /// Seeds for every height of a test.
    func setSeeds() {
        for interval in 0..<1_000 as Range<UInt64> {
            records[StateKey.beaconSeed(interval)] = BeaconSeedRecord(seed: .zero, reveals: 0).encoded()
        }
    }

    func setWeight(_ weight: UInt64, of host: TestHost) {
        records[StateKey.weight(model: Fixtures.model, host: host.address)] =
            WeightRecord(host: host.address, weight: weight).encoded()
    }

    /// An epoch that is over, in which these hosts proved what they weigh.
    func close(epoch: UInt64, weights: [(host: TestHost, weight: UInt64)]) {
        records[StateKey.epoch(epoch)] =
            EpochRecord(
                epoch: epoch, emission: .zero, hosts: UInt64(weights.count), weight: 0, confirmedWeight: 0,
                medianPartsPerMillion: 0, paid: .zero, pooled: .zero, isProven: true, sprint: 1
            ).encoded()
        for (host, weight) in weights {
            let payout = HostPayout(
                weight: weight, confirmedPartsPerMillion: 1_000_000, confirmedWeight: weight, share: .zero,
                unconfirmed: .zero, undutiful: .zero, missed: .zero, withheld: .zero, convicted: .zero, paid: .zero,
                vestingEpochs: 0)
            records[StateKey.hostEpoch(epoch, host: host.address)] =
                HostEpochRecord(
                    host: host.address, epoch: epoch, sprint: [], confirmations: [], duties: 0, dutiesDone: 0,
                    drawnBeaconsMissed: 0, idleBeaconsMissed: 0, requestsServed: 0, requestsMissed: 0,
                    isConvicted: false, payout: payout
                ).encoded()
        }
    }

    func setModel(_ record: ModelRecord) { records[StateKey.model(record.id)] = record.encoded() }

    func setHost(_ record: HostRecord) { records[StateKey.host(record.address)] = record.encoded() }

    /// The hosts of the fixtures, at addresses of this machine.
    func setHosts(at urls: [String]) {
        for (host, url) in zip(Fixtures.hosts, urls) {
            var record = host.record
            record.url = url
            setHost(record)
        }
    }

    func setState(_ state: SessionState, of id: UInt64) throws {
        var record = try SessionRecord.decode(records[StateKey.session(id)] ?? [])
        record.state = state
        put(record)
    }

    func put(_ session: SessionRecord) {
        records[StateKey.session(session.id)] = session.encoded()
        records[StateKey.sessions(payer: session.payer) + .bigEndian(session.id)] = [1]
        let share = Amount(session.deposit.ngonka / UInt64(max(1, session.members.count)))
        for member in session.members {
            records[StateKey.member(session: session.id, host: member)] =
                MemberRecord(host: member, allotment: share).encoded()
        }
    }

    // MARK: LedgerAccess

    func status() throws(LedgerAccessError) -> LedgerStatus {
        try reach()
        return LedgerStatus(chainID: Fixtures.chainID, height: height, appHash: .zero)
    }

    func read(_ key: Bytes, proving: Bool) throws(LedgerAccessError) -> StoreAnswer {
        try reach()
        let isHidden = hidden.map { key == StateKey.session($0) } ?? false
        return StoreAnswer(value: isHidden ? [] : records[key] ?? [], proof: [], height: height)
    }

    func range(_ query: StateRangeQuery) throws(LedgerAccessError) -> StateRange {
        try reach()
        let found = records.filter {
            $0.key.starts(with: query.prefix) && query.position.lexicographicallyPrecedes($0.key)
        }
        let sorted = found.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return StateRange(records: sorted.map { StateRecord(key: $0.key, value: $0.value) })
    }

    func appHash(after height: UInt64) throws(LedgerAccessError) -> Hash32 { .zero }

    func submit(_ transaction: Bytes) throws(LedgerAccessError) -> SubmissionResult {
        try reach()
        if let refusal { return result(code: refusal.code, codespace: refusal.codespace, log: refusal.log) }
        if refusesClosing, closes(transaction) { return result(code: 1, codespace: "sessions", log: "not now") }
        let events: [SubmissionEvent]
        do { events = try apply(transaction) } catch { throw .malformed("\(error)") }
        if losesAnswers { throw .unreachable("the answer was lost") }
        return result(events: events)
    }

    private func reach() throws(LedgerAccessError) {
        guard isReachable else { throw .unreachable("switched off") }
    }

    private func closes(_ transaction: Bytes) -> Bool {
        let body = try? TransactionBody.decode(try TransactionRaw.decode(transaction).bodyBytes)
        return body?.messages.contains { $0.typeURL == MsgCloseSession.typeURL } ?? false
    }

    private func apply(_ transaction: Bytes) throws -> [SubmissionEvent] {
        let body = try TransactionBody.decode(try TransactionRaw.decode(transaction).bodyBytes)
        var events: [SubmissionEvent] = []
        for message in body.messages {
            switch message.typeURL {
            case MsgOpenSession.typeURL: events.append(open(try MsgOpenSession.decode(message.value)))
            case MsgCloseSession.typeURL: try close(try MsgCloseSession.decode(message.value).session)
            default: throw LedgerAccessError.refused(message.typeURL)
            }
        }
        height += 1
        return events
    }

    private func open(_ message: MsgOpenSession) -> SubmissionEvent {
        let id = UInt64(openedSessions.count) + 1
        let allowed = message.allowedHosts
        let members = members.filter { allowed.isEmpty || allowed.contains($0.address) }
        var record = SessionRecord(
            id: id, request: message, groupSize: UInt64(members.count), openedHeight: height,
            expiryHeight: height + expiryBlocks, prices: Fixtures.prices, servingTaxPartsPerMillion: 20_000)
        record.state = members.isEmpty ? .closed : drawsAtOnce ? .open : .drawing
        record.members = members.map(\.address)
        put(record)
        openedSessions.append(id)
        return SubmissionEvent(
            type: "session_created", attributes: [SubmissionEvent.Attribute(key: "session", value: "\(id)")])
    }

    private func close(_ id: UInt64) throws {
        try setState(.closing, of: id)
        closedSessions.append(id)
    }

    private func result(
        code: UInt32 = 0, codespace: String = "", log: String = "", events: [SubmissionEvent] = []
    ) -> SubmissionResult {
        SubmissionResult(
            hash: .zero, height: code == 0 ? height : 0, code: code, codespace: codespace, log: log, events: events)
    }
}
