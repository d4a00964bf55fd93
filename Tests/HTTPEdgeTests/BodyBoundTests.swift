import HTTPEdge
import NIOCore
import Testing

/// Rows E3 and E5 of the threat table: bodies that are too long, compressed, or of another kind.
@Suite("Bodies", .timeLimit(.minutes(2)))
struct BodyBoundTests {
    static let bytesMax = EdgeLimits().bodyBytesMax

    static func request(_ fields: String, _ body: String) -> String {
        "POST /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\(fields)\r\n\(body)"
    }

    static func json(_ count: Int) -> String {
        request(
            "content-type: application/json\r\ncontent-length: \(count)\r\n", String(repeating: " ", count: count))
    }

    static func chunked(_ count: Int) -> String {
        request(
            "content-type: application/json\r\ntransfer-encoding: chunked\r\n",
            "\(String(count, radix: 16))\r\n\(String(repeating: " ", count: count))\r\n0\r\n\r\n")
    }

    @Test("At the bound a body is read, one over it is refused, whether its length is told or not")
    func bounds() async throws {
        try await TestEdge.serving { _, client in
            for request in [Self.json, Self.chunked] {
                #expect(try await client.exchange(request(Self.bytesMax)).hasSuffix("\(Self.bytesMax) bytes\n"))
                let refused = try await client.exchange(request(Self.bytesMax + 1))
                #expect(refused.hasPrefix("HTTP/1.1 413 "))
                #expect(refused.contains(#""code":"request_too_large""#))
            }
        }
    }

    @Test(
        "Nothing is unpacked: a compressed body and one of several parts are refused unread",
        arguments: [
            "content-type: application/json\r\ncontent-encoding: gzip\r\n",
            "content-type: application/json\r\ncontent-encoding: deflate\r\n",
            "content-type: application/json\r\ncontent-encoding: br, gzip\r\n",
            "content-type: multipart/form-data; boundary=x\r\n",
        ])
    func kinds(fields: String) async throws {
        let body = String(repeating: "x", count: 1 << 20)
        try await TestEdge.serving { _, client in
            let fields = fields + "content-length: \(body.utf8.count)\r\n"
            let refused = try await client.exchange(Self.request(fields, body))
            #expect(refused.hasPrefix("HTTP/1.1 415 "))
            #expect(refused.contains(#""code":"unsupported_media_type""#))
        }
    }
}
