import Cryptography
import LedgerClient
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// The gateway's sessions: opens them on the ledger, signs vouchers under them, replaces them before they run out.
///
/// One actor, so that promises are made one after the other. It never waits for the ledger while it promises and signs:
/// whatever waits reads the table anew afterwards.
actor SessionPool {
    struct Configuration: Sendable {
        var terms: SessionTerms
        /// Models for which a session is kept open, asked for or not.
        var models: [String]
        /// Where the voucher book of a chain is kept.
        var storage: @Sendable (_ chainID: String) -> any VoucherStorage
        /// Which hosts requests may go to, and which of them first.
        var policy = RoutingPolicy()
        /// A test's own time.
        var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    }

    let ledger: any LedgerAccess
    let sender: TransactionSender
    let sessionKey: PrivateKey
    let configuration: Configuration
    let metrics: GatewayMetrics
    let logger: Logger

    /// By model, in the order in which they were opened.
    var sessions: [String: [OpenSession]] = [:]
    /// Openings under way; whoever needs the same waits for the same one.
    var openings: [SessionGroup.Key: Task<Result<Void, GatewayError>, Never>] = [:]
    /// Why the last opening failed.
    var refusals: [SessionGroup.Key: OpeningRefusal] = [:]
    /// What is known of the ledger; nil until it was reached once.
    var chain: ChainView?
    /// How hosts did and how fast they are.
    var board = HostBoard()
    /// Who answered which conversation last.
    var prefixes = PrefixMemory()
    /// False while the sessions are closed, or being closed.
    var isOpen = true

    init(
        ledger: any LedgerAccess, payer: PrivateKey, sessionKey: PrivateKey, configuration: Configuration,
        metrics: GatewayMetrics = GatewayMetrics(), logger: Logger
    ) {
        self.ledger = ledger
        sender = TransactionSender(ledger: ledger, key: payer)
        self.sessionKey = sessionKey
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
    }

    struct OpeningRefusal: Sendable {
        let error: GatewayError
        /// Failures in a row.
        let failures: Int
        /// It is not tried again before.
        let until: ContinuousClock.Instant
    }

    /// What is known of the ledger, and the vouchers promised on its chain.
    struct ChainView: Sendable {
        let id: String
        var height: UInt64
        /// When the height was read.
        var seen: ContinuousClock.Instant
        var reviewedHeight: UInt64 = 0
        let parameters: ProtocolParameters
        var book: VoucherBook
        /// Sessions of which it is not known yet whether they still run, and since when they are looked for.
        var unrecovered: [UInt64: ContinuousClock.Instant]
        /// Sessions that this process opened and did not take into use yet: nothing was signed under them.
        var openedHere: Set<UInt64> = []
        /// Whether sessions may exist that this process knows nothing of.
        var isSessionListStale = true
    }

    /// Opens a request with one of the hosts of a session, opening a session first where that must be.
    ///
    /// - Parameter excluding: hosts that this request has tried already.
    func engage(_ request: RelayRequest, excluding: Set<Address>) async throws(EngagementFailure) -> Engagement {
        if let engagement = try engageNow(request, excluding: excluding) { return engagement }
        guard excluding.isEmpty else { throw .noHostLeft }
        if try await catchUp(), let engagement = try engageNow(request, excluding: []) { return engagement }
        // Another session costs another deposit, and may have the same hosts.
        if isLeftOutByPolicy(request) { throw .noHostLeft }
        // Another session would have hosts that the ledger draws, not the one that is asked for.
        if request.host != nil, !usable(request.model).isEmpty { throw shortage(of: request) }
        if isShortForItsPolicyAlone(request) { throw shortage(of: request) }
        try await makeRoom(for: request)
        if let engagement = try engageNow(request, excluding: []) { return engagement }
        throw isLeftOutByPolicy(request) ? .noHostLeft : shortage(of: request)
    }

    /// Why none of the open sessions takes a request.
    private func shortage(of request: RelayRequest) -> EngagementFailure {
        let seats = usable(request.model).flatMap(\.seats)
        if let host = request.host, !seats.contains(where: { $0.host == host }) { return .notInGroup(host) }
        return isBeyondAllotments(request) ? .insufficientDeposit : .noRoom
    }

    /// Finds the sessions that run already, where that was not done yet.
    ///
    /// - Returns: whether there was something to do.
    private func catchUp() async throws(EngagementFailure) -> Bool {
        guard isOpen, chain.map({ $0.isSessionListStale || !$0.unrecovered.isEmpty }) ?? true else { return false }
        do { try await reach() } catch { throw .noSession(error) }
        return true
    }

    /// Ends a request: what it cost is kept, and how the host did.
    ///
    /// - Parameter interval: between two pieces of its answer; nil where there were too few to say.
    func release(_ engagement: Engagement, fee: Amount, conduct: HostConduct, interval: Duration? = nil) {
        if let interval { note(interval: interval, of: engagement) }
        chain?.book.close(engagement.promise, with: engagement.key, fee: fee)
        metrics.spent(min(fee, engagement.promise.maximum))
        note(conduct, of: engagement)
    }

    /// Sessions that take requests, those that are not spent first.
    func usable(_ model: String) -> [OpenSession] {
        guard let (height, book) = chain.map({ ($0.height, $0.book) }) else { return [] }
        let open = (sessions[model] ?? []).filter { !$0.isClosing && $0.record.expiryHeight > height }
        return open.filter { !$0.isSpent(at: height, in: book) } + open.filter { $0.isSpent(at: height, in: book) }
    }

    func promise(
        _ maximum: Amount, to key: VoucherBook.Key
    ) throws(EngagementFailure) -> VoucherAccount.Promise? {
        do { return try chain?.book.promise(maximum, to: key) } catch {
            logger.error("no voucher can be promised", metadata: ["error": "\(error)"])
            throw .noSession(error)
        }
    }

    /// What a request can cost at most; nil where that needs more than 64 bits.
    func maximum(of request: RelayRequest, under session: SessionRecord) -> Amount? {
        try? request.completion.maximumCharge(
            session.prices, defaultMaxTokens: chain?.parameters.sessions.maxTokensDefault ?? 0)
    }

    /// Whether a request costs more than any member of the newest session was given to spend; false where there is no session.
    private func isBeyondAllotments(_ request: RelayRequest) -> Bool {
        guard let newest = (sessions[request.model] ?? []).last(where: { !$0.isClosing }),
            let maximum = maximum(of: request, under: newest.record)
        else { return false }
        return maximum > newest.allotmentMax
    }

    private func makeRoom(for request: RelayRequest) async throws(EngagementFailure) {
        if isBeyondAllotments(request) { throw .insufficientDeposit }
        let open = (sessions[request.model] ?? []).filter { !$0.isClosing }
        guard open.count < Limits.sessionsPerModelMax else { throw .noRoom }
        // Own hosts first; where those cannot be had, others.
        let missing = missingGroups(for: request)
        var failure: GatewayError?
        for group in missing.isEmpty ? groups(for: request).suffix(1) : missing[...] {
            do {
                try await openSession(for: SessionGroup.Key(model: request.model, group: group))
                return
            } catch { failure = error }
        }
        if case .insufficientFunds = failure { throw .insufficientDeposit }
        throw failure.map { .noSession($0) } ?? .noRoom
    }

    /// Kinds of sessions that may hold a host for a request, and that its model has none of.
    private func missingGroups(for request: RelayRequest) -> [SessionGroup] {
        let open = Set(
            (sessions[request.model] ?? []).filter { !$0.isClosing }.map { configuration.policy.group(of: $0.record) })
        return groups(for: request).filter { !open.contains($0) }
    }
}
