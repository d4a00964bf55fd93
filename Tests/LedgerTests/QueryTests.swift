import Messages
import OrderingAPI
import Primitives
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("Reading committed state")
struct QueryTests {
    @Test("A key is read with a proof against the app hash, whether it holds something or not")
    func proves() throws {
        let ledger = try TestLedger()
        try ledger.block()
        let keys = [
            StateKey.supply, StateKey.account(ledger.accounts[0].address), StateKey.account(TestAccount("x").address),
            StateKey.session(.max), [], [0], [255, 255, 255],
        ]
        for key in keys {
            let answer = ledger.app.query(QueryRequest(path: "/store", data: key, wantsProof: true))
            #expect(answer.code == 0)
            #expect(answer.height == 1)
            #expect(answer.appHash == ledger.appHash)
            let proven = try StateProof.decode(answer.proof).verify(root: ledger.appHash, key: key)
            #expect(proven ?? [] == answer.value)
            #expect(proven == ledger.app.state.tree.value(for: key))
        }
    }

    @Test("The longest model id leaves every key that it is part of provable, and so their absent neighbours")
    func provesLongestKeys() throws {
        let longest = String(repeating: "m", count: ModelRules.idBytesMax)
        var plan = TestLedgerPlan()
        plan.models = [TestLedgerPlan.model(longest)]
        let ledger = try TestLedger(plan)
        try ledger.block()
        let weight = StateKey.weight(model: longest, host: ledger.hosts[0].address)
        let keys = [
            (StateKey.model(longest), true), (weight, true), (StateKey.model(String(longest.dropLast()) + "l"), false),
            (StateKey.weight(model: longest, host: TestAccount("x").address), false), (Bytes(weight.dropLast()), false),
        ]
        for (key, isThere) in keys {
            let answer = ledger.app.query(QueryRequest(path: "/store", data: key, wantsProof: true))
            try #require(answer.code == 0, "\(answer.log)")
            let proven = try StateProof.decode(answer.proof).verify(root: ledger.appHash, key: key)
            #expect((proven != nil) == isThere)
            #expect(proven == ledger.app.state.tree.value(for: key))
        }
        #expect(keys.allSatisfy { $0.0.count <= StateLimits.keyBytesMax })
    }

    /// That an account is there and that one is not, with its neighbours' records in the proof.
    @Test("A proof of an account with one byte changed proves nothing", arguments: ["0", "nobody"])
    func everyChangedByteFails(name: String) throws {
        let ledger = try TestLedger()
        try ledger.block()
        let key = StateKey.account(TestAccount(name).address)
        let proof = ledger.app.query(QueryRequest(path: "/store", data: key, wantsProof: true)).proof
        let isThere = try StateProof.decode(proof).verify(root: ledger.appHash, key: key) != nil
        #expect(isThere == (name == "0"))
        for index in proof.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] {
                var changed = proof
                changed[index] ^= mask
                #expect(throws: (any Error).self, "byte \(index) of \(proof.count), mask \(mask)") {
                    _ = try StateProof.decode(changed).verify(root: ledger.appHash, key: key)
                }
            }
        }
    }

    @Test("A range holds the records of a prefix in order, and says where it left some out")
    func scans() throws {
        var plan = TestLedgerPlan()
        plan.accountCount = 1_200
        let ledger = try TestLedger(plan)
        func range(_ prefix: Bytes, after position: Bytes = []) throws -> StateRange {
            let query = StateRangeQuery(prefix: prefix, after: position).encoded()
            return try StateRange.decode(ledger.app.query(QueryRequest(path: "/range", data: query)).value)
        }
        let hosts = try range(StateTable.hosts.prefix)
        #expect(hosts.records.count == 3)
        #expect(!hosts.hasMore)
        #expect(hosts.records.map(\.key) == ledger.hosts.map { StateKey.host($0.address) }.sorted(by: <))
        let accounts = try range(StateTable.accounts.prefix)
        #expect(accounts.records.count == Ledger.Limits.rangeRecordsMax)
        #expect(accounts.hasMore)
        let rest = try range(StateTable.accounts.prefix, after: try #require(accounts.records.last).key)
        #expect(!rest.hasMore)
        let all = ledger.app.state.tree.scan(prefix: StateTable.accounts.prefix).map(\.key)
        #expect(accounts.records.map(\.key) + rest.records.map(\.key) == all)
        #expect(try range(StateTable.hosts.prefix, after: StateTable.accounts.prefix) == hosts)
        #expect(try range(StateTable.hosts.prefix, after: [255]) == StateRange(records: []))
        #expect(try range([9, 9]) == StateRange(records: []))
    }

    @Test(
        "What cannot be answered is refused with a code",
        arguments: [
            ("", [], 6), ("/", [1, 2], 6), ("/store/", [1], 6), ("/range", [], 18),
            ("/range", [1], 18), ("/range", StateRangeQuery(prefix: [1]).encoded(), 18),
        ] as [(String, Bytes, UInt32)])
    func refuses(path: String, data: Bytes, code: UInt32) throws {
        let ledger = try TestLedger()
        let answer = ledger.app.query(QueryRequest(path: path, data: data))
        #expect(answer.code == code)
        #expect(answer.codespace == "sdk")
        #expect(answer.value.isEmpty)
    }

    @Test("A key longer than any that can be proven is refused with a proof and empty without")
    func refusesLongKeys() throws {
        let ledger = try TestLedger()
        let key = Bytes(repeating: 1, count: 100_000)
        #expect(ledger.app.query(QueryRequest(path: "/store", data: key)).code == 0)
        #expect(ledger.app.query(QueryRequest(path: "/store", data: key, wantsProof: true)).code == 18)
    }
}

extension Bytes {
    /// As bytes: a prefix comes first.
    fileprivate static func < (left: Bytes, right: Bytes) -> Bool { left.lexicographicallyPrecedes(right) }
}
