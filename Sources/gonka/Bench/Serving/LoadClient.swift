import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives

/// Asks over kept connections and notes when the answer came.
struct LoadClient: Sendable {
    /// The most connections to one server, and so the most requests at once.
    static let connectionsMax = 64
    private static let timeout = TimeAmount.seconds(30)

    /// From just before the request is sent.
    struct Timing: Sendable {
        /// To the first bytes of the answer's body.
        let first: Duration
        let whole: Duration
    }

    private let client: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsMax
        client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
    }

    func close() async throws { try await client.shutdown() }

    /// Posts a request and reads the whole answer.
    ///
    /// - Throws: `OperatorError` where it is not whole: an error, or a stream that broke off.
    func ask(_ request: HTTPClientRequest) async throws -> Timing {
        let start = ContinuousClock.now
        let answer = try await pieces(of: request) { ContinuousClock.now }
        let end = ContinuousClock.now
        guard let first = answer.marks.first else { throw OperatorError("an answer at \(request.url) was empty.") }
        return Timing(first: start.duration(to: first), whole: start.duration(to: end))
    }

    /// The answer's body in the pieces in which it came.
    func body(of request: HTTPClientRequest) async throws -> [ByteBuffer] {
        try await pieces(of: request) { 0 }.pieces
    }

    /// Waits until a server answers 200 there.
    func waitUntilReady(_ url: String, within patience: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if let response = try? await client.execute(HTTPClientRequest(url: url), timeout: Self.timeout) {
                _ = try await response.body.collect(upTo: 1 << 20)
                if response.status == .ok { return }
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw OperatorError("\(url) was not ready within \(patience); run the benchmark on an idle machine.")
    }

    private func pieces<Mark>(
        of request: HTTPClientRequest, marking mark: () -> Mark
    ) async throws -> (pieces: [ByteBuffer], marks: [Mark]) {
        let response = try await client.execute(request, timeout: Self.timeout)
        var pieces: [ByteBuffer] = []
        var marks: [Mark] = []
        for try await piece in response.body {
            marks.append(mark())
            pieces.append(piece)
        }
        let end = pieces.last.map { Bytes(buffer: $0).suffix(16) } ?? []
        let isWhole = end.last == UInt8(ascii: "}") || String(decoding: end, as: UTF8.self).hasSuffix("[DONE]\n\n")
        guard response.status == .ok, isWhole else {
            let text = pieces.map { String(buffer: $0) }.joined().prefix(300)
            throw OperatorError("\(request.url) answered \(response.status.code): \(text)")
        }
        return (pieces, marks)
    }
}

/// A port that nobody listens on now.
enum FreePort {
    static func find() async throws -> Int {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port
        try await channel.close()
        guard let port else { throw OperatorError("no free port was found on 127.0.0.1.") }
        return port
    }
}
