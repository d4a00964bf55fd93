import AsyncHTTPClient
import Cryptography
import HTTPEdge
import Logging
import NIOCore
import NIOHTTP1
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// The door through which a gateway is administered.
@Suite(.timeLimit(.minutes(2))) struct AdminTests {
    private struct Door: Sendable {
        let port: Int
        let token: AdminToken
        let keys: KeyDirectory
        let usage: UsageBook

        func send(
            _ method: HTTPMethod, _ path: String, _ body: String? = nil, token: String? = nil
        ) async throws -> (status: Int, json: JSONValue?, text: String) {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
            request.method = method
            request.headers.add(name: "authorization", value: "Bearer \(token ?? self.token.text)")
            request.headers.add(name: "content-type", value: "application/json")
            if let body { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let bytes = Bytes(buffer: try await response.body.collect(upTo: 1 << 20))
            return (Int(response.status.code), try? JSONParser.parse(bytes), String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func run(_ body: @Sendable (Door, ScratchFolder) async throws -> Void) async throws {
        let folder = try ScratchFolder()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let keys = KeyDirectory(try APIKeys(path: folder("api-keys.json")))
        let ledger = MemoryLedger()
        let pool = SessionPool.test(ledger)
        let usage = try UsageBook(store: try UsageFile(path: folder("usage.sqlite")))
        let token = AdminToken.random()
        let routes = AdminRoutes(
            keys: keys, policies: KeyPolicies(["own": RoutingPolicy()]), usage: usage,
            status: GatewayStatus(
                pool: pool, models: ModelDirectory(ledger: ledger), admission: RequestAdmission()),
            token: token)
        let address = EdgeServer.Address(port: 0)
        let edge = EdgeServer(
            address: address, router: routes.router(guardedBy: OriginGuard(address)), logger: logger)
        try await TestGateway.serving(edge) { port in
            try await body(Door(port: port, token: token, keys: keys, usage: usage), folder)
        }
    }

    @Test func aKeyIsMadeChangedAndRemoved() async throws {
        try await Self.run { door, folder in
            let made = try await door.send(
                .POST, "/admin/keys", #"{"name":"my app","budget_day":500,"models":["m"],"policy":"own"}"#)
            #expect(made.status == 201)
            let secret = try #require(made.json?["key"]?.string)
            #expect(door.keys.key(of: secret)?.terms == KeyTerms(dayBudget: Amount(500), models: ["m"], policy: "own"))
            let changed = try await door.send(
                .PATCH, "/admin/keys/my%20app", #"{"budget_day":null,"requests_per_minute":9,"disabled":true}"#)
            #expect(changed.status == 200)
            let terms = KeyTerms(requestsPerMinute: 9, models: ["m"], policy: "own", isDisabled: true)
            #expect(door.keys.key(of: secret)?.terms == terms)
            #expect(try APIKeys(path: folder("api-keys.json")).key(of: secret)?.terms == terms)
            let shown = try await door.send(.GET, "/admin/keys/my%20app")
            #expect(shown.json?["spent"]?["day"]?.number?.uint64 == 0 && !shown.text.contains(secret))
            #expect(try await door.send(.DELETE, "/admin/keys/my%20app").status == 200)
            #expect(door.keys.key(of: secret) == nil)
            #expect(try await door.send(.GET, "/admin/keys/my%20app").status == 404)
            #expect(try await door.send(.GET, "/admin/keys").json?["keys"] == [])
        }
    }

    @Test func anAccountIsListed() async throws {
        try await Self.run { door, _ in
            let address = SignedRequest.worked.requester
            let body = #"{"address":"\#(address)","budget_total":7}"#
            #expect(try await door.send(.POST, "/admin/keys", body).json?["key"] == nil)
            #expect(try await door.send(.POST, "/admin/keys", body).status == 400)
            let key = try #require(door.keys[address])
            #expect(key.address?.bech32 == address && key.terms.totalBudget == Amount(7))
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"name":""}"#, #"{"name":"a\u0000"}"#, #"{"name":"x","budget_day":-1}"#,
        #"{"name":"x","budget_day":"5GNK"}"#, #"{"name":"x","requests_per_minute":0}"#, #"{"name":"x","magic":1}"#,
        #"{"name":"x","models":["m",1]}"#, #"{"name":"x","address":"gonka1x"}"#, #"{"name":"x","disabled":1}"#,
        #"{"name":"gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"}"#, #"{"name":"x","policy":"gone"}"#,
    ]) func whatIsNoKeyIsRefused(body: String) async throws {
        try await Self.run { door, folder in
            let answer = try await door.send(.POST, "/admin/keys", body)
            #expect(answer.status == 400)
            #expect(answer.json?["error"]?["message"]?.string != nil)
            let names = try folder.names()
            #expect(door.keys.all.isEmpty && !names.contains("api-keys.json"))
        }
    }

    @Test func nobodyComesInWithoutTheToken() async throws {
        try await Self.run { door, _ in
            for path in ["/admin/keys", "/admin/usage", "/admin/status", "/admin/nothing"] {
                #expect(try await door.send(.GET, path, token: "wrong").status == 401)
                #expect(try await door.send(.GET, path, token: door.token.text + "x").status == 401)
            }
            let status = try await door.send(.GET, "/admin/status")
            #expect(status.status == 200 && status.json?["models"] == [])
        }
    }

    @Test func usageIsExported() async throws {
        try await Self.run { door, _ in
            let key = APIKey(name: "k", credential: .secret(hash: .zero), isDevnet: true, terms: KeyTerms())
            try door.usage.open(key, model: "m", maximum: Amount(9), tokens: 1).charge(Amount(3))
            let json = try await door.send(.GET, "/admin/usage?key=k")
            #expect(json.json?["usage"]?.array?.first?["fee_ngonka"]?.number?.uint64 == 3)
            let csv = try await door.send(.GET, "/admin/usage?format=csv")
            #expect(csv.text.hasPrefix("key,date,model,") && csv.text.contains("k,20"))
            #expect(try await door.send(.GET, "/admin/usage?key=other").json?["usage"] == [])
        }
    }
}
