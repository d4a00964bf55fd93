import AsyncHTTPClient
import Cryptography
import HTTPEdge
import Logging
import NIOCore
import NIOHTTP1
import Primitives

@testable import Gateway

/// A gateway's front on a real socket of this machine, with a ledger in memory and hosts that follow a script.
struct TestGateway: Sendable {
    let port: Int
    let key: String
    /// A key without terms.
    let otherKey: String
    let ledger: MemoryLedger
    let pool: SessionPool
    let bodies: BodyBudget
    let usage: UsageBook

    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` against a gateway of its own.
    static func run(
        _ hosts: some HostTransport, ledger: MemoryLedger = MemoryLedger(), requestsMax: Int = Limits.requestsMax,
        bodiesBytesMax: Int = EdgeLimits().bodiesBytesMax, disk: any VoucherStorage = MemoryBook(),
        deposit: Amount = Amount(30_000), limits: AnswerLimits = AnswerLimits(),
        metrics: GatewayMetrics = GatewayMetrics(), signed: SignedRequests = SignedRequests(),
        clock: WallClock = WallClock(), cors: CORSPolicy.Origins = .listed([]),
        terms: KeyTerms = KeyTerms(), policy: RoutingPolicy = RoutingPolicy(),
        keyPolicies: [String: RoutingPolicy] = [:], log: AccessLog? = nil,
        _ body: @Sendable (TestGateway) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let (keys, key, otherKey) = try Self.keys(in: folder, terms)
        let pool = SessionPool.test(ledger, disk: disk, deposit: deposit, metrics: metrics, policy: policy)
        let models = ModelDirectory(ledger: ledger)
        try await models.refresh()
        let admission = RequestAdmission(countMax: requestsMax)
        let usage = try UsageBook(store: MemoryUsage(), clock: clock)
        let bodies = BodyBudget(bytesMax: bodiesBytesMax)
        let authorizer = Authorizer(
            keys: KeyDirectory(keys), signed: signed, payer: Fixtures.payer.publicKey.address, clock: clock)
        let server = GatewayServer(
            relay: Relay(pool: pool, transport: hosts, limits: limits, logger: silent), models: models,
            authorizer: authorizer, policies: KeyPolicies(keyPolicies, within: policy), admission: admission,
            bodies: bodies, billing: Billing(usage: usage, pool: pool, models: models),
            discovery: DiscoveryRoutes(
                directory: NetworkDirectory(ledger: ledger), transferAgent: authorizer.transferAgent,
                signer: Fixtures.payer, publicURL: nil, version: "test", clock: clock),
            status: GatewayStatus(pool: pool, models: models, admission: admission),
            scopes: RequestScopes(log: log, clock: clock))
        let address = EdgeServer.Address(port: 0)
        let edge = EdgeServer(
            address: address, router: server.router(guardedBy: OriginGuard(address, policy: .gateway(cors))),
            logger: silent)
        try await serving(edge) { port in
            try await body(
                TestGateway(
                    port: port, key: key, otherKey: otherKey, ledger: ledger, pool: pool, bodies: bodies, usage: usage))
        }
    }

    private static func keys(in folder: ScratchFolder, _ terms: KeyTerms) throws -> (APIKeys, String, String) {
        var keys = try APIKeys(path: folder("api-keys.json"))
        let key = try keys.create(name: "test", isDevnet: true, terms: terms)
        let otherKey = try keys.create(name: "other", isDevnet: true)
        return (keys, key, otherKey)
    }

    /// Runs `body` with the port of a server that serves meanwhile.
    static func serving(_ edge: EdgeServer, _ body: (Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await edge.run { port.yield($0) } }
            for await bound in ports {
                try await body(bound)
                break
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// A request with the right key and content type; an empty header is left out.
    func request(
        _ method: HTTPMethod = .POST, _ path: String = "/v1/chat/completions", body: Bytes? = nil,
        headers: [String: String] = [:]
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        var all: [String: String] = ["authorization": "Bearer \(key)", "content-type": "application/json"]
        all.merge(headers) { $1 }
        for (name, value) in all where !value.isEmpty { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        return request
    }

    func send(_ request: HTTPClientRequest) async throws -> Answer {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String
    }

    /// Returns when every request has been released.
    func settled() async { while await pool.openRequests > 0 { await Task.yield() } }
}
