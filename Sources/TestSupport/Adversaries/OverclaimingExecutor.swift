import Messages
import Primitives
import ProtocolRules

/// Claims more items, tokens and fees than its trees hold.
public final class OverclaimingExecutor: HostBehaviour {
    private let factor: UInt64

    public init(factor: UInt64) { self.factor = factor }

    public func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] {
        entries.map { entry in
            var more = entry
            more.count &*= factor
            more.tokens &*= factor
            more.fee = Amount(more.fee.ngonka &* factor)
            for index in more.sessions.indices {
                more.sessions[index].count &*= factor
                more.sessions[index].fee = Amount(more.sessions[index].fee.ngonka &* factor)
            }
            return more
        }
    }
}
