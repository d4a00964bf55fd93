import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// What has to be done from time to time: replace what runs out, close what nobody uses any more, follow the hosts.
extension SessionPool {
    /// Looks after all sessions once. What fails is tried again the next time.
    ///
    /// - Throws: what keeps the gateway from working at all, an unreachable ledger included.
    func upkeep() async throws(GatewayError) {
        defer { show() }
        try await reach()
        guard isOpen else { return }
        try await review()
        try await renew()
        try await closeUnused()
    }

    /// Follows what the ledger says of sessions and hosts, once a block.
    private func review() async throws(GatewayError) {
        guard let height = chain?.height, height > chain?.reviewedHeight ?? 0 else { return }
        let looksAtHosts = height / Limits.hostReviewBlocks > (chain?.reviewedHeight ?? 0) / Limits.hostReviewBlocks
        for session in sessions.values.joined().sorted(by: { $0.id < $1.id }) {
            let record = try await asking { () throws(LedgerAccessError) in try await ledger.session(session.id) }
            // A node that lags may not know the session yet.
            if let record, record.state != .open { mark(session.id) { $0.isClosing = true } }
            if looksAtHosts { try await followHosts(of: session) }
        }
        chain?.reviewedHeight = height
    }

    private func followHosts(of session: OpenSession) async throws(GatewayError) {
        for seat in session.seats {
            guard let host = try await host(seat.host) else { continue }
            mark(session.id) { session in
                guard let index = session.seats.firstIndex(where: { $0.host == seat.host }) else { return }
                (session.seats[index].url, session.seats[index].operatorKey) = (host.url, host.operatorKey)
            }
        }
    }

    /// Opens the next session while the one before still has room. A model that nobody asks for is not renewed, unless the
    /// gateway is to keep a session for it.
    private func renew() async throws(GatewayError) {
        for key in keys(of: Set(configuration.models).union(sessions.keys)) where needsSession(key) {
            // A failure is logged where it happens, and readiness tells it.
            do throws(GatewayError) { try await openSession(for: key) } catch { continue }
        }
    }

    private func keys(of models: some Sequence<String>) -> [SessionGroup.Key] {
        models.flatMap { model in configuration.policy.groups.map { SessionGroup.Key(model: model, group: $0) } }
            .sorted()
    }

    private func needsSession(_ key: SessionGroup.Key) -> Bool {
        guard let (height, book) = chain.map({ ($0.height, $0.book) }) else { return false }
        let open = (sessions[key.model] ?? []).filter { !$0.isClosing }
        let same = open.filter { configuration.policy.group(of: $0.record) == key.group }
        guard same.allSatisfy({ $0.isSpent(at: height, in: book) }) else { return false }
        guard open.count < Limits.sessionsPerModelMax else { return false }
        return configuration.models.contains(key.model) || open.contains { $0.isUsed(in: book) }
    }

    /// Closes sessions that have no open request and are of no more use.
    private func closeUnused() async throws(GatewayError) {
        for session in sessions.values.joined().sorted(by: { $0.id < $1.id }) where isUnused(session.id) {
            // From here on no request can slip in while the ledger is asked.
            mark(session.id) { $0.isClosing = true }
            try await close(session.record)
        }
    }

    /// A spent session is kept as long as it is the last one of a model that needs one.
    private func isUnused(_ id: UInt64) -> Bool {
        guard let (height, book) = chain.map({ ($0.height, $0.book) }),
            let session = sessions.values.joined().first(where: { $0.id == id }), session.openRequests(in: book) == 0
        else { return false }
        return session.isClosing
            || (session.isSpent(at: height, in: book) && !needsSession(kind(of: session)))
    }

    private func kind(of session: OpenSession) -> SessionGroup.Key {
        SessionGroup.Key(model: session.record.model, group: configuration.policy.group(of: session.record))
    }

    /// Closes one session and forgets it once the ledger says that it takes no more vouchers.
    func close(_ record: SessionRecord) async throws(GatewayError) {
        var current = try await asking { () throws(LedgerAccessError) in try await ledger.session(record.id) }
        if current?.state == .open {
            let message = MsgCloseSession(payer: sender.address, session: record.id)
            let result = try await asking { () throws(LedgerAccessError) in try await sender.send([message.packed]) }
            current = try await asking { () throws(LedgerAccessError) in try await ledger.session(record.id) }
            guard result.isAccepted || current?.state == .closing || current?.state == .closed else {
                throw .refusedByLedger(result.log)
            }
            logger.info("session closed", metadata: ["session": "\(record.id)", "model": "\(record.model)"])
        }
        // What the book says of it is only dropped when no voucher can be signed under it again.
        guard current?.state == .closing || current?.state == .closed else { return }
        sessions[record.model]?.removeAll { $0.id == record.id }
        if sessions[record.model]?.isEmpty == true { sessions[record.model] = nil }
        chain?.book.forget(session: record.id)
    }

    private func mark(_ id: UInt64, _ change: (inout OpenSession) -> Void) {
        for (model, open) in sessions {
            guard let index = open.firstIndex(where: { $0.id == id }) else { continue }
            if var session = sessions[model]?[index] {
                change(&session)
                sessions[model]?[index] = session
            }
        }
    }

    // MARK: By order

    /// Opens the sessions that the gateway is to keep, after `closeAll`.
    func openAll() async throws(GatewayError) {
        isOpen = true
        try await reach()
        for key in keys(of: configuration.models) where needsSession(key) {
            refusals[key] = nil
            try await openSession(for: key)
        }
    }

    /// Takes no more requests, waits for the open ones, and closes every session. What nobody earned comes back once the last
    /// claims are settled.
    ///
    /// - Returns: the sessions that were closed.
    func closeAll() async throws(GatewayError) -> [UInt64] {
        isOpen = false
        for opening in openings.values { _ = await opening.value }
        await drain()
        let records = sessions.values.joined().map(\.record).sorted { $0.id < $1.id }
        var failure: GatewayError?
        for record in records {
            do throws(GatewayError) { try await close(record) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return records.map(\.id)
    }

    /// Takes no more requests and writes down what was really promised, so that the next start goes on from there. The
    /// sessions stay open.
    func stop() throws(GatewayError) {
        isOpen = false
        try chain?.book.settle()
    }

    /// Waits until no request is open, at most as long as a drain may take.
    private func drain() async {
        let deadline = ContinuousClock.now + Limits.drainDuration
        while openRequests > 0, ContinuousClock.now < deadline {
            do { try await Task.sleep(for: Limits.drainPollInterval) } catch { return }
        }
    }

    /// Requests that have not ended.
    var openRequests: Int {
        guard let book = chain?.book else { return 0 }
        return sessions.values.joined().reduce(0) { $0 + $1.openRequests(in: book) }
    }

    // MARK: Readiness

    /// What keeps requests from being answered, in words that everybody may read; empty where nothing does.
    func obstacles() -> [String] {
        guard let chain else { return ["the ledger was not reached yet"] }
        guard isOpen else { return ["the sessions are closed"] }
        var obstacles: [String] = []
        for model in configuration.models where !hasOpenSession(model) {
            let reason = keys(of: [model]).compactMap { refusals[$0] }.last.map { ": \($0.error.publicReason)" } ?? ""
            obstacles.append("no session is open for \(model)\(reason)")
        }
        if silence(of: chain) > voucherLifetime(chain) {
            obstacles.append("the ledger has not been reached for longer than a voucher lives")
        }
        return obstacles
    }

    /// Seconds since the ledger was last reached; nil where it never was.
    var ledgerSilence: Duration? { chain.map { silence(of: $0) } }

    private func hasOpenSession(_ model: String) -> Bool {
        (sessions[model] ?? []).contains { !$0.isClosing && $0.record.expiryHeight > chain?.height ?? 0 }
    }

    private func silence(of chain: ChainView) -> Duration { configuration.now() - chain.seen }

    /// Hosts refuse a voucher whose height is older than a round.
    private func voucherLifetime(_ chain: ChainView) -> Duration {
        let blocks = chain.parameters.rounds.servingWorkBlocks
        let (milliseconds, overflow) = blocks.multipliedReportingOverflow(
            by: chain.parameters.chain.blockTimeMilliseconds)
        return .milliseconds(overflow ? Int64.max : Int64(clamping: milliseconds))
    }
}
