import Primitives
import Synchronization

@testable import Gateway

/// Sums in memory.
final class MemoryUsage: UsageStore {
    private let kept = Mutex<[UsageBook.Line: Usage]>([:])

    func fold(on date: UTCDate) {}

    func spending(of key: String, on date: UTCDate) -> Spending {
        let lines = kept.withLock { $0 }.filter { $0.key.key == key }
        func sum(_ isCounted: (UTCDate) -> Bool) -> Amount {
            Amount(lines.reduce(0) { $0 + (isCounted($1.key.date) ? $1.value.fee.ngonka : 0) })
        }
        return Spending(
            date: date, day: sum { $0 == date }, month: sum { $0.monthNumber == date.monthNumber },
            total: sum { _ in true })
    }

    func add(_ lines: [UsageBook.Line: Usage]) { kept.withLock { $0.merge(lines) { $0 + $1 } } }

    func lines(_ query: UsageQuery) -> [UsageLine] {
        kept.withLock { $0 }.map {
            UsageLine(key: $0.key.key, date: $0.key.date.text, model: $0.key.model, usage: $0.value)
        }.sorted { ($0.date, $0.key, $0.model) < ($1.date, $1.key, $1.model) }
    }
}
