import Messages
import Primitives
import ProtocolRules

/// Cheats, leaves as soon as its score has risen, and registers again under the same account in the hope of a clean start.
public final class Whitewasher: HostBehaviour {
    private let host: TestHost
    /// How often it has begun anew.
    public private(set) var returns = 0

    public init(_ host: TestHost) { self.host = host }

    public func quality(of kind: RoundKind) -> ItemQuality { .otherModel }

    public func errands(in ledger: TestLedger) throws -> [any LedgerMessage] {
        guard let record = try ledger.host(host.address) else { return [] }
        switch record.state {
        case .active:
            let key = StateKey.score(of: host.address, as: .audit, model: ledger.model)
            let score = try ledger.record(ScoreRecord.self, at: key)
            return (score?.mismatches ?? 0) > 0 && returns == 0 ? [MsgRetireHost(host: host.address)] : []
        case .retiring: return []
        case .retired:
            returns += 1
            return [host.registration(models: [ledger.model])]
        }
    }
}
