import Messages
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import HostRoles

@Suite("Streams for gateways") struct AcceptTests {
    @Test("Whoever accepts nothing but events gets them, whatever the body says")
    func acceptsEvents() async throws {
        let scene = try await HostScene()
        try await ServerTests.serving(scene) { client in
            let voucher = VoucherHeader.text(await scene.voucher())
            let streamed = try await client.post(HostScene.question, voucher: voucher, accept: "text/event-stream")
            #expect((streamed.status, streamed.contentType) == (200, "text/event-stream"))
            let events = try streamed.events()
            #expect(events.last == .done)
            let chunks = events.compactMap { if case .chunk(let chunk) = $0 { chunk } else { nil } }
            #expect(chunks.flatMap(\.choices).compactMap(\.content).joined() == "Hello there")
            for accept in [nil, "application/json", "*/*"] as [String?] {
                let plain = try await client.post(HostScene.question, voucher: voucher, accept: accept)
                #expect((plain.status, plain.contentType) == (200, "application/json"))
                let response = try ChatCompletionResponse.parse(plain.body)
                #expect(response.choices.map(\.content) == ["Hello there"])
                #expect(response.gonka == chunks.last?.gonka, "one item, given again")
            }
        }
    }
}
