import Messages
import Primitives
import ProtocolRules

/// What misses need of a session, and what they change in its book.
extension SessionPool {
    /// A session with its hosts, as long as it is in use, and when seeds change.
    func session(of engagement: Engagement) -> (session: OpenSession, schedule: BeaconSchedule)? {
        guard let session = sessions[engagement.terms.model]?.first(where: { $0.id == engagement.session }),
            let schedule = chain?.parameters.beaconSchedule
        else { return nil }
        return (session, schedule)
    }

    /// Books a request that ended at no cost at its maximum: witnesses have its voucher, and may have it answered.
    func owe(_ engagement: Engagement) {
        chain?.book.amend(engagement.key) { $0.owe(engagement.promise) }
    }

    /// Takes one booking of the maximum back.
    func forgive(_ engagement: Engagement) {
        chain?.book.amend(engagement.key) { $0.forgive(engagement.promise) }
    }

    /// Opens a request that has ended once more; `release` must follow.
    func reopen(_ engagement: Engagement) {
        chain?.book.amend(engagement.key) { $0.reopen(engagement.promise) }
    }
}
