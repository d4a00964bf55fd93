import Messages
import Primitives
import ProtocolRules
import StateStore

/// Whether the work for one model counts, and for how much at most: it depends on who audited it (protocol.md section 7).
struct ModelRule {
    /// Whether enough hosts with confirmed weight audited it.
    let counts: Bool
    /// nil for a model with an anchor.
    let cap: UInt64?

    /// - Parameter atWork: hosts that claimed or audited in the epoch. One that is gone keeps its weight as long as nobody proves
    ///   anything, so waiting for it could wait for ever.
    init(
        _ model: Int, of epoch: UInt64, in round: UInt64, _ table: WeightTable, atWork: Set<Address>,
        _ context: ExecutionContext
    ) throws(LedgerError) {
        let record = table.models[model]
        let listed = try context.read(AuditorsRecord.self, at: StateKey.auditors(epoch: epoch, model: record.id))
        let weighted = zip(listed?.hosts ?? [], listed?.weights ?? []).filter { $0.1 > 0 }.map(\.0)
        let able = weighted.filter(atWork.contains)
        let confirmed = Set(weighted)
        let auditors = try ModelRule.auditors(of: record.id, in: round, context)
        counts =
            UInt64(auditors.filter(confirmed.contains).count) >= WeightRules.auditorsNeeded(able: UInt64(able.count))
        cap =
            record.isAnchored
            ? nil : WeightRules.unanchoredCap(auditorsAnchored: auditors.map(table.anchoredWeight))
    }

    /// Who scored items of the model in a round.
    private static func auditors(
        of model: String, in round: UInt64, _ context: ExecutionContext
    ) throws(LedgerError) -> [Address] {
        var auditors: [Address] = []
        try context.forEachEntry(under: RoundsKeys.auditors(of: model, in: round)) { (entry) throws(LedgerError) in
            guard let auditor = Address(Bytes(entry.key.suffix(Address.length))) else {
                throw .broken("the auditor at \(Hex.encode(entry.key)) is damaged")
            }
            auditors.append(auditor)
        }
        return auditors
    }
}
