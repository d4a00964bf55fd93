import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives

/// How sessions come to be: found again after a start, or opened and paid for.
extension SessionPool {
    /// Opens a session of one kind; callers that come meanwhile wait for the same one.
    func openSession(for key: SessionGroup.Key) async throws(GatewayError) {
        guard isOpen else { throw .closed }
        if let refusal = refusals[key], refusal.until > configuration.now() { throw refusal.error }
        let opening = openings[key] ?? Task { await self.runOpening(key) }
        openings[key] = opening
        try await opening.value.get()
    }

    private func runOpening(_ key: SessionGroup.Key) async -> Result<Void, GatewayError> {
        let model = key.model
        defer { openings[key] = nil }
        do throws(GatewayError) {
            try await reach()
            let id = try await pay(for: key)
            chain?.openedHere.insert(id)
            lookFor([id])
            try await adopt(try await drawn(id, model: model))
            chain?.unrecovered[id] = nil
            refusals[key] = nil
            return .success(())
        } catch {
            logger.warning("session not opened", metadata: ["model": "\(model)", "error": "\(error)"])
            let failures = min((refusals[key]?.failures ?? 0) + 1, Limits.openingFailuresMax)
            let until = configuration.now() + Limits.openingBackOff * failures
            refusals[key] = OpeningRefusal(error: error, failures: failures, until: until)
            return .failure(error)
        }
    }

    private func pay(for key: SessionGroup.Key) async throws(GatewayError) -> UInt64 {
        let (terms, model) = (configuration.terms, key.model)
        let message = MsgOpenSession(
            payer: sender.address, model: model, deposit: terms.deposit, sessionKey: sessionKey.publicKey.compressed,
            groupSize: terms.groupSize, expiryEpochs: terms.expiryEpochs,
            allowedHosts: configuration.policy.allowedHosts(key.group), isUnproven: terms.isUnproven)
        let result: SubmissionResult
        do throws(LedgerAccessError) { result = try await sender.send([message.packed]) } catch {
            // The answer that was lost on its way may be of a session that was opened.
            chain?.isSessionListStale = true
            throw .ledger(error)
        }
        guard result.isAccepted, let id = result.value(of: "session", in: "session_created").flatMap({ UInt64($0) })
        else { throw result.isUnfunded ? .insufficientFunds(result.log) : .refusedByLedger(result.log) }
        logger.info(
            "session opened", metadata: ["session": "\(id)", "model": "\(model)", "deposit": "\(terms.deposit)"])
        return id
    }

    /// Waits for the block that draws a session's group.
    private func drawn(_ id: UInt64, model: String) async throws(GatewayError) -> SessionRecord {
        let deadline = ContinuousClock.now + Limits.sessionOpening
        while ContinuousClock.now < deadline {
            let record = try await asking { () throws(LedgerAccessError) in try await ledger.session(id) }
            switch record?.state {
            case .open: if let record { return record }
            case .closing, .closed: throw .noHosts(model: model)
            case .drawing, nil: break
            }
            do { try await Task.sleep(for: Limits.groupPollInterval) } catch { break }
        }
        throw .refusedByLedger("the group of session \(id) was not drawn in time")
    }

    /// Takes a session into use, with the promises that were made under it before.
    func adopt(_ record: SessionRecord) async throws(GatewayError) {
        var seats: [OpenSession.Seat] = []
        for address in record.members {
            guard let host = try await host(address),
                let member = try await asking({ () throws(LedgerAccessError) in
                    try await ledger.member(address, of: record.id)
                }), let allotment = try? member.allotment.subtracting(member.leaving)
            else { continue }
            seats.append(
                OpenSession.Seat(host: address, url: host.url, operatorKey: host.operatorKey, allotment: allotment))
        }
        guard !seats.isEmpty else { throw .noHosts(model: record.model) }
        guard !(sessions[record.model] ?? []).contains(where: { $0.id == record.id }) else { return }
        try chain?.book.enter(session: record.id, members: record.members)
        chain?.openedHere.remove(record.id)
        let session = OpenSession(record: record, seats: seats)
        for seat in seats { chain?.book.begin(session.key(seat), allotment: seat.allotment) }
        sessions[record.model, default: []].append(session)
    }

    /// Where a host is and which key signs for it.
    func host(_ address: Address) async throws(GatewayError) -> (url: String, operatorKey: PublicKey)? {
        let record = try await asking { () throws(LedgerAccessError) in try await ledger.host(address) }
        guard let record, let key = PublicKey(compressed: record.operatorKey) else { return nil }
        return (record.url, key)
    }

    /// Reads where the ledger stands; the first time, and when it may be otherwise than known, also which sessions run.
    func reach() async throws(GatewayError) {
        let status = try await asking { () throws(LedgerAccessError) in try await ledger.status() }
        if chain == nil { try await begin(status) }
        let height = max(chain?.height ?? 0, status.height)
        chain?.height = height
        chain?.seen = configuration.now()
        if chain?.isSessionListStale == true { try await listSessions() }
        for (id, since) in (chain?.unrecovered ?? [:]).sorted(by: { $0.key < $1.key }) {
            let isDone = try await recover(id)
            if !isDone, configuration.now() - since <= Limits.recoveryDuration { continue }
            if !isDone { logger.warning("session given up", metadata: ["session": "\(id)"]) }
            chain?.unrecovered[id] = nil
        }
    }

    private func begin(_ status: LedgerStatus) async throws(GatewayError) {
        let parameters = try await asking { () throws(LedgerAccessError) in try await ledger.parameters() }
        // Somebody else may have got here meanwhile; the book is read once.
        guard chain == nil else { return }
        let book = try VoucherBook(storage: configuration.storage(status.chainID))
        chain = ChainView(
            id: status.chainID, height: status.height, seen: configuration.now(), parameters: parameters, book: book,
            unrecovered: [:])
        lookFor(book.sessions)
    }

    /// Finds sessions that were paid for and that this process knows nothing of.
    private func listSessions() async throws(GatewayError) {
        let paid = try await asking { () throws(LedgerAccessError) in try await ledger.sessionIDs(of: sender.address) }
        let known = Set(sessions.values.flatMap { $0 }.map(\.id))
        if !paid.isComplete {
            logger.warning(
                "an account with too many sessions: not all are looked at", metadata: ["max": "\(paid.elements.count)"])
        }
        lookFor(Set(paid.elements).subtracting(known))
        chain?.isSessionListStale = false
    }

    private func lookFor(_ ids: Set<UInt64>) {
        let now = configuration.now()
        for id in ids where chain?.unrecovered[id] == nil { chain?.unrecovered[id] = now }
    }

    /// Goes on with a session that this gateway opened earlier, if it still runs.
    ///
    /// - Returns: false where it must be looked at again later.
    private func recover(_ id: UInt64) async throws(GatewayError) -> Bool {
        // A node that lags may not know the session yet.
        guard let record = try await asking({ () throws(LedgerAccessError) in try await ledger.session(id) }) else {
            return false
        }
        guard record.sessionKey == sessionKey.publicKey.compressed, record.payer == sender.address else { return true }
        switch record.state {
        case .drawing: return false
        case .closing, .closed: chain?.book.forget(session: id)
        case .open where chain?.openedHere.contains(id) == true || chain?.book.sessions.contains(id) == true:
            do throws(GatewayError) { try await adopt(record) } catch .noHosts {
                logger.warning("session without hosts", metadata: ["session": "\(id)"])
            }
        case .open: return try await closeUnaccounted(record)
        }
        return true
    }

    /// Closes a session that the voucher book does not know: what was signed under it, and whether anything was, nobody can
    /// tell, and a sequence that comes twice is refused by every host.
    private func closeUnaccounted(_ record: SessionRecord) async throws(GatewayError) -> Bool {
        // It may be the one that is being opened, whose number is still on its way.
        guard !openings.keys.contains(where: { $0.model == record.model }) else { return false }
        logger.warning("session without vouchers is closed", metadata: ["session": "\(record.id)"])
        do throws(GatewayError) { try await close(record) } catch .refusedByLedger(let reason) {
            logger.warning("session not closed", metadata: ["session": "\(record.id)", "error": "\(reason)"])
            return false
        }
        return true
    }

    func asking<Value: Sendable>(
        _ body: () async throws(LedgerAccessError) -> Value
    ) async throws(GatewayError) -> Value {
        do { return try await body() } catch { throw .ledger(error) }
    }
}

extension SubmissionResult {
    /// Whether it failed for want of coins: codespace `sdk`, code 5, as on every Cosmos chain.
    var isUnfunded: Bool { codespace == "sdk" && code == 5 }
}
