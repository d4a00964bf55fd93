import Cryptography
import EngineAPI
import HostServer
import LedgerClient
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

/// A host beside a real ledger: sessions 1 and 2 are open, all three hosts are in their groups, and this is the first.
struct HostScene {
    static let wallSeconds: UInt64 = 1_700_000_000
    static let question = #"{"model":"test-model","messages":[{"role":"user","content":"Say hello"}]}"#

    let ledger: InMemoryLedger
    let payer: TestAccount
    let identity: HostIdentity
    let folder: MemoryFolder
    let engine: any Engine
    let store: ItemStore
    let view: HostLedgerView
    let registry: ClaimRegistry
    let keeper: ClaimKeeper
    let executor: Executor
    var limits: Limits
    var logger: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }

    /// - Parameters:
    ///   - ledger: a ledger to go on with, as after a restart.
    init(
        engine: any Engine = ScriptedEngine(model: "test-model", answer: "Hello there"),
        ledger: InMemoryLedger? = nil, folder: MemoryFolder = MemoryFolder(), limits: Limits = Limits(),
        clock: any Clock<Duration> = ContinuousClock(), plan: TestLedgerPlan = TestLedgerPlan(), host: Int = 0
    ) async throws {
        self.ledger = if let ledger { ledger } else { try await HostScene.ledger(plan) }
        let (payer, test) = await self.ledger.run { ($0.accounts[0], $0.hosts[host]) }
        self.payer = payer
        identity = HostIdentity(
            chainID: TestLedger.chainID, address: test.address, operatorKey: test.operatorAccount.key,
            url: "http://127.0.0.1:8001")
        (self.folder, self.engine, self.limits) = (folder, engine, limits)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        store = try ItemStore(folder: folder, identity: identity, limits: limits, logger: logger)
        view = HostLedgerView(ledger: self.ledger, identity: identity, limits: limits, clock: clock)
        registry = ClaimRegistry(identity: identity, ledger: self.ledger, store: store, limits: limits)
        keeper = ClaimKeeper(
            identity: identity, store: store, view: view, ledger: self.ledger, registry: registry, logger: logger)
        executor = Executor(
            identity: identity, engine: engine, store: store, view: view, limits: limits, clock: clock,
            wallSeconds: { HostScene.wallSeconds }, logger: logger)
        try await keeper.step()
    }

    private static func ledger(_ plan: TestLedgerPlan) async throws -> InMemoryLedger {
        let ledger = try InMemoryLedger(plan)
        for _ in 0..<2 {
            let session = try await ledger.run {
                try $0.openSession(by: $0.accounts[0], deposit: Amount(3 * Amount.ngonkaPerGNK))
            }
            try #require(session?.state == .open)
        }
        return ledger
    }

    /// The same host after its process ended and another one took its place.
    func restarted(engine: (any Engine)? = nil) async throws -> HostScene {
        try await HostScene(
            engine: engine ?? self.engine, ledger: ledger, folder: MemoryFolder(folder.contents), limits: limits)
    }

    // MARK: Requests

    /// A voucher of the payer for this host.
    func voucher(
        _ body: String = question, session: UInt64 = 1, sequence: UInt64 = 1, amount: UInt64 = 900_000_000,
        change: (inout Voucher) -> Void = { _ in }
    ) async -> Signed<Voucher> {
        let height = await ledger.run { $0.height }
        var voucher = Voucher(
            chainID: identity.chainID, session: session, executor: identity.address, sequence: sequence,
            height: height, requestDigest: .sha256(utf8: body), amount: Amount(amount))
        change(&voucher)
        return Signed(voucher, by: payer.key)
    }

    func request(
        _ body: String = question, session: UInt64 = 1, sequence: UInt64 = 1, amount: UInt64 = 900_000_000
    ) async -> SignedRequest {
        SignedRequest(
            body: Bytes(body.utf8),
            voucher: await voucher(body, session: session, sequence: sequence, amount: amount))
    }

    /// Asks and waits for the whole answer.
    @discardableResult
    func ask(
        _ body: String = question, session: UInt64 = 1, sequence: UInt64 = 1, amount: UInt64 = 900_000_000
    ) async throws -> (text: String, item: FinishedItem) {
        let request = await request(body, session: session, sequence: sequence, amount: amount)
        return try await HostScene.whole(try await executor.answer(request))
    }

    static func whole(_ answer: LiveAnswer) async throws -> (text: String, item: FinishedItem) {
        var text = ""
        for try await event in answer.events {
            switch event {
            case .text(let piece): text += piece
            case .finished(let item): return (text, item)
            }
        }
        throw OpenAIError.internalError
    }

    // MARK: Time

    /// Makes empty blocks up to `height`, the host looking after each.
    func advance(to height: UInt64) async throws {
        while await ledger.run({ $0.height }) < height {
            _ = try await ledger.run { _ = try $0.block() }
            try await keeper.step()
        }
    }

    /// Goes on until `round` is settled.
    func settle(_ round: UInt64) async throws {
        while try await ledger.run({ try $0.round(round)?.isSettled }) != true {
            try await advance(to: await ledger.run { $0.height } + 1)
        }
    }
}
