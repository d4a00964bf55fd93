import FaultyLink
import Messages
import NIOCore
import OpenAIWire
import Primitives
import StubEngine
import Testing

@testable import HostRoles

/// What an executor makes of an ML node whose connection breaks off, falls silent or lies.
@Suite("Executors whose ML node is behind a faulty link", .serialized, .timeLimit(.minutes(2)))
struct ExecutorLinkTests {
    private static let engine = ScriptedEngine(model: "test-model", answer: "Hello there")

    @Test(
        "An answer that the node does not end is an error, nobody is charged, and the next try is answered",
        arguments: [
            LinkFault.cutsRequest(after: 80), .cutsAnswer(.byte(0)), .cutsAnswer(.before(#""text":"t""#)),
            .cutsAnswer(.before(#""end":"#)), .silences(.before(#""text":"t""#)),
            .changes(.after(#""token":"#)), .changes(.after(#""text":""#)),
        ])
    func failing(fault: LinkFault) async throws {
        try await LinkedNode.serving(Self.engine, silence: .seconds(10)) { link, remote in
            let scene = try await HostScene(engine: remote)
            // The prompt is rendered, and then answered.
            link.next([.none, fault])
            let request = await scene.request()
            await #expect(throws: OpenAIError.engineFailed) {
                try await HostScene.whole(try await scene.executor.answer(request))
            }
            #expect(try await scene.store.item(1, number: 1) == nil)
            let again = try await HostScene.whole(try await scene.executor.answer(request))
            #expect(again.text == "Hello there")
            #expect(again.item.item.serving?.number == 1, "the first that the host can claim")
        }
    }
}
