import Cryptography
import Messages
import Primitives
import ProtocolRules
import Synchronization

/// One request on its way to one host, under a signed voucher.
struct Engagement: Sendable {
    let host: Address
    let url: String
    let operatorKey: PublicKey
    let promise: VoucherAccount.Promise
    let voucher: Signed<Voucher>
    /// What the session was opened with, as far as an answer must agree with it.
    var terms: Terms
    /// UTF-8 bytes of the request's texts.
    var promptBytes: UInt64 = 0
    /// Names the request's beginning; nil where that is short.
    var prefix: PrefixKeys?
    /// Why it is this host.
    var decision = RouteDecision()
    /// How long to wait for its first token before a second host may be asked.
    var hedgeDelay = Limits.hedgeDelayUnknown

    /// What a session's answers are held against.
    struct Terms: Equatable, Sendable {
        let model: String
        let prices: TokenPrices
        let isUnproven: Bool
        /// How many answers the request asked for.
        let choices: UInt32
        let sampling: SamplingParameters
        /// The request's own seed.
        let seed: Int64?
    }

    var session: UInt64 { voucher.statement.session }
    var key: VoucherBook.Key { VoucherBook.Key(session: session, executor: host) }
}

/// Why no host could be engaged.
enum EngagementFailure: Error, Equatable {
    /// No allotment that this gateway can pay for holds the request.
    case insufficientDeposit
    /// All that may be spent is taken up by open requests.
    case noRoom
    /// Every host of the group was tried.
    case noHostLeft
    /// The host that the request is for is in no group of an open session.
    case notInGroup(Address)
    /// No session could be opened.
    case noSession(GatewayError)
    /// The sessions are closed, or being closed.
    case closed
}

/// Ends an engagement exactly once: by a call, or, where nobody got that far, when the last owner lets go of it.
///
/// Where nobody says what the host did, it may hold items that it will claim: what counts is the fee of each receipt that
/// came, and the maximum for what has none.
final class EngagementHold: Sendable {
    let engagement: Engagement
    private let pool: SessionPool
    private let state: Mutex<State>

    private struct State {
        var isReleased = false
        var owed: Amount
        var firstToken: ContinuousClock.Instant?
        var pieces = 0
        var isOutrun = false
    }

    private let start: ContinuousClock.Instant

    init(_ engagement: Engagement, in pool: SessionPool) {
        self.engagement = engagement
        self.pool = pool
        state = Mutex(State(owed: engagement.promise.maximum))
        start = pool.configuration.now()
    }

    var metrics: GatewayMetrics { pool.metrics }

    /// How long it has been engaged.
    var age: Duration { pool.configuration.now() - start }

    /// Notes that the first token came.
    func begin() async {
        let now = pool.configuration.now()
        state.withLock { $0.firstToken = now }
        await pool.note(firstToken: now - start, of: engagement)
    }

    /// Notes one more piece of the answer.
    func count() { state.withLock { $0.pieces += 1 } }

    /// Notes that another host was faster, before this one is cancelled.
    func outrun() { state.withLock { $0.isOutrun = true } }

    /// Counts what ended before its first token without a fault of the host, and how long it was silent where another host
    /// was faster.
    func countCancelled() async {
        guard state.withLock({ $0.isOutrun }) else { return metrics.clientLeft() }
        metrics.outrun()
        await pool.note(silence: age, of: engagement)
    }

    /// Notes what the host can claim at most from now on.
    func owe(_ amount: Amount) { state.withLock { $0.owed = amount } }

    /// Ends the engagement; later calls do nothing.
    func release(fee: Amount, conduct: HostConduct) async {
        guard take() != nil else { return }
        await pool.release(engagement, fee: fee, conduct: conduct, interval: conduct == .good ? interval : nil)
    }

    /// Between two pieces of the answer, so far; nil where there are too few to say.
    private var interval: Duration? {
        let (first, pieces) = state.withLock { ($0.firstToken, $0.pieces) }
        guard let first, pieces >= Limits.piecesMeasuredMin else { return nil }
        return (pool.configuration.now() - first) / (pieces - 1)
    }

    /// Ends it without knowing what the host did.
    func abandon(conduct: HostConduct) async {
        guard let owed = take() else { return }
        await pool.release(engagement, fee: owed, conduct: conduct)
    }

    /// What is owed, the first time; then nil.
    private func take() -> Amount? {
        state.withLock { state in
            defer { state.isReleased = true }
            return state.isReleased ? nil : state.owed
        }
    }

    deinit {
        guard let owed = take() else { return }
        let (pool, engagement) = (pool, engagement)
        Task { await pool.release(engagement, fee: owed, conduct: .unknown) }
    }
}
