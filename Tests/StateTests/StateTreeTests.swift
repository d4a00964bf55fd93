import Cryptography
import Primitives
import StateStore
import Testing

@Suite struct StateTreeTests {
    @Test func emptyTreeHasTheHashOfNothing() {
        let tree = StateTree()
        #expect(tree.root.description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(tree.isEmpty)
        #expect(tree.value(for: []) == nil)
        #expect(Array(tree.scan()) == [])
        #expect(tree.applying([StateChange(key: [1], value: nil)]).isEmpty)
    }

    /// Computed from the definition by a program in another language: a change here breaks every chain.
    @Test(arguments: [
        (["a"], "706b56fb6359cddf18a5786092d928d1450fc61054aa9dc25b75a4fbc998bd3c"),
        (["a", "ab", "a\0"], "9bbba1af66b37478cf33fbfeb9dc89f69597dbd38494651cfc4f58ae4bb0ac23"),
        (["", "b", "d", "f", "h", "zebra"], "ae3c14d6504607ba647d15d71319b1acc6edd309dbc25242a0a3d26ffb00a390"),
    ])
    func rootOfFewKeysIsGolden(keys: [String], root: String) {
        let tree = StateTree().applying(keys.map { StateChange(key: Bytes($0.utf8), value: Bytes("v\($0)".utf8)) })
        #expect(tree.root.description == root)
    }

    @Test func rootOfAThousandKeysIsGolden() {
        let tree = StateTree(
            ascending: (UInt64(0)..<1000).map { StateEntry(key: .bigEndian($0), value: Bytes("\($0 * $0)".utf8)) })
        #expect(tree?.root.description == "01b9c6aaae0bfdfa99b6ce5ba47eaafff46214cc7a74009591087f4d9e2df7e3")
    }

    @Test(arguments: UInt64(0)..<60)
    func randomBatchesMatchTheModel(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var (tree, model) = (StateTree(), ModelState())
        var snapshots: [(tree: StateTree, model: ModelState)] = []
        for _ in 0..<12 {
            snapshots.append((tree, model))
            let changes = StateTreeTests.randomBatch(&numbers, over: model)
            for change in changes { model[change.key] = change.value }
            tree = tree.applying(changes)
            StateTreeTests.expectEqual(tree, model, &numbers)
        }
        for snapshot in snapshots { StateTreeTests.expectEqual(snapshot.tree, snapshot.model, &numbers) }
    }

    @Test(arguments: UInt64(0)..<15)
    func rootDoesNotDependOnTheHistoryOfWrites(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var wanted = ModelState()
        for _ in 0..<100 { wanted[numbers.key()] = numbers.value() }
        var tree = StateTree()
        for entry in wanted.entries.shuffled(using: &numbers) {
            let passing = numbers.key()
            tree = tree.applying([StateChange(key: passing, value: [1])])
            tree = tree.applying([StateChange(key: entry.key, value: entry.value)])
            if wanted[passing] == nil { tree = tree.applying([StateChange(key: passing, value: nil)]) }
        }
        tree = tree.applying(wanted.entries.map { StateChange(key: $0.key, value: $0.value) })
        #expect(tree.root == wanted.root)
        #expect(StateTree(ascending: wanted.entries)?.root == wanted.root)
        #expect(tree.applying(wanted.entries.map { StateChange(key: $0.key, value: nil) }).isEmpty)
    }

    @Test(arguments: UInt64(0)..<15)
    func scansMatchTheModel(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var model = ModelState()
        for _ in 0..<80 { model[numbers.key()] = numbers.value() }
        let tree = StateTree(ascending: model.entries)
        for _ in 0..<100 {
            let prefix = Bytes(numbers.key().prefix(2))
            let position = Bool.random(using: &numbers) ? numbers.key() : nil
            #expect(
                tree.map { Array($0.scan(prefix: prefix, after: position)) }
                    == model.scan(prefix: prefix, after: position))
        }
    }

    @Test func changesOutOfOrderAreSortedAndTheLastOneHolds() {
        let key: Bytes = [5]
        let changes = [
            StateChange(key: key, value: [1]), StateChange(key: [4], value: [2]), StateChange(key: key, value: nil),
            StateChange(key: [3], value: [3]), StateChange(key: key, value: [4]),
        ]
        #expect(
            Array(StateTree().applying(changes).scan())
                == [
                    StateEntry(key: [3], value: [3]), StateEntry(key: [4], value: [2]),
                    StateEntry(key: key, value: [4]),
                ])
    }

    @Test func entriesOutOfOrderBuildNothing() {
        let (first, second) = (StateEntry(key: [1], value: []), StateEntry(key: [2], value: []))
        #expect(StateTree(ascending: [second, first]) == nil)
        #expect(StateTree(ascending: [first, first]) == nil)
        #expect(StateTree(ascending: [StateEntry(key: [1, 0], value: []), first]) == nil)
        #expect(StateTree(ascending: [first, second]) != nil)
    }

    @Test func manyKeysMatchTheModel() throws {
        var numbers = SeededNumbers(seed: 1)
        let entries = (0..<1000).map { index in
            StateEntry(key: .bigEndian(UInt64(index) &* 0x9E37_79B9_7F4A_7C15), value: numbers.value())
        }
        let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let built = try #require(StateTree(ascending: sorted))
        let written = entries.reduce(StateTree()) { tree, entry in
            tree.applying([StateChange(key: entry.key, value: entry.value)])
        }
        #expect(Array(written.scan()) == sorted)
        #expect(written.root == built.root)
        let halves = written.applying(
            sorted.enumerated().compactMap { index, entry in
                index.isMultiple(of: 2) ? StateChange(key: entry.key, value: nil) : nil
            })
        let odd = sorted.enumerated().compactMap { $0.offset.isMultiple(of: 2) ? nil : $0.element }
        #expect(Array(halves.scan()) == odd)
        #expect(halves.root == StateTree(ascending: odd)?.root)
    }

    /// Up to twenty changes, some of keys that are there.
    private static func randomBatch(_ numbers: inout SeededNumbers, over model: ModelState) -> [StateChange] {
        var batch: [StateChange] = []
        for _ in 0..<Int.random(in: 0...20, using: &numbers) {
            let known = Bool.random(using: &numbers) ? model.entries.randomElement(using: &numbers)?.key : nil
            let isDeletion = Int.random(in: 0..<3, using: &numbers) == 0
            batch.append(StateChange(key: known ?? numbers.key(), value: isDeletion ? nil : numbers.value()))
        }
        return batch
    }

    private static func expectEqual(_ tree: StateTree, _ model: ModelState, _ numbers: inout SeededNumbers) {
        #expect(Array(tree.scan()) == model.entries)
        #expect(tree.root == model.root)
        #expect(tree.count == model.entries.count)
        #expect(tree.isEmpty == model.entries.isEmpty)
        for _ in 0..<10 {
            let key = numbers.key()
            #expect(tree.value(for: key) == model[key])
        }
    }
}
