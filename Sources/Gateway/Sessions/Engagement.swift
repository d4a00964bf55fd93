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

    /// What a session's answers are held against.
    struct Terms: Equatable, Sendable {
        let model: String
        let prices: TokenPrices
        let isUnproven: Bool
        /// How many answers the request asked for.
        let choices: UInt32
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
    /// No session could be opened.
    case noSession(GatewayError)
    /// The sessions are closed, or being closed.
    case closed
}

/// Ends an engagement exactly once: by a call, or, where nobody got that far, when the last owner lets go of it. Then the
/// host may hold an item, so the maximum counts.
final class EngagementHold: Sendable {
    let engagement: Engagement
    private let pool: SessionPool
    private let isReleased = Mutex(false)

    init(_ engagement: Engagement, in pool: SessionPool) {
        self.engagement = engagement
        self.pool = pool
    }

    /// Ends the engagement; later calls do nothing.
    func release(fee: Amount, conduct: HostConduct) async {
        guard take() else { return }
        await pool.release(engagement, fee: fee, conduct: conduct)
    }

    /// Ends it without knowing what the host did.
    func abandon(conduct: HostConduct) async { await release(fee: engagement.promise.maximum, conduct: conduct) }

    private func take() -> Bool {
        isReleased.withLock { isReleased in
            defer { isReleased = true }
            return !isReleased
        }
    }

    deinit {
        guard take() else { return }
        let (pool, engagement) = (pool, engagement)
        Task { await pool.release(engagement, fee: engagement.promise.maximum, conduct: .unknown) }
    }
}
