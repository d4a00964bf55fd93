import Primitives

/// The newest values by hash, within bounds of their number and of their bytes; the oldest goes first.
package struct BoundedHistory<Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var bytes: Int
    }

    private let countMax: Int
    private let bytesMax: Int
    private var entries: [Hash32: Entry] = [:]
    /// The hashes in the order they came, from `oldest` on.
    private var order: [Hash32] = []
    private var oldest = 0

    /// The bytes of all values, as their callers counted them.
    package private(set) var byteCount = 0
    package var count: Int { entries.count }

    /// - Parameters:
    ///   - countMax: at least one value is kept.
    ///   - bytesMax: of all values together. The newest value is kept even where it alone is longer.
    package init(countMax: Int, bytesMax: Int = .max) {
        self.countMax = max(1, countMax)
        self.bytesMax = bytesMax
    }

    package subscript(hash: Hash32) -> Value? { entries[hash]?.value }

    /// Adds a value, or replaces the one of the same hash in its place.
    ///
    /// - Parameter bytes: about how much memory the value takes; not negative.
    /// - Complexity: amortised constant.
    package mutating func insert(_ value: Value, for hash: Hash32, bytes: Int = 0) {
        if let replaced = entries.updateValue(Entry(value: value, bytes: bytes), forKey: hash) {
            byteCount -= replaced.bytes
        } else {
            order.append(hash)
        }
        byteCount += bytes
        while count > 1, count > countMax || byteCount > bytesMax { removeOldest() }
    }

    private mutating func removeOldest() {
        byteCount -= entries.removeValue(forKey: order[oldest])?.bytes ?? 0
        oldest += 1
        // Half of the list at least is kept where it is, so that a removal moves one hash on average.
        if oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
