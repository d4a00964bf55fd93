import Primitives

/// Somebody who can be drawn, with a chance in proportion to the weight.
public struct DrawEntry: Hashable, Sendable {
    public let address: Address
    public let weight: UInt64

    public init(address: Address, weight: UInt64) {
        self.address = address
        self.weight = weight
    }
}

/// Those who can be drawn, laid out once: sorted by their 20 address bytes, each over the interval of its weight.
///
/// An entry without weight is left out, unless none has any: then each weighs 1. That is decided here, once, so an entry
/// without weight is never picked because the others have all been.
public struct DrawEntries: Sendable {
    private let addresses: [Address]
    /// Where each entry's interval ends; it starts where the one before ends. 128 bits hold any sum of 64-bit weights.
    private let ends: [UInt128]

    /// - Parameter entries: with different addresses, in any order.
    public init(_ entries: [DrawEntry]) {
        let weighted = entries.filter { $0.weight > 0 }
        let drawable = weighted.isEmpty ? entries.map { DrawEntry(address: $0.address, weight: 1) } : weighted
        let sorted = drawable.sorted { ($0.address, $0.weight) < ($1.address, $1.weight) }
        addresses = sorted.map(\.address)
        var end: UInt128 = 0
        ends = sorted.map { entry in
            end += UInt128(entry.weight)
            return end
        }
    }

    /// How many can be drawn.
    public var count: Int { addresses.count }

    /// The sum of their weights; at least 1 unless there are none.
    public var totalWeight: UInt128 { ends.last ?? 0 }

    private func start(of index: Int) -> UInt128 { index == 0 ? 0 : ends[index - 1] }

    private func weight(of index: Int) -> UInt128 { ends[index] - start(of: index) }

    /// Where `address` is among them, or nil. O(log n).
    private func index(of address: Address) -> Int? {
        var (low, high) = (0, addresses.count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < addresses.count && addresses[low] == address ? low : nil
    }

    /// Whether `address` can be drawn.
    public func contains(_ address: Address) -> Bool { index(of: address) != nil }

    /// The first entry whose interval ends after `point`.
    private func index(covering point: UInt128) -> Int {
        var low = 0
        var high = ends.count - 1
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The entries less those already taken. The taken ones stay where they are and are stepped over, which gives what
    /// laying the others out anew would give.
    struct Remaining {
        private let entries: DrawEntries
        private var taken: [Int] = []
        private var weight: UInt128

        init(_ entries: DrawEntries, without excluded: [Address] = []) {
            self.entries = entries
            weight = entries.totalWeight
            // The first in order is asked for first, whoever names it twice.
            for index in excluded.compactMap(entries.index).sorted() where taken.last != index {
                taken.append(index)
                weight -= entries.weight(of: index)
            }
        }

        /// How many are left.
        var count: Int { entries.count - taken.count }

        /// Removes and returns the entry that `value` modulo the remaining weight falls on.
        ///
        /// - Precondition: something is left.
        mutating func take(_ value: UInt128) -> Address {
            var point = value % weight
            for index in taken where point >= entries.start(of: index) { point += entries.weight(of: index) }
            let winner = entries.index(covering: point)
            taken.insert(winner, at: taken.firstIndex { $0 > winner } ?? taken.endIndex)
            weight -= entries.weight(of: winner)
            return entries.addresses[winner]
        }
    }
}
