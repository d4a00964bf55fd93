import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@Suite("A host's life")
struct HostLifeTests {
    private func record(_ ledger: TestLedger, _ host: TestHost) throws -> HostRecord? {
        try ledger.record(HostRecord.self, at: StateKey.host(host.address))
    }

    /// A ledger with coins for a host that is not registered yet.
    private func ledgerWithNewcomer() throws -> (TestLedger, TestHost) {
        let (ledger, host) = (try TestLedger(), TestHost("newcomer"))
        let money = MsgSend(from: ledger.accounts[0].address, to: host.address, amount: Amount(300 * 1_000_000_000))
        try #require(try ledger.run(money, by: ledger.accounts[0]).isAccepted)
        return (ledger, host)
    }

    @Test("Registered, updated, rotated, retired, and registered again")
    func lives() throws {
        let (ledger, host) = try ledgerWithNewcomer()
        let bond = Amount(ledger.parameters.economy.hostBondNgonka)
        #expect(try ledger.run(host.registration(models: [ledger.model]), by: host.account).isAccepted)
        #expect(try record(ledger, host)?.bond == bond)
        #expect(try ledger.supply.bonds == Amount(bond.ngonka * 4))
        let weightKey = StateKey.weight(model: ledger.model, host: host.address)
        #expect(
            try ledger.record(WeightRecord.self, at: weightKey) == WeightRecord(host: host.address, weight: 0))

        let update = MsgUpdateHost(host: host.address, url: "https://relay.example/a", models: [])
        #expect(try ledger.run(update, by: host.account).isAccepted)
        #expect(try record(ledger, host)?.url == "https://relay.example/a")
        #expect(try ledger.record(WeightRecord.self, at: weightKey) == nil)

        let key = TestAccount("another operator").key.publicKey
        let rotation = MsgRotateOperatorKey(host: host.address, operatorKey: key.compressed)
        #expect(try ledger.run(rotation, by: host.account).isAccepted)
        #expect(try record(ledger, host)?.operatorKey == key.compressed)
        #expect(try ledger.record(AccountRecord.self, at: StateKey.account(key.address)) != nil)

        #expect(try ledger.run(MsgRetireHost(host: host.address), by: host.account).isAccepted)
        let last = try #require(try record(ledger, host)?.retiresAfterRound)
        #expect(last == ledger.servingRound() + 1)
        let balance = try ledger.balance(of: host.address)
        try ledger.settle(last)
        #expect(try record(ledger, host)?.state == .retired)
        #expect(try ledger.balance(of: host.address) == balance && ledger.leaving(of: host.address) == bond)

        #expect(try ledger.run(host.registration(models: [ledger.model]), by: host.account).isAccepted)
        #expect(try record(ledger, host)?.state == .active)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal
        let change: @Sendable (inout MsgRegisterHost) -> Void

        init(_ name: String, _ refusal: Refusal, _ change: @escaping @Sendable (inout MsgRegisterHost) -> Void) {
            (testDescription, self.refusal, self.change) = (name, refusal, change)
        }

        static func url(_ url: String) -> Case { Case(url, Refusal("hosts", 1)) { $0.url = url } }

        static func consensus(_ name: String, _ change: @escaping @Sendable (inout MsgRegisterHost) -> Void) -> Case {
            Case(name, Refusal("hosts", 3), change)
        }
    }

    @Test(
        "What a host may not say of itself",
        arguments: [
            .url(""), .url("http://"), .url("http:///x"), .url("http://:80"), .url("ftp://h"), .url("HTTP://h"),
            .url("http://u@h"), .url("http://h?q"), .url("http://h#f"), .url("http://h\\x"), .url("http://h h"),
            .url("http://h\u{7f}"), .url("http://hé"), .url("http://h<script>"), .url("http://h\"x"),
            .url("http://" + String(repeating: "h", count: 250)), .url("http://h\n"), .url("//h"), .url("javascript:1"),
            Case("an empty operator key", Refusal("hosts", 2)) { $0.operatorKey = [] },
            Case("an operator key that is no point", Refusal("hosts", 2)) {
                $0.operatorKey = Bytes(repeating: 255, count: 33)
            },
            Case("an uncompressed operator key", Refusal("hosts", 2)) {
                $0.operatorKey = Bytes(repeating: 4, count: 65)
            },
            .consensus("no consensus key") { $0.consensusKey = [] },
            .consensus("a consensus key of 31 bytes") { $0.consensusKey.removeLast() },
            .consensus("no consensus signature") { $0.consensusSignature = [] },
            .consensus("a changed consensus signature") { $0.consensusSignature[0] ^= 1 },
            .consensus("a signature for another chain") {
                $0 = TestHost("newcomer").registration(chainID: "gonka-swift-test-2", models: [])
            },
            .consensus("a signature for another host") {
                $0.consensusSignature = TestHost("x").registration(models: []).consensusSignature
            },
            Case("another host's consensus key", Refusal("hosts", 3)) {
                $0.consensusKey = TestHost("0").consensusKey.publicKey.bytes
            },
            Case("an unknown model", Refusal("models", 1)) { $0.models = ["unknown"] },
            Case("a model id in other bytes", Refusal("sdk", 2)) { $0.models = ["test-mode\u{2113}"] },
            Case("a model twice", Refusal("hosts", 5)) { $0.models = ["test-model", "test-model"] },
            Case("models out of order", Refusal("hosts", 5)) { $0.models = ["test-model", "a"] },
            Case("too many models", Refusal("hosts", 5)) { $0.models = (100..<165).map(String.init) },
        ] as [Case])
    func refuses(_ example: Case) throws {
        let (ledger, host) = try ledgerWithNewcomer()
        var message = host.registration(models: [ledger.model])
        example.change(&message)
        let (account, supply) = (try ledger.supply.accounts, try ledger.supply.bonds)
        #expect(try ledger.run(message, by: host.account).refusal == example.refusal)
        #expect(try record(ledger, host) == nil)
        #expect(try ledger.supply.accounts == account)
        #expect(try ledger.supply.bonds == supply)
    }

    @Test("A bond that is not there is refused; a consensus key serves one host at a time")
    func refusesBondAndKey() throws {
        let (ledger, host) = try ledgerWithNewcomer()
        let poor = TestHost("poor")
        let little = MsgSend(from: ledger.accounts[0].address, to: poor.address, amount: Amount(1_000_000_000))
        #expect(try ledger.run(little, by: ledger.accounts[0]).isAccepted)
        #expect(
            try ledger.run(poor.registration(models: []), by: poor.account).refusal == Refusal("sdk", 5))

        var stolen = host.registration(models: [])
        let owner = ledger.hosts[0]
        stolen.consensusKey = owner.consensusKey.publicKey.bytes
        let statement = ConsensusKeyStatement(chainID: TestLedger.chainID, host: host.address).encoded()
        stolen.consensusSignature = owner.consensusKey.sign(SigningDomain.consensusKey.digest(statement).bytes)
        #expect(try ledger.run(stolen, by: host.account).refusal == Refusal("hosts", 4))
    }

    @Test("An operator key may be the account's own, or another host's account, and speaks only for its host")
    func sharesOperatorKeys() throws {
        let (ledger, host) = try ledgerWithNewcomer()
        var message = host.registration(models: [ledger.model])
        message.operatorKey = host.account.key.publicKey.compressed
        #expect(try ledger.run(message, by: host.account).isAccepted)
        let rotation = MsgRotateOperatorKey(
            host: host.address, operatorKey: ledger.hosts[0].account.key.publicKey.compressed)
        #expect(try ledger.run(rotation, by: host.account).isAccepted)

        // The other host's account now speaks for this host, and this host's own account no longer does.
        let claim = { (signer: TestAccount, host: Address) in
            MsgCommitClaim(operatorAccount: signer.address, host: host, round: 99, entries: [])
        }
        let other = ledger.hosts[0].account
        #expect(try ledger.run(claim(other, host.address), by: other).refusal == Refusal("rounds", 1))
        #expect(try ledger.run(claim(other, other.address), by: other).refusal == Refusal("sdk", 4))
        #expect(try ledger.run(claim(host.account, host.address), by: host.account).refusal == Refusal("sdk", 4))
        // A key that somebody else has put in force is not taken.
        let squatter = MsgRotateOperatorKey(
            host: other.address, operatorKey: ledger.hosts[1].operatorAccount.key.publicKey.compressed)
        #expect(try ledger.run(squatter, by: other).isAccepted)
        let own = MsgRotateOperatorKey(
            host: ledger.hosts[1].address, operatorKey: ledger.hosts[1].operatorAccount.key.publicKey.compressed)
        #expect(try ledger.run(own, by: ledger.hosts[1].account).isAccepted)
    }

    @Test("An update keeps the weights of models that stay, and refuses what registration refuses")
    func updates() throws {
        var plan = TestLedgerPlan()
        plan.models = ["a", "b", "c"].map { TestLedgerPlan.model($0) }
        let ledger = try TestLedger(plan)
        let host = ledger.hosts[0]
        let weight = { (model: String) in
            try ledger.record(WeightRecord.self, at: StateKey.weight(model: model, host: host.address))?.weight
        }
        let update = { (url: String, models: [String]) in
            try ledger.run(MsgUpdateHost(host: host.address, url: url, models: models), by: host.account).refusal
        }
        #expect(try update("http://h", ["a", "c"]) == nil)
        #expect(try weight("a") == 100)
        #expect(try weight("b") == nil)
        #expect(try update("http://h", ["a", "b", "c"]) == nil)
        #expect(try weight("b") == 0)
        #expect(try update("http://", ["a"]) == Refusal("hosts", 1))
        #expect(try update("http://h", ["c", "a"]) == Refusal("hosts", 5))
        #expect(try update("http://h", ["d"]) == Refusal("models", 1))
        #expect(try weight("c") == 100)
    }

    @Test("Rotation to bytes that are no key is refused, and the old key stays in force")
    func refusesRotation() throws {
        let ledger = try TestLedger()
        let host = ledger.hosts[0]
        for bytes in [[], Bytes(repeating: 2, count: 32), Bytes(repeating: 5, count: 33)] {
            let message = MsgRotateOperatorKey(host: host.address, operatorKey: bytes)
            #expect(try ledger.run(message, by: host.account).refusal == Refusal("hosts", 2))
        }
        #expect(try record(ledger, host)?.operatorKey == host.operatorAccount.key.publicKey.compressed)
    }
}
