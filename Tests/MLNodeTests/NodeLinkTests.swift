import EngineAPI
import FaultyLink
import NIOCore
import ProtocolRules
import StubEngine
import Testing

@testable import RemoteEngine

/// What a host's engine makes of an ML node whose connection breaks off, falls silent or lies.
@Suite("An ML node behind a faulty link", .timeLimit(.minutes(1)))
struct NodeLinkTests {
    /// Runs `body` with an engine behind a link that let it connect.
    private static func linked(
        silence: TimeAmount = .seconds(15), backOff: BackOff = BackOff(shortest: .zero),
        _ body: @escaping @Sendable (FaultyLink, RemoteEngine) async throws -> Void
    ) async throws {
        try await NodeScene.serving(ScriptedEngine()) { node in
            try await FaultyLink.to(node.url) { link in
                var connected: RemoteEngine?
                while connected == nil {
                    do throws(EngineError) {
                        connected = try await RemoteEngine(
                            url: link.url, token: NodeScene.token, silence: silence, backOff: backOff)
                    } catch {
                        guard error.isTransient, !Task.isCancelled else { throw error }
                    }
                }
                let engine = try #require(connected)
                do { try await body(link, engine) } catch {
                    try await engine.close()
                    throw error
                }
                try await engine.close()
            }
        }
    }

    /// What came of an answer, and how it ended.
    private static func generate(_ engine: RemoteEngine) async -> (tokens: [GeneratedToken], error: EngineError?) {
        var tokens: [GeneratedToken] = []
        do {
            for try await token in engine.generate(Asked.generate()) { tokens.append(token) }
            return (tokens, nil)
        } catch {
            return (tokens, error as? EngineError)
        }
    }

    @Test(
        "An answer that breaks off ends with an error that trying again may help, and does",
        arguments: [
            LinkFault.cutsRequest(after: 50), .cutsAnswer(.byte(0)), .cutsAnswer(.before("log_prob")),
            .cutsAnswer(.after("log_prob", 1_000)), .cutsAnswer(.before("[DONE]")),
        ])
    func cut(fault: LinkFault) async throws {
        try await Self.linked { link, engine in
            link.next([fault])
            let broken = await Self.generate(engine)
            #expect(broken.error?.isTransient == true)
            let whole = await Self.generate(engine)
            #expect(whole.error == nil && whole.tokens.count == 12)
            link.next([fault])
            let output = whole.tokens.map(\.token)
            await #expect(throws: EngineError.self) { try await engine.score(Asked.score(output)) }
            let scored = try await engine.score(Asked.score(output))
            #expect(scored.positions.count == 12)
        }
    }

    @Test(
        "A node that falls silent is given up after the longest silence, and asked again later",
        arguments: [LinkFault.silences(.byte(0)), .silences(.before(#""end":"#))])
    func silence(fault: LinkFault) async throws {
        try await Self.linked(silence: .seconds(2)) { link, engine in
            link.next([fault])
            let silent = await Self.generate(engine)
            #expect(silent.error?.isTransient == true)
            // A machine with much to do is silent, too; it is asked until it is not.
            while await Self.generate(engine).error != nil { try Task.checkCancellation() }
        }
    }

    @Test("A node that broke off is left alone for a moment")
    func backsOff() async throws {
        try await Self.linked(backOff: BackOff(shortest: .seconds(3_600))) { link, engine in
            link.next([.cutsAnswer(.before(#""end":"#))])
            _ = await Self.generate(engine)
            let before = link.exchanges
            #expect(await Self.generate(engine).error?.isTransient == true)
            #expect(link.exchanges == before)
        }
    }

    /// A number becomes a letter, a word another one, a token's text another token's.
    @Test(
        "An event in which a byte was changed ends the answer, and not the engine",
        arguments: [LinkFault.changes(.after(#""token":"#)), .changes(.after(#""text":""#)), .changes(.after(#""to"#))])
    func changed(fault: LinkFault) async throws {
        try await Self.linked { link, engine in
            link.next([fault])
            let damaged = await Self.generate(engine)
            guard case .failed = damaged.error else { throw EngineError.failed(reason: "\(damaged)") }
            #expect(damaged.tokens.isEmpty)
            #expect(await Self.generate(engine).tokens.count == 12)
        }
    }

    @Test("The answer to another request is given up where it is longer than what was asked for, or shorter")
    func replayed() async throws {
        try await Self.linked { link, engine in
            let before = link.exchanges
            #expect(await Self.generate(engine).tokens.count == 12)
            link.next([.replays(link.answer(before))])
            let short = try await Self.error { try await Asked.tokens(Asked.generate(tokens: 5), of: engine) }
            guard case .failed = short else { throw short }
            link.next([.replays(link.answer(before))])
            let scored = try await Self.error { try await engine.score(Asked.score([97, 98])) }
            guard case .failed = scored else { throw scored }
        }
    }

    private static func error(_ work: () async throws -> some Any) async throws -> EngineError {
        do { _ = try await work() } catch let error as EngineError { return error }
        throw EngineError.failed(reason: "it was believed")
    }
}
