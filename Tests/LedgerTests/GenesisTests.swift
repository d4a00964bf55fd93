import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("Genesis")
struct GenesisTests {
    private static func request(
        _ state: GenesisState, chainID: String = TestLedger.chainID, time: UInt64 = 0
    ) -> InitChainRequest {
        InitChainRequest(chainID: chainID, genesisTimeMilliseconds: time, applicationState: state.encoded())
    }

    @Test(
        "Chain ids are gonka-swift-<name>-<n>, and never the real network's",
        arguments: [
            ("gonka-swift-devnet-1", true), ("gonka-swift-a-b-22", true), ("gonka-mainnet", false),
            ("gonka-mainnet-1", false), ("gonka-swift-1", false), ("gonka-swift--1", false), ("gonka-swift-x-", false),
            ("gonka-swift-x-1a", false), ("gonka-swift-x", false), ("", false), ("gonka-swift-X-1", false),
            ("gonka-swift-é-1", false), ("gonka-swift-x-1 ", false), ("xgonka-swift-x-1", false),
            ("gonka-swift-" + String(repeating: "x", count: 36) + "-1", true),
            ("gonka-swift-" + String(repeating: "x", count: 37) + "-1", false),
        ])
    func checksChainID(chainID: String, isTaken: Bool) throws {
        var state = TestLedgerPlan().state
        state.hosts = []
        let app = try LedgerApp(storage: MemoryStorage())
        if isTaken {
            #expect(throws: Never.self) { try app.initChain(Self.request(state, chainID: chainID)) }
        } else {
            #expect(throws: ApplicationFailure.self) { try app.initChain(Self.request(state, chainID: chainID)) }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout GenesisState) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout GenesisState) -> Void) {
            (testDescription, self.change) = (name, change)
        }
    }

    @Test(
        "Nonsense is refused whole",
        arguments: [
            Case("no account") { $0.accounts = [] },
            Case("an account twice") { $0.accounts.append($0.accounts[0]) },
            Case("more coins than fit") { $0.accounts[0].balance = Amount(.max) },
            Case("a host without its bond") { $0.accounts.removeLast() },
            Case("a bond that the host cannot pay") { state in
                state.accounts[state.accounts.count - 1].balance = Amount(1)
            },
            Case("a host twice") { $0.hosts.append($0.hosts[0]) },
            Case("two hosts with one consensus key") {
                $0.hosts[1].registration.consensusKey = $0.hosts[0].registration.consensusKey
            },
            Case("a host whose consensus key did not sign") { $0.hosts[0].registration.consensusSignature = [] },
            Case("a host with an unknown model") { $0.hosts[0].registration.models = ["unknown"] },
            Case("a weight for a model that is not served") { $0.hosts[0].weights[0].model = "other" },
            Case("two weights for a model") { $0.hosts[0].weights.append($0.hosts[0].weights[0]) },
            Case("a model twice") { $0.models.append($0.models[0]) },
            Case("a model without a name") { $0.models.append(TestLedgerPlan.model("")) },
            Case("a model name with a space") { $0.models.append(TestLedgerPlan.model("a b")) },
            Case("a model name that is not ASCII") { $0.models.append(TestLedgerPlan.model("é")) },
            Case("a model name of 129 bytes") {
                $0.models.append(TestLedgerPlan.model(String(repeating: "m", count: 129)))
            },
            Case("a model without a vocabulary") { $0.models[0].vocabulary = 0 },
            Case("a vocabulary over 32 bits") { $0.models[0].vocabulary = 1 << 32 },
            Case("a model without a context") { $0.models[0].contextTokens = 0 },
            Case("a price below the floor") {
                $0.models[0].prices = TokenPrices(input: 1, cachedInput: 1, output: 1)
            },
            Case("a price above the ceiling") {
                $0.models[0].prices = TokenPrices(input: .max, cachedInput: 0, output: .max)
            },
            Case("cached input dearer than input") { state in
                let prices = state.models[0].prices
                state.models[0].prices = TokenPrices(
                    input: prices.input, cachedInput: prices.input + 1, output: prices.output)
            },
            Case("parameters out of bounds") { $0.parameters.economy.servingTaxPartsPerMillion = 1_000_000 },
            Case("parameters that do not fit one another") { $0.parameters.chain.epochBlocks = 61 },
        ])
    func refuses(_ example: Case) throws {
        var state = TestLedgerPlan().state
        example.change(&state)
        let storage = MemoryStorage()
        let app = try LedgerApp(storage: storage)
        #expect(throws: ApplicationFailure.self) { try app.initChain(Self.request(state)) }
        #expect(storage.state == nil)
        #expect(app.info().lastBlockAppHash == .zero)
    }

    @Test("Bytes that are no genesis are refused", arguments: [[], [1], [8, 1], Bytes(repeating: 255, count: 99)])
    func refusesBytes(_ bytes: Bytes) throws {
        let app = try LedgerApp(storage: MemoryStorage())
        let request = InitChainRequest(
            chainID: TestLedger.chainID, genesisTimeMilliseconds: 0, applicationState: bytes)
        #expect(throws: ApplicationFailure.self) { try app.initChain(request) }
    }

    @Test("Coins add up, hosts have bonds, keys and weights, and the same genesis gives the same app hash")
    func builds() throws {
        let plan = TestLedgerPlan()
        let ledger = try TestLedger(plan)
        let supply = try ledger.supply
        #expect(supply.genesis == Amount(plan.balance.ngonka * 6))
        #expect(supply.bonds == Amount(3 * plan.parameters.economy.hostBondNgonka))
        #expect(supply.balances == Amount(supply.genesis.ngonka - supply.bonds.ngonka))
        // Six holders, then the hosts' three operator accounts.
        #expect(supply.accounts == 9)
        for (index, account) in (plan.accounts + plan.hosts.map(\.account)).enumerated() {
            let record = try ledger.record(AccountRecord.self, at: StateKey.account(account.address))
            #expect(record?.number == UInt64(index + 1))
        }
        #expect(try TestLedger(plan).appHash == ledger.appHash)
        #expect(try ledger.record(ProtocolParameters.self, at: StateKey.parameters) == plan.parameters)
    }

    @Test("A genesis of accounts alone makes blocks; sessions then find nobody")
    func startsWithoutHosts() throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 0
        let ledger = try TestLedger(plan)
        let session = try ledger.openSession(by: ledger.accounts[0], deposit: Amount(1_000_000_000))
        #expect(session?.state == .closed)
        try ledger.advance(to: 130)
    }
}
