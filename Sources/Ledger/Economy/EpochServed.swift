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
    /// The sprints of the epoch before, one for each record.
    private var before: [[ProvenWork]]

    private init(
        beside sprint: RoundRecord, _ records: [HostEpochRecord], _ context: ExecutionContext
    ) throws(LedgerError) {
        self.sprint = sprint
        before = Array(repeating: [], count: records.count)
        for record in records where !record.served.isEmpty { try readWindows(of: record, context) }
        guard let epoch = records.first?.epoch, epoch > 1, !windows.isEmpty else { return }
        // Both ascend by host, so one walk finds them all.
        var place = 0
        try context.forEachEntry(under: StateKey.hostEpochs(epoch - 1)) { (entry) throws(LedgerError) in
            let last = try context.decode(HostEpochRecord.self, entry)
            while place < records.count, records[place].host < last.host { place += 1 }
            if place < records.count, records[place].host == last.host { before[place] = last.sprint }
        }
    }

    /// Notes it in the records of all that did anything in the epoch.
    static func note(
        in records: inout [HostEpochRecord], sprint: RoundRecord, _ table: WeightTable, _ context: ExecutionContext
    ) throws(LedgerError) {
        let served = try EpochServed(beside: sprint, records, context)
        for model in table.models { served.note(model.id, in: &records) }
    }

    private mutating func readWindows(of record: HostEpochRecord, _ context: ExecutionContext) throws(LedgerError) {
        for work in record.served where windows[work.round] == nil {
            let round = try context.expect(RoundRecord.self, at: StateKey.round(work.round))
            windows[work.round] = round.timetable.window(.work)
        }
    }

    private func note(_ model: String, in records: inout [HostEpochRecord]) {
        var places: [(host: Int, work: Int, served: UInt64)] = []
        var ratios: [(value: UInt64, weight: UInt64)] = []
        for host in records.indices {
            let place = records[host].sprint.firstIndex { $0.round == sprint.id && $0.model == model }
            guard let work = place, records[host].sprint[work].isDecided else { continue }
            let (tokens, proven) = (tokens(of: model, records[host].served), records[host].sprint[work].counted)
            ratios.append((ServedRules.ratio(served: tokens, proven: proven), proven))
            if tokens > 0 { places.append((host, work, tokens)) }
        }
        let usual = WeightedMedian.of(ratios) ?? 0
        for place in places {
            let proven = records[place.host].sprint[place.work].counted
            records[place.host].sprint[place.work].served = ServedRules.counted(
                place.served, proven: proven, before: before(model, of: place.host, epoch: records[place.host].epoch),
                usualPartsPerMillion: usual)
        }
    }

    /// Those of its rounds that fall into the sprint.
    private func tokens(of model: String, _ works: [ProvenWork]) -> UInt64 {
        works.reduce(UInt64(0)) { sum, work in
            guard work.model == model, let window = windows[work.round] else { return sum }
            let share = ServedRules.share(
                of: work.counted, servedIn: window, during: sprint.timetable.window(.work))
            return sum.addingClamped(share)
        }
    }

    /// What the host had in the sprint of the epoch before, in as many blocks as this one.
    private func before(_ model: String, of host: Int, epoch: UInt64) -> UInt64 {
        guard let work = before[host].first(where: { $0.model == model && $0.epoch + 1 == epoch }) else { return 0 }
        return WeightRules.share(
            work.counted.addingClamped(work.served), UInt64(sprint.timetable.window(.work).count), of: work.workBlocks)
    }
}
