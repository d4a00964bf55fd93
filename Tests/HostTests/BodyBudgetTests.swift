import AsyncHTTPClient
import HTTPEdge
import HostRoles
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import StubEngine
import Testing

@Suite("What requests in flight may hold")
struct BodyBudgetTests {
    /// A question of `length` bytes.
    private static func body(_ length: Int, streams: Bool = true) -> String {
        let question = #"{"model":"test-model","stream":\#(streams),"messages":[{"role":"user","content":"Hi"}]}"#
        return question + String(repeating: " ", count: length - question.utf8.count)
    }

    @Test("A voucher that nobody signed is refused before its request is read")
    func refusedBeforeTheBody() async throws {
        let scene = try await HostScene()
        let bodies = BodyBudget()
        try await ServerTests.serving(scene, bodies: bodies) { client in
            var voucher = await scene.voucher()
            voucher.signature[0] ^= 1
            // The body begins and never ends.
            let (parts, source) = AsyncStream<ByteBuffer>.makeStream()
            source.yield(ByteBuffer(string: "{"))
            var request = HTTPClientRequest(url: client.url + "/v1/chat/completions")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.headers.add(name: VoucherHeader.name, value: VoucherHeader.text(voucher))
            request.body = .stream(parts, length: .known(Int64(10 << 20)))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
            #expect(response.status.code == 401)
            source.finish()
        }
        #expect(bodies.bytesUsed == 0)
    }

    @Test("Bodies in flight share one budget; what is over it is told to come back", arguments: [false, true])
    func sharedBudget(streams: Bool) async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() })
        let bodies = BodyBudget(bytesMax: 1_000)
        let body = Self.body(600, streams: streams)
        try await ServerTests.serving(scene, bodies: bodies) { client in
            let vouchers = [await scene.voucher(body, sequence: 1), await scene.voucher(body, sequence: 2)].map {
                VoucherHeader.text($0)
            }
            let first = Task { try await client.post(body, voucher: vouchers[0]) }
            await turnstile.waitForArrivals(1)
            #expect(bodies.bytesUsed == 600)
            let refusal = try await client.post(body, voucher: vouchers[1])
            #expect((refusal.status, refusal.errorCode, refusal.retryAfter) == (503, "overloaded", "1"))
            await turnstile.open()
            #expect(try await first.value.status == 200)
            while bodies.bytesUsed > 0 { await Task.yield() }
            #expect(try await client.post(body, voucher: vouchers[1]).status == 200)
        }
        while bodies.bytesUsed > 0 { await Task.yield() }
    }

    @Test("A client that leaves gives back what its body held")
    func disconnect() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() })
        let bodies = BodyBudget(bytesMax: 1_000)
        let body = Self.body(600)
        try await ServerTests.serving(scene, bodies: bodies) { client in
            let voucher = VoucherHeader.text(await scene.voucher(body))
            let asking = Task { try await client.post(body, voucher: voucher) }
            await turnstile.waitForArrivals(1)
            asking.cancel()
            _ = await asking.result
            while bodies.bytesUsed > 0 { await Task.yield() }
            await scene.executor.load.waitUntilIdle()
        }
    }
}
