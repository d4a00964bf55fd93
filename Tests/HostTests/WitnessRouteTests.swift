import Cryptography
import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import Messages
import NIOCore
import OpenAIWire
import OrderingAPI
import Primitives
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles
@testable import HostServer

/// `POST /v1/witness` over real sockets, with executors that answer, refuse, hang and are not there.
@Suite("Witnesses over HTTP", .timeLimit(.minutes(2))) struct WitnessRouteTests {
    /// Runs a server that does one thing with every request for an answer.
    private static func executor(
        _ answer: @escaping @Sendable (Request) async throws -> Response, _ body: (String) async throws -> Void
    ) async throws {
        let router = Router(context: EdgeContext.self)
        router.post("/v1/chat/completions") { request, _ in try await answer(request) }
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = EdgeServer(address: EdgeServer.Address(port: 0), router: router, logger: silent)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { bound.yield($0) } }
        defer { running.cancel() }
        for await port in ports { return try await body("http://127.0.0.1:\(port)") }
    }

    private static func request() async throws -> SignedRequest {
        let scene = try await HostScene()
        return await scene.request()
    }

    @Test("A dead, a hanging, a busy and a live executor are told apart")
    func forwarding() async throws {
        let request = try await Self.request()
        let (forwarder, hasty) = (
            HTTPRequestForwarder(wait: .seconds(120)), HTTPRequestForwarder(wait: .milliseconds(300))
        )
        for url in ["http://127.0.0.1:1", "ftp://127.0.0.1", "http://user@127.0.0.1:1", "nowhere"] {
            #expect(try await forwarder.forward(request, to: url) == .nothing, "\(url)")
        }
        let never = Turnstile()
        try await Self.executor { _ in
            try await never.pass()
            return Response(status: .ok)
        } _: { url in
            let reply = try await hasty.forward(request, to: url)
            #expect(reply == .nothing)
        }
        for status in [.ok, .badRequest, .tooManyRequests, .serviceUnavailable] as [HTTPResponse.Status] {
            try await Self.executor { _ in
                Response(status: status)
            } _: { url in
                let reply = try await forwarder.forward(request, to: url)
                #expect(reply == .status(UInt(status.code)))
            }
        }
        try await hasty.close()
        try await forwarder.close()
    }

    @Test("An executor gets exactly what a gateway would send, and its redirect leads nowhere")
    func fidelity() async throws {
        let request = try await Self.request()
        let forwarder = HTTPRequestForwarder(wait: .seconds(10))
        let (seen, see) = AsyncStream<(HTTPFields, Bytes)>.makeStream()
        try await Self.executor { request in
            see.yield((request.headers, Bytes(buffer: try await request.body.collect(upTo: 1 << 20))))
            return Response(status: .temporaryRedirect, headers: [.location: "http://127.0.0.1:1/"])
        } _: { url in
            let reply = try await forwarder.forward(request, to: url)
            #expect(reply == .status(307))
        }
        see.finish()
        var all: [(HTTPFields, Bytes)] = []
        for await one in seen { all.append(one) }
        #expect(all.count == 1)
        #expect(all.first?.1 == request.body)
        let name = try #require(HTTPField.Name(VoucherHeader.name))
        #expect(all.first?.0[name] == VoucherHeader.text(request.voucher))
        #expect(all.first?.0[.contentType] == "application/json")
        try await forwarder.close()
    }

    /// Puts the second host of a ledger at `url`.
    private static func move(_ scene: HostScene, to url: String) async throws {
        try await scene.ledger.run { ledger in
            let host = ledger.hosts[1]
            let result = try ledger.run(
                MsgUpdateHost(host: host.address, url: url, models: [ledger.model]), by: host.account)
            try #require(result.isAccepted)
        }
        try await scene.keeper.step()
    }

    @Test("A gateway learns from a witness that an executor lives, or gets a statement that it does not")
    func wholeWay() async throws {
        let forwarder = HTTPRequestForwarder(wait: .seconds(10))
        let witness = try await HostScene(forwarder: forwarder)
        let executor = try await HostScene(ledger: witness.ledger, host: 1)
        try await ServerTests.serving(witness) { client in
            try await ServerTests.serving(executor) { live in
                try await Self.move(witness, to: live.url)
                try await executor.keeper.step()
                let voucher = VoucherHeader.text(await WitnessTests.voucher(witness))
                let answer = try await client.post(HostScene.question, voucher: voucher, to: WitnessTests.path)
                #expect((answer.status, answer.body) == (204, []))
            }
            while try await executor.store.item(1, number: 1) == nil {
                try Task.checkCancellation()
                await Task.yield()
            }
            try await Self.move(witness, to: "http://127.0.0.1:1")
            let voucher = await WitnessTests.voucher(witness, sequence: 2)
            let answer = try await client.post(
                HostScene.question, voucher: VoucherHeader.text(voucher), to: WitnessTests.path)
            #expect((answer.status, answer.contentType) == (200, "application/octet-stream"))
            let statement = try Signed<MissStatement>.decode(answer.body)
            #expect(statement.isValid(under: witness.identity.operatorKey.publicKey))
            #expect(
                statement.statement
                    == MissStatement(
                        chainID: TestLedger.chainID, witness: witness.identity.address,
                        voucherDigest: .sha256(voucher.statement.encoded()), reason: .silence))
        }
        try await forwarder.close()
    }

    @Test("Whoever may not ask is told so before the body is read; bodies are bounded and paid for")
    func form() async throws {
        let forwarder = ScriptedForwarder()
        let scene = try await HostScene(forwarder: forwarder)
        let good = VoucherHeader.text(await WitnessTests.voucher(scene))
        let own = VoucherHeader.text(await scene.voucher())
        let long = String(repeating: " ", count: EdgeLimits().bodyBytesMax + 1)
        let budget = BodyBudget(bytesMax: 1 << 20)
        try await ServerTests.serving(scene, bodies: budget) { client in
            for (body, voucher, contentType, code) in [
                (HostScene.question, nil, "application/json", "voucher_required"),
                (HostScene.question, "AAAA", "application/json", "voucher_invalid"),
                (long, own, "application/json", "witness_not_drawn"),
                (String(repeating: " ", count: 2 << 20), good, "application/json", "overloaded"),
                (HostScene.question, good, "text/plain", "unsupported_media_type"),
                ("{}", good, "application/json", "voucher_digest_mismatch"),
            ] as [(String, String?, String, String)] {
                let answer = try await client.post(
                    body, voucher: voucher, contentType: contentType, to: WitnessTests.path)
                #expect(answer.errorCode == code)
            }
            #expect(await forwarder.urls == [])
            let answer = try await client.post(HostScene.question, voucher: good, to: WitnessTests.path)
            #expect(answer.status == 200)
        }
        #expect(budget.bytesUsed == 0)
        #expect(await forwarder.urls.count == 1)
    }
}
