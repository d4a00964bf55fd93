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
    let folders: Folders
    let engine: any Engine
    let store: ItemStore
    let sprints: SprintStore
    let view: HostLedgerView
    let registry: ClaimRegistry
    let keeper: ClaimKeeper
    let executor: Executor
    let duties: HostDuties
    let witnesses: WitnessDesk
    let exchange: AuditExchange
    let clock: any Clock<Duration>
    let host: Int
    var limits: Limits
    var folder: MemoryFolder { folders.items }
    var logger: Logger { HostScene.silent }
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// What a host keeps on its disk.
    struct Folders {
        var items = MemoryFolder()
        var sprints = MemoryFolder()
        var audits = MemoryFolder()
    }

    /// - Parameters:
    ///   - ledger: a ledger to go on with, as after a restart.
    ///   - exchange: how the host's auditor reaches others, and they this host.
    ///   - host: which of the ledger's hosts it is.
    ///   - engines: what else does synthetic work and audits.
    ///   - forwarder: how the host reaches executors as a witness.
    init(
        engine: any Engine = ScriptedEngine(model: "test-model", answer: "Hello there"),
        ledger: InMemoryLedger? = nil, folder: MemoryFolder = MemoryFolder(), folders: Folders? = nil,
        limits: Limits = Limits(), clock: any Clock<Duration> = ContinuousClock(),
        plan: TestLedgerPlan = TestLedgerPlan(), host: Int = 0, exchange: AuditExchange = AuditExchange(),
        engines: [any Engine] = [], forwarder: any RequestForwarder = ScriptedForwarder(),
        metrics: HostMetrics = HostMetrics()
    ) async throws {
        self.ledger = if let ledger { ledger } else { try await HostScene.ledger(plan) }
        let (payer, test) = await self.ledger.run { ($0.accounts[0], $0.hosts[host]) }
        self.payer = payer
        identity = HostIdentity(
            chainID: TestLedger.chainID, address: test.address, operatorKey: test.operatorAccount.key,
            url: "http://127.0.0.1:\(8001 + host)")
        let (folders, logger) = (folders ?? Folders(items: folder), HostScene.silent)
        (self.folders, self.engine, self.limits) = (folders, engine, limits)
        (self.exchange, self.clock, self.host) = (exchange, clock, host)
        store = try ItemStore(folder: folders.items, identity: identity, limits: limits, logger: logger)
        view = HostLedgerView(ledger: self.ledger, identity: identity, limits: limits, clock: clock, metrics: metrics)
        sprints = try SprintStore(folder: folders.sprints, identity: identity, limits: limits, logger: logger)
        registry = ClaimRegistry(
            identity: identity, ledger: self.ledger, store: store, sprints: sprints, limits: limits)
        let sender = DutySender(ledger: self.ledger, key: identity.operatorKey, metrics: metrics)
        keeper = ClaimKeeper(
            identity: identity, store: store, sprints: sprints, view: view, ledger: self.ledger, registry: registry,
            sender: sender, metrics: metrics, logger: logger)
        duties = HostDuties(
            HostDuties.Parts(
                identity: identity, engines: [engine] + engines, ledger: self.ledger, view: view, registry: registry,
                sprints: sprints, auditLog: try AuditLog(folder: folders.audits, identity: identity, logger: logger),
                sender: sender,
                source: exchange, limits: limits, clock: clock, metrics: metrics, logger: logger))
        await exchange.open(identity.url, duties.auditDesk)
        witnesses = WitnessDesk(
            identity: identity, view: view, ledger: self.ledger, forwarder: forwarder, limits: limits)
        executor = Executor(
            identity: identity, engine: engine, store: store, view: view, limits: limits, clock: clock,
            wallSeconds: { HostScene.wallSeconds }, metrics: metrics, logger: logger)
        try await keeper.step()
    }

    static func ledger(_ plan: TestLedgerPlan) async throws -> InMemoryLedger {
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
        let folders = Folders(
            items: MemoryFolder(self.folders.items.contents), sprints: MemoryFolder(self.folders.sprints.contents),
            audits: MemoryFolder(self.folders.audits.contents))
        return try await HostScene(
            engine: engine ?? self.engine, ledger: ledger, folders: folders, limits: limits, clock: clock, host: host,
            exchange: exchange)
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
            case .piece(let piece, _): text += piece.text
            case .finished(let item, _): return (text, item)
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

    /// Goes on until the round with this id is settled.
    func settle(_ round: UInt64) async throws {
        while try await ledger.run({ try $0.roundRecord(round)?.isSettled }) != true {
            try await advance(to: await ledger.run { $0.height } + 1)
        }
    }
}
