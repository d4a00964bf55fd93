import HTTPEdge
import NIOCore
import OpenAIWire
import Testing

/// Row E4 of the threat table: too many header fields, or too large ones.
@Suite("Headers over their bounds", .timeLimit(.minutes(1)))
struct HeaderBoundTests {
    static let limits = EdgeLimits()
    static let closing = "host: x\r\nconnection: close\r\n"

    static func request(_ fields: String) -> String { "GET /ok HTTP/1.1\r\n\(closing)\(fields)\r\n" }

    /// `count` short fields.
    static func fields(_ count: Int) -> String { (0..<count).map { "x-\($0): y\r\n" }.joined() }

    /// A field such that path, names and values of a request have `total` bytes together.
    static func field(upTo total: Int) -> String {
        "x: \(String(repeating: "y", count: total - "/okhostxconnectioncloseX".utf8.count))\r\n"
    }

    static func expectRefusal(_ answer: String, _ comment: Comment) {
        expect(answer, is: .headersTooLarge, comment)
    }

    @Test("At the bound a request is answered, one over it is refused")
    func bounds() async throws {
        try await TestEdge.serving { _, client in
            let many = try await client.exchange(Self.request(Self.fields(Self.limits.headerCountMax - 2)))
            #expect(many.hasPrefix("HTTP/1.1 200 "))
            let large = try await client.exchange(Self.request(Self.field(upTo: Self.limits.headerBytesMax)))
            #expect(large.hasPrefix("HTTP/1.1 200 "))
            Self.expectRefusal(
                try await client.exchange(Self.request(Self.fields(Self.limits.headerCountMax - 1))), "fields")
            Self.expectRefusal(
                try await client.exchange(Self.request(Self.field(upTo: Self.limits.headerBytesMax + 1))), "bytes")
        }
    }

    @Test("A bomb is refused, and the others are answered")
    func bombs() async throws {
        let bombs = [
            "65,536 fields": Self.fields(65_536),
            "a field of 80 KiB": "x: \(String(repeating: "y", count: 80 << 10))\r\n",
            "2 MiB in long fields": String(repeating: "x: \(String(repeating: "y", count: 8_000))\r\n", count: 262),
            "2 MiB in one field that never ends": "x: \(String(repeating: "y", count: 2 << 20))",
        ]
        try await TestEdge.serving { _, client in
            for (name, fields) in bombs {
                Self.expectRefusal(try await client.exchange(Self.request(fields)), "\(name)")
                #expect(try await client.exchange(Self.request("")).hasSuffix("fine\n"), "after \(name)")
            }
        }
    }

    @Test("A second request over the bound is refused after the first one's answer")
    func secondRequest() async throws {
        try await TestEdge.serving { _, client in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /ok HTTP/1.1\r\nhost: x\r\n\r\n"))
                _ = try await RawClient.read(until: "fine\n", of: &inbound)
                try await outbound.write(ByteBuffer(string: Self.request(Self.fields(200))))
                Self.expectRefusal(try await RawClient.rest(of: &inbound), "on the same connection")
            }
        }
    }

    @Test("In the middle of an answer nothing is put into it: the connection is closed")
    func inTheMiddle() async throws {
        try await TestEdge.serving { _, client in
            try await client.connected { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /held HTTP/1.1\r\nhost: x\r\n\r\n"))
                let begun = try await RawClient.read(until: "begun", of: &inbound)
                try await outbound.write(ByteBuffer(string: Self.request(Self.fields(200))))
                let rest = try await RawClient.rest(of: &inbound)
                #expect(begun.hasPrefix("HTTP/1.1 200 "))
                #expect(rest.isEmpty || rest == "\r\n")
            }
        }
    }
}
