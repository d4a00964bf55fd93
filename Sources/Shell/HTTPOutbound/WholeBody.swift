import AsyncHTTPClient
import NIOCore
import Primitives

/// Why a body was not read to its end.
package enum BodyFault: Error, Equatable {
    case tooLong
    /// It would not have been whole in time.
    case tooSlow
}

extension HTTPClientResponse.Body {
    /// All of it. The client's own deadline ends with the head: who sends a byte now and then would hold a reader for ever.
    ///
    /// - Parameters:
    ///   - bytesMax: its greatest length.
    ///   - deadline: looked at after each piece; how long one piece may take is the client's read timeout.
    ///   - now: the time; another one for tests.
    /// - Throws: `BodyFault`, or what the client throws.
    package func whole(
        upTo bytesMax: Int, by deadline: NIODeadline, now: @Sendable () -> NIODeadline = { .now() }
    ) async throws -> Bytes {
        var bytes = Bytes()
        for try await piece in self {
            guard piece.readableBytes <= bytesMax - bytes.count else { throw BodyFault.tooLong }
            bytes.append(contentsOf: piece.readableBytesView)
            guard now() < deadline else { throw BodyFault.tooSlow }
        }
        return bytes
    }
}
