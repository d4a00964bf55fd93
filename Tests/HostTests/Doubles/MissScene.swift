import AsyncHTTPClient
import Cryptography
import LedgerClient
import Logging
import Messages
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@testable import Gateway
@testable import HostRoles

/// A gateway's miss reporter beside the real ledger, with witnesses and executors that follow a script. One session is open, all three
/// hosts are in its group.
struct MissScene {
    let ledger: InMemoryLedger
    let pool: SessionPool
    let reporter: MissReporter
    let payer: TestAccount

    /// A voucher book on no disk.
    private struct NoDisk: VoucherStorage {
        func load() -> [VoucherBook.Key: VoucherAccount.Reservation] { [:] }
        func save(_ reservations: [VoucherBook.Key: VoucherAccount.Reservation]) {}
    }

    /// Executors that cannot be reached.
    private struct NoHosts: HostTransport {
        func send(_ request: HostRequest) async throws -> HTTPClientResponse { throw HostFault.unreachable("test") }
    }

    /// Witnesses that say what a test wants, each by its number among the ledger's hosts.
    struct Witnesses: WitnessTransport {
        typealias Script = @Sendable (_ host: Int, _ voucher: Signed<Voucher>) async throws -> WitnessWord

        let script: Script

        func askWitness(_ request: HostRequest) async throws -> WitnessWord {
            let voucher = try Signed<Voucher>.decode(try #require(Base64.decode(request.voucher, .urlSafe)))
            let port = try #require(request.url.split(separator: ":").last.flatMap { Int($0) })
            return try await script(port - 8_001, voucher)
        }
    }

    init(plan: TestLedgerPlan = TestLedgerPlan(), _ script: @escaping Witnesses.Script) async throws {
        let ledger = try InMemoryLedger(plan)
        self.ledger = ledger
        payer = await ledger.run { $0.accounts[0] }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let pool = SessionPool(
            ledger: ledger, payer: payer.key, sessionKey: payer.key,
            configuration: SessionPool.Configuration(
                terms: SessionTerms(deposit: Amount(3 * Amount.ngonkaPerGNK)), models: ["test-model"],
                storage: { _ in NoDisk() }), logger: logger)
        self.pool = pool
        reporter = MissReporter(
            pool: pool, hosts: NoHosts(), witnesses: Witnesses(script: script), logger: logger)
        await ledger.drawAtOnce()
        try await pool.openAll()
        try await pool.reach()
    }

    /// The honest word of a witness.
    static func saw(_ host: Int, _ voucher: Signed<Voucher>, _ reason: MissReason = .silence) -> WitnessWord {
        let account = TestHost("\(host)")
        let statement = MissStatement(
            chainID: TestLedger.chainID, witness: account.address,
            voucherDigest: .sha256(voucher.statement.encoded()), reason: reason)
        return .saw(Signed(statement, by: account.operatorAccount.key))
    }

    /// A request for one host that came to nothing, and of which that host certainly holds no item.
    func unanswered(by host: Int = 0) async throws -> UnansweredRequest {
        let address = await ledger.run { $0.hosts[host].address }
        let body = Bytes(HostScene.question.utf8)
        let request = RelayRequest(try ChatCompletionRequest.parse(body), body: body, host: address)
        let engagement = try await pool.engage(request, excluding: [])
        await pool.release(engagement, fee: .zero, conduct: .failed)
        return UnansweredRequest(request: request, engagement: engagement, wasFree: true)
    }

    /// What the gateway booked as spent at a host.
    func booked(_ unanswered: UnansweredRequest) async -> Amount? {
        await pool.chain?.book[unanswered.engagement.key]?.fees
    }

    /// Misses that the ledger counted of one host.
    func missed(_ host: Int = 0) async throws -> Int {
        let address = await ledger.run { $0.hosts[host].address }
        let session = try #require(await pool.sessions["test-model"]?.first?.id)
        return try await ledger.misses(of: address, in: session).elements.count
    }

    func advance(to height: UInt64) async throws { try await ledger.run { try $0.advance(to: height) } }

    /// The serving round in which a request was signed.
    func round(of unanswered: UnansweredRequest) async throws -> RoundRecord {
        let height = unanswered.engagement.voucher.statement.height
        return try await ledger.run { ledger in
            let serial = ledger.servingRound()
            return try #require(
                try (1...serial).compactMap { try ledger.round($0) }.first {
                    $0.timetable.window(.work).contains(height)
                })
        }
    }
}
