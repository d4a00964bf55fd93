import Messages
import Primitives
import ProtocolRules

/// What hosts served while an epoch's sprint ran, as far as it counts with what they proved in it (ADR 13).
///
/// Who serves users in the sprint proves less. What counts of that is noted in the sprint's works; confirmations are held
/// against what was proven alone.
struct EpochServed {
    private let sprint: RoundRecord
    /// The work windows of serving rounds, by id.
    private var windows: [UInt64: ClosedRange<UInt64>] = [:]

    private init(beside sprint: RoundRecord) { self.sprint = sprint }

    /// Notes it in the records of all that did anything in the epoch.
    static func note(
        in records: inout [HostEpochRecord], sprint: RoundRecord, _ table: WeightTable, _ context: ExecutionContext
    ) throws(LedgerError) {
        var served = EpochServed(beside: sprint)
        for record in records { try served.readWindows(of: record, context) }
        for model in table.models { try served.note(model.id, in: &records, context) }
    }

    private mutating func readWindows(of record: HostEpochRecord, _ context: ExecutionContext) throws(LedgerError) {
        for work in record.served where windows[work.round] == nil {
            let round = try context.expect(RoundRecord.self, at: StateKey.round(work.round))
            windows[work.round] = round.timetable.window(.work)
        }
    }

    private func note(
        _ model: String, in records: inout [HostEpochRecord], _ context: ExecutionContext
    ) throws(LedgerError) {
        var places: [(host: Int, work: Int, served: UInt64)] = []
        var ratios: [(value: UInt64, weight: UInt64)] = []
        for (host, record) in records.enumerated() {
            guard let work = record.sprint.firstIndex(where: { $0.model == model && $0.round == sprint.id }),
                record.sprint[work].isDecided
            else { continue }
            let (tokens, proven) = (tokens(of: model, record), record.sprint[work].counted)
            ratios.append((ServedRules.ratio(served: tokens, proven: proven), proven))
            if tokens > 0 { places.append((host, work, tokens)) }
        }
        let usual = WeightedMedian.of(ratios) ?? 0
        for place in places {
            let proven = records[place.host].sprint[place.work].counted
            records[place.host].sprint[place.work].served = ServedRules.counted(
                place.served, proven: proven, before: try before(model, of: records[place.host], context),
                usualPartsPerMillion: usual)
        }
    }

    /// Those of its rounds that fall into the sprint.
    private func tokens(of model: String, _ record: HostEpochRecord) -> UInt64 {
        record.served.reduce(UInt64(0)) { sum, work in
            guard work.model == model, let window = windows[work.round] else { return sum }
            let share = ServedRules.share(
                of: work.counted, servedIn: window, during: sprint.timetable.window(.work))
            return sum.addingClamped(share)
        }
    }

    /// What the host had in the sprint of the epoch before, in as many blocks as this one.
    private func before(
        _ model: String, of record: HostEpochRecord, _ context: ExecutionContext
    ) throws(LedgerError) -> UInt64 {
        guard record.epoch > 1 else { return 0 }
        let key = StateKey.hostEpoch(record.epoch - 1, host: record.host)
        let works = try context.read(HostEpochRecord.self, at: key)?.sprint ?? []
        guard let work = works.first(where: { $0.model == model && $0.epoch + 1 == record.epoch }) else { return 0 }
        return WeightRules.share(
            work.counted.addingClamped(work.served), UInt64(sprint.timetable.window(.work).count), of: work.workBlocks)
    }
}
