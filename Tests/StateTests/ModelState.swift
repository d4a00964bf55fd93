import Cryptography
import Primitives
import StateStore

/// The state as plainly as it can be said: a sorted array, and a root written down from the definition.
struct ModelState: Equatable {
    private(set) var entries: [StateEntry] = []

    subscript(key: Bytes) -> Bytes? {
        get { entries.first { $0.key == key }?.value }
        set {
            entries.removeAll { $0.key == key }
            guard let newValue else { return }
            let place = entries.firstIndex { key.lexicographicallyPrecedes($0.key) } ?? entries.endIndex
            entries.insert(StateEntry(key: key, value: newValue), at: place)
        }
    }

    func scan(prefix: Bytes, after position: Bytes?, limit: Int = .max) -> [StateEntry] {
        let matching = entries.filter { entry in
            entry.key.starts(with: prefix) && position.map { $0.lexicographicallyPrecedes(entry.key) } != false
        }
        return Array(matching.prefix(limit))
    }

    /// The trie over the keys' bit strings, hashed by ICS-23's `TendermintSpec`.
    var root: Hash32 {
        guard !entries.isEmpty else { return Hash32.sha256([]) }
        return ModelState.hash(entries.map { (bits: ModelState.bits($0.key), entry: $0) }[...], from: 0)
    }

    /// A 1 before each byte's bits and a 0 at the end.
    static func bits(_ key: Bytes) -> [Bool] {
        var bits: [Bool] = []
        for byte in key {
            bits.append(true)
            for place in 0..<8 { bits.append(byte & (0x80 >> UInt8(place)) != 0) }
        }
        return bits + [false]
    }

    private static func hash(_ leaves: ArraySlice<(bits: [Bool], entry: StateEntry)>, from place: Int) -> Hash32 {
        if leaves.count == 1, let leaf = leaves.first {
            let (key, value) = (leaf.entry.key, leaf.entry.value)
            return Hash32.sha256([0, UInt8(key.count)] + key + [32] + Hash32.sha256(value).bytes)
        }
        let left = leaves.prefix { !$0.bits[place] }
        let right = leaves.dropFirst(left.count)
        if left.isEmpty || right.isEmpty { return hash(leaves, from: place + 1) }
        return Hash32.sha256([1] + hash(left, from: place + 1).bytes + hash(right, from: place + 1).bytes)
    }
}
