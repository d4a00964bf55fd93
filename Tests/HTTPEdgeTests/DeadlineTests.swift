import HTTPEdge
import NIOCore
import OpenAIWire
import Testing

/// Row E2 of the threat table: clients that send or take too slowly.
@Suite("Slow clients", .serialized, .timeLimit(.minutes(1)))
struct DeadlineTests {
    static func limits(_ change: (inout EdgeLimits) -> Void) -> EdgeLimits {
        var limits = EdgeLimits()
        change(&limits)
        return limits
    }

    static let shortHeader = limits { $0.headerDeadline = .milliseconds(200) }
    static let shortBody = limits { $0.bodyDeadline = .milliseconds(200) }
    static let post = "POST /count HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    static let unfinishedBody = post + "content-length: 9\r\n\r\n"
    static let ok = "GET /ok HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    static let held = "GET /held HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"

    static func expectRefusal(_ answer: String) { expect(answer, is: .requestTimeout, "too slow") }

    @Test("A head that does not end is answered with 408", arguments: ["", "G", "GET /ok HTTP/1.1\r\nhost: x\r\nx-y"])
    func slowHead(sent: String) async throws {
        try await TestEdge.serving(Self.shortHeader) { _, client in
            Self.expectRefusal(try await client.exchange(sent))
        }
    }

    @Test("A body that does not end is answered with 408", arguments: ["", "{\"a\""])
    func slowBody(sent: String) async throws {
        try await TestEdge.serving(Self.shortBody) { _, client in
            Self.expectRefusal(try await client.exchange(Self.unfinishedBody + sent))
        }
    }

    @Test("A body that goes on arriving, but too slowly, is answered with 408")
    func trickle() async throws {
        try await TestEdge.serving(Self.shortBody) { _, client in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.post + "transfer-encoding: chunked\r\n\r\n"))
                // A byte for every answer that somebody else gets.
                let trickle = Task {
                    while !Task.isCancelled {
                        try await outbound.write(ByteBuffer(string: "1\r\n \r\n"))
                        #expect(try await client.exchange(Self.ok).hasSuffix("fine\n"))
                    }
                }
                let answer = try? await RawClient.rest(of: &inbound)
                trickle.cancel()
                // A server that is cancelled while a connection comes in traps in NIO (its issue 2637): none may be on its way.
                _ = await trickle.result
                Self.expectRefusal(try #require(answer))
            }
        }
    }

    @Test("A request that was answered before its body came is not answered again")
    func answeredBefore() async throws {
        // Long enough for the answer on a busy machine.
        let limits = Self.limits { $0.bodyDeadline = .seconds(3) }
        try await TestEdge.serving(limits) { _, client in
            let answer = try await client.exchange("POST /hasty HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("before the body\n"))
        }
    }

    @Test("A late body behind a request that is being answered closes the connection and puts nothing into the answer")
    func behindAnother() async throws {
        try await TestEdge.serving(Self.shortBody) { _, client in
            let held = "GET /held HTTP/1.1\r\nhost: x\r\n\r\n"
            let answers = try await client.exchange(held + Self.unfinishedBody)
            #expect(answers.hasPrefix("HTTP/1.1 200 "))
            #expect(!answers.contains("408"))
        }
    }

    @Test("An answer in progress has no deadline of the request's")
    func longAnswer() async throws {
        let limits = Self.limits { ($0.headerDeadline, $0.bodyDeadline) = (.seconds(1), .milliseconds(200)) }
        try await TestEdge.serving(limits) { edge, client in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.held))
                #expect(try await RawClient.read(until: "begun", of: &inbound).hasPrefix("HTTP/1.1 200 "))
                // Connections that began later have run out of time.
                Self.expectRefusal(try await client.exchange(""))
                Self.expectRefusal(try await client.exchange(Self.unfinishedBody))
                edge.release.give()
                #expect(try await RawClient.rest(of: &inbound).hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test("A client that takes nothing of its answer loses its connection")
    func slowRead() async throws {
        try await TestEdge.serving(Self.limits { $0.stallDeadline = .milliseconds(200) }) { edge, client in
            try await client.connected { _, outbound in
                try await outbound.write(ByteBuffer(string: "GET /endless HTTP/1.1\r\nhost: x\r\n\r\n"))
                await edge.broken.wait()
            }
        }
    }

    @Test("Connections that send nothing keep nobody out: good clients are answered beside and after them")
    func manySlow() async throws {
        let limits = Self.limits { ($0.headerDeadline, $0.connectionsMax) = (.seconds(1), 100) }
        try await TestEdge.serving(limits) { _, client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<250 { group.addTask { Self.expectRefusal(try await client.exchange("GET ")) } }
                for _ in 0..<100 {
                    group.addTask {
                        let answer = try await client.exchange(Self.ok)
                        #expect(answer.hasSuffix("fine\n"))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
