import LedgerClient
import Messages
import OpenAIWire
import Primitives

/// Reads the ledger for the discovery pages. Anybody may ask for them, so however many do, the ledger is read seldom: what was
/// read is shown for a few seconds, and all who come meanwhile wait for the same reading.
actor NetworkDirectory {
    let ledger: any LedgerAccess
    private let now: @Sendable () -> ContinuousClock.Instant
    private var view: (read: NetworkView, at: ContinuousClock.Instant)?
    private var reading: Task<Result<NetworkView, LedgerAccessError>, Never>?
    /// Epochs that are over, which do not change.
    private var closed: [UInt64: [HostEpochRecord]] = [:]
    /// Reads of single records under way.
    private var readsOpen = 0

    init(ledger: any LedgerAccess, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
        self.ledger = ledger
        self.now = now
    }

    /// The network, as it was at most `Limits.networkViewAge` ago.
    ///
    /// - Throws: 503 where the ledger cannot be reached.
    func current() async throws(OpenAIError) -> NetworkView {
        if let view, now() - view.at < Limits.networkViewAge { return view.read }
        let reading = reading ?? start()
        switch await reading.value {
        case .success(let view): return view
        case .failure: throw .ledgerUnreachable
        }
    }

    private func start() -> Task<Result<NetworkView, LedgerAccessError>, Never> {
        let task = Task { [ledger] in
            let result: Result<NetworkView, LedgerAccessError>
            do throws(LedgerAccessError) { result = .success(try await NetworkView.read(ledger)) } catch {
                result = .failure(error)
            }
            finish(result)
            return result
        }
        reading = task
        return task
    }

    private func finish(_ result: Result<NetworkView, LedgerAccessError>) {
        reading = nil
        if case .success(let read) = result { view = (read, now()) }
    }

    /// Who proved something in an epoch that is over; nil where the ledger has no such epoch.
    ///
    /// - Throws: 429 where too many ask, 503 where the ledger cannot be reached.
    func hosts(of epoch: UInt64) async throws(OpenAIError) -> [HostEpochRecord]? {
        if let known = closed[epoch] { return known }
        let found = try await reading { (ledger) throws(LedgerAccessError) -> [HostEpochRecord]? in
            guard try await ledger.epoch(epoch) != nil else { return nil }
            return try await ledger.hostEpochs(epoch).elements
        }
        if let found {
            if closed.count >= Limits.epochsRememberedMax { closed.removeAll() }
            closed[epoch] = found
        }
        return found
    }

    /// Reads something else, where not too many do so already.
    ///
    /// - Throws: 429 where too many do, 503 where the ledger cannot be reached.
    func reading<Value: Sendable>(
        _ read: (any LedgerAccess) async throws(LedgerAccessError) -> Value
    ) async throws(OpenAIError) -> Value {
        guard readsOpen < Limits.ledgerReadsMax else {
            throw .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
        }
        readsOpen += 1
        defer { readsOpen -= 1 }
        do { return try await read(ledger) } catch { throw .ledgerUnreachable }
    }
}
