import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// What a host needs to know of the ledger, not older than about a block: one loop refreshes it, requests read it.
///
/// A node that restarts is waited for; a node that stays away makes the host refuse, as nobody knows then who may still pay.
public actor HostLedgerView {
    /// Where the ledger stood at one height.
    public struct Snapshot: Sendable {
        public let height: UInt64
        public let parameters: ProtocolParameters
        /// The newest serving round.
        public let round: RoundRecord
        /// The newest round of any kind.
        public let newestRound: UInt64
        public let host: HostRecord
    }

    /// A session as one host sees it.
    public struct Membership: Sendable {
        public let session: SessionRecord
        public let member: MemberRecord
    }

    private struct Cached {
        let membership: Membership
        let height: UInt64
    }

    private let ledger: any LedgerAccess
    private let identity: HostIdentity
    private let limits: Limits
    private let clock: any Clock<Duration>
    private let metrics: HostMetrics
    private var snapshot: Snapshot?
    private var failedLooks = 0
    private var sessions: [UInt64: Cached] = [:]
    private var models: [String: ModelRecord] = [:]

    public init(
        ledger: any LedgerAccess, identity: HostIdentity, limits: Limits = Limits(),
        clock: any Clock<Duration> = ContinuousClock(), metrics: HostMetrics = HostMetrics()
    ) {
        self.ledger = ledger
        self.identity = identity
        self.limits = limits
        self.clock = clock
        self.metrics = metrics
    }

    /// Whether the ledger was seen and is not silent.
    public var isFresh: Bool { snapshot != nil && failedLooks <= limits.ledgerSilenceMax }

    /// The newest snapshot.
    ///
    /// - Throws: `.overloaded`, as another host may be able to see the ledger.
    public func current() throws(OpenAIError) -> Snapshot {
        guard let snapshot, isFresh else { throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds) }
        return snapshot
    }

    /// Looks where the ledger stands.
    ///
    /// - Throws: also `.refused` where the ledger is another chain's, knows no such host, or has opened no round yet.
    @discardableResult
    public func refresh() async throws(LedgerAccessError) -> Snapshot {
        do throws(LedgerAccessError) {
            let fresh = try await look()
            failedLooks = 0
            if fresh.height >= snapshot?.height ?? 0 { snapshot = fresh }
            metrics.saw(height: max(fresh.height, snapshot?.height ?? 0))
            return fresh
        } catch {
            failedLooks += 1
            metrics.ledgerIsSilent()
            throw error
        }
    }

    private func look() async throws(LedgerAccessError) -> Snapshot {
        let status = try await ledger.status()
        guard status.chainID == identity.chainID else {
            throw .refused("it is \(status.chainID), and this host is of \(identity.chainID)")
        }
        if let snapshot, snapshot.height == status.height { return snapshot }
        guard let host = try await ledger.host(identity.address) else {
            throw .refused("no such host is registered there")
        }
        let parameters = try await ledger.parameters()
        let newest = try await ledger.newestRound()
        return Snapshot(
            height: status.height, parameters: parameters, round: try await servingRound(upTo: newest),
            newestRound: newest, host: host)
    }

    private func servingRound(upTo newest: UInt64) async throws(LedgerAccessError) -> RoundRecord {
        var id = newest
        while id > 0 {
            if let round = snapshot?.round, round.id == id { return round }
            if let round = try await ledger.round(id), round.timetable.kind == .serving { return round }
            id -= 1
        }
        throw .refused("no round has been opened there yet")
    }

    /// A session and this host's place in it, read anew after each block.
    ///
    /// - Throws: `.sessionNotFound` where either does not exist.
    public func membership(_ session: UInt64) async throws(OpenAIError) -> Membership {
        let height = try current().height
        if let cached = sessions[session], cached.height >= height { return cached.membership }
        let record = try await reading { [ledger] () throws(LedgerAccessError) in try await ledger.session(session) }
        let member = try await reading { [ledger, identity] () throws(LedgerAccessError) in
            try await ledger.member(identity.address, of: session)
        }
        guard let record, let member else { throw .sessionNotFound(session) }
        let membership = Membership(session: record, member: member)
        if sessions.count >= limits.sessionsCachedMax { sessions = sessions.filter { $0.value.height >= height } }
        if sessions.count < limits.sessionsCachedMax {
            sessions[session] = Cached(membership: membership, height: height)
        }
        return membership
    }

    /// A model's record. What is asked of it never changes, so it is read once.
    public func model(_ id: String) async throws(OpenAIError) -> ModelRecord {
        if let model = models[id] { return model }
        let record = try await reading { [ledger] () throws(LedgerAccessError) in try await ledger.model(id) }
        guard let record else { throw .modelNotFound(id) }
        models[id] = record
        return record
    }

    /// Reads, and reads again after a wait that doubles, as a node that restarts is back soon.
    private func reading<Value: Sendable>(
        _ read: @Sendable () async throws(LedgerAccessError) -> Value
    ) async throws(OpenAIError) -> Value {
        var wait = limits.ledgerBackOff
        for attempt in 1...max(1, limits.ledgerAttemptsMax) {
            do { return try await read() } catch {
                guard attempt < limits.ledgerAttemptsMax else { break }
                do { try await clock.sleep(for: wait) } catch { break }
                wait *= 2
            }
        }
        throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds)
    }
}
