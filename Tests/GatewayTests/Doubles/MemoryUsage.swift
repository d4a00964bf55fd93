import Primitives
import Synchronization

@testable import Gateway

/// Sums in memory.
final class MemoryUsage: UsageStore {
    private let kept = Mutex<[UsageBook.Line: Usage]>([:])

    func spendings(on date: UTCDate, countMax: Int) -> [String: Spending] { [:] }

    func add(_ lines: [UsageBook.Line: Usage]) { kept.withLock { $0.merge(lines) { $0 + $1 } } }

    func lines(_ query: UsageQuery) -> [UsageLine] {
        kept.withLock { $0 }.map {
            UsageLine(key: $0.key.key, date: $0.key.date.text, model: $0.key.model, usage: $0.value)
        }.sorted { ($0.date, $0.key, $0.model) < ($1.date, $1.key, $1.model) }
    }
}
