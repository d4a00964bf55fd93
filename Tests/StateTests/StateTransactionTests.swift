import Primitives
import StateStore
import Testing

@Suite struct StateTransactionTests {
    private struct Refusal: Error, Equatable {}

    @Test func readsSeeOwnWritesAndTheBaseStays() {
        let base = StateTree().applying([StateChange(key: [1], value: [1]), StateChange(key: [2], value: [2])])
        let transaction = StateTransaction(over: base)
        transaction.write([9], for: [1])
        transaction.delete([2])
        transaction.write([3], for: [3])
        #expect(transaction.value(for: [1]) == [9])
        #expect(transaction.value(for: [2]) == nil)
        #expect(transaction.value(for: [3]) == [3])
        #expect(base.value(for: [1]) == [1])
        #expect(
            transaction.changes() == [
                StateChange(key: [1], value: [9]), StateChange(key: [2], value: nil), StateChange(key: [3], value: [3]),
            ])
    }

    @Test func thrownErrorUndoesItsScopeOnlyAndKeepsItsType() {
        let transaction = StateTransaction(over: StateTree())
        transaction.write([0], for: [0])
        do throws(Refusal) {
            try transaction.nested { () throws(Refusal) in
                transaction.write([1], for: [1])
                transaction.nested { transaction.write([2], for: [2]) }
                try? transaction.nested { () throws(Refusal) in
                    transaction.write([3], for: [1])
                    throw Refusal()
                }
                #expect(transaction.value(for: [1]) == [1])
                #expect(transaction.value(for: [2]) == [2])
                throw Refusal()
            }
            Issue.record("the scope did not throw")
        } catch {
            #expect(error == Refusal())
        }
        #expect(transaction.changes() == [StateChange(key: [0], value: [0])])
    }

    @Test func scopeReturnsWhatItsBodyReturns() {
        let transaction = StateTransaction(over: StateTree())
        let size = transaction.nested { () -> Int in
            transaction.write([1, 2], for: [1])
            return 2
        }
        #expect(size == 2)
        #expect(transaction.value(for: [1]) == [1, 2])
    }

    @Test(arguments: UInt64(0)..<80)
    func randomScopesMatchTheModel(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var model = ModelState()
        for _ in 0..<30 { model[numbers.key()] = numbers.value() }
        let base = StateTree().applying(model.entries.map { StateChange(key: $0.key, value: $0.value) })
        let transaction = StateTransaction(over: base)
        for _ in 0..<8 { StateTransactionTests.runScope(transaction, &model, &numbers, depth: 0) }
        let changes = transaction.changes()
        let tree = base.applying(changes)
        #expect(Array(tree.scan()) == model.entries)
        #expect(tree.root == model.root)
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.key.lexicographicallyPrecedes($1.key) })
        let finished = transaction.finish()
        #expect(finished.changes == changes)
        #expect(finished.tree.root == model.root)
    }

    /// Random writes, scans and scopes; one scope in three throws, and the model goes back with it.
    private static func runScope(
        _ transaction: StateTransaction, _ model: inout ModelState, _ numbers: inout SeededNumbers, depth: Int
    ) {
        let before = model
        do throws(Refusal) {
            try transaction.nested { () throws(Refusal) in
                for _ in 0..<Int.random(in: 0...12, using: &numbers) {
                    step(transaction, &model, &numbers, depth: depth)
                }
                if Int.random(in: 0..<3, using: &numbers) == 0 { throw Refusal() }
            }
        } catch {
            model = before
        }
        #expect(transaction.scan(prefix: [], limit: .max) == model.entries)
    }

    private static func step(
        _ transaction: StateTransaction, _ model: inout ModelState, _ numbers: inout SeededNumbers, depth: Int
    ) {
        let key = numbers.key()
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0, 1:
            let value = numbers.value()
            transaction.write(value, for: key)
            model[key] = value
        case 2:
            transaction.delete(key)
            model[key] = nil
        case 3 where depth < 3:
            runScope(transaction, &model, &numbers, depth: depth + 1)
        case 4:
            #expect(transaction.value(for: key) == model[key])
        default:
            let prefix = Bytes(numbers.key().prefix(2))
            let position = Bool.random(using: &numbers) ? key : nil
            let limit = Int.random(in: 0...5, using: &numbers)
            #expect(
                transaction.scan(prefix: prefix, after: position, limit: limit)
                    == model.scan(prefix: prefix, after: position, limit: limit))
        }
    }
}
