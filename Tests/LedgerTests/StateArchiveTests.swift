import OrderingAPI
import Primitives
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("A state that is exported and imported")
struct StateArchiveTests {
    private func archive(_ state: StoredState) -> [Bytes] {
        [StateArchive.head(of: state)] + StateArchive.entries(of: state)
    }

    private func read(_ lines: [Bytes]) throws(StateArchiveError) -> StoredState {
        var reader = StateArchive.Reader()
        for line in lines { try reader.take(line) }
        return try reader.finish()
    }

    @Test("has the same app hash at every height, and goes on like the one it was made from")
    func goesOn() throws {
        var simulation = try Simulation(seed: 5)
        simulation.ledger.audits = false
        var exported = 0
        for height in 1...100 {
            try simulation.step()
            guard height % 10 == 0 else { continue }
            let state = simulation.ledger.app.state
            let imported = try read(archive(state))
            #expect(imported.appHash == state.appHash && imported.height == state.height)
            let copy = try LedgerApp(storage: MemoryStorage(imported))
            #expect(copy.info() == simulation.ledger.app.info())
            try simulation.step()
            let block = try #require(simulation.ledger.blocks.last)
            #expect(try copy.finalizeBlock(block).appHash == simulation.ledger.appHash)
            try copy.commit()
            exported += 1
        }
        #expect(exported == 10)
    }

    @Test("that somebody changed is refused")
    func refusesChanges() throws {
        let ledger = try TestLedger()
        let lines = archive(ledger.app.state)
        func expect(_ lines: [Bytes], _ error: StateArchiveError?) {
            let thrown = #expect(throws: StateArchiveError.self) { try read(lines) }
            if let error { #expect(thrown == error) }
        }
        expect([], .malformed(line: 1))
        expect(Array(lines.dropLast()), .incomplete(entries: lines.count - 2, expected: UInt64(lines.count - 1)))
        expect(lines + [lines[1]], nil)
        expect([lines[0]] + lines.dropFirst().reversed(), .outOfOrder)
        expect([lines[0], Bytes("{}".utf8)], .malformed(line: 2))
        expect([Bytes("{".utf8)], .malformed(line: 1))
        // Any digit of any value, and of the head's app hash.
        for index in stride(from: 0, to: lines.count, by: 3) {
            var changed = lines
            let place = lines[index].count - (index == 0 ? 20 : 3)
            changed[index][place] = changed[index][place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
            expect(changed, nil)
        }
    }
}
