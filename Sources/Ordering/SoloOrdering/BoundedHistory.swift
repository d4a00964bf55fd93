import Primitives

/// The newest values by hash, at most `capacity` of them; the oldest goes first.
struct BoundedHistory<Value: Sendable>: Sendable {
    private let capacity: Int
    private var values: [Hash32: Value] = [:]
    /// The hashes in the order they came, as a ring once it is full.
    private var order: [Hash32] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = max(1, capacity) }

    subscript(hash: Hash32) -> Value? { values[hash] }

    /// Adds a value, or replaces the one of the same hash in its place.
    mutating func insert(_ value: Value, for hash: Hash32) {
        guard values.updateValue(value, forKey: hash) == nil else { return }
        if order.count < capacity {
            order.append(hash)
        } else {
            values[order[oldest]] = nil
            order[oldest] = hash
            oldest = (oldest + 1) % capacity
        }
    }
}
