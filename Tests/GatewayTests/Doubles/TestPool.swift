import Logging
import Primitives
import Synchronization

@testable import Gateway

/// A clock that tests set.
final class SetClock: Sendable {
    private let offset = Mutex(Duration.zero)
    private let start = ContinuousClock.now

    var now: ContinuousClock.Instant { start + offset.withLock { $0 } }

    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}

extension SessionPool {
    /// A pool over a ledger and a disk in memory.
    static func test(
        _ ledger: MemoryLedger = MemoryLedger(), disk: any VoucherStorage = MemoryBook(),
        deposit: Amount = Amount(30_000), models: [String] = [Fixtures.model], clock: SetClock = SetClock(),
        metrics: GatewayMetrics = GatewayMetrics(), policy: RoutingPolicy = RoutingPolicy()
    ) -> SessionPool {
        SessionPool(
            ledger: ledger, payer: Fixtures.payer, sessionKey: Fixtures.sessionKey,
            configuration: Configuration(
                terms: SessionTerms(deposit: deposit), models: models, storage: { _ in disk }, policy: policy,
                now: { clock.now }),
            metrics: metrics, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The book's view of one session's member.
    func account(_ host: TestHost, session: UInt64 = 1) -> VoucherAccount? {
        chain?.book[VoucherBook.Key(session: session, executor: host.address)]
    }

    /// The ids of the sessions in use.
    var openSessionIDs: [UInt64] { sessions.values.joined().map(\.id).sorted() }
}
