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
    /// All of it. The client's own deadline ends with the head: who sends a byte now and then, or nothing after the first, would hold
    /// a reader for as long as the client lets a connection be silent, or for ever.
    ///
    /// - Parameters:
    ///   - bytesMax: its greatest length.
    ///   - deadline: when the last piece must have come.
    ///   - now: the time at which a piece came; another one for tests.
    /// - Throws: `BodyFault`, `CancellationError`, or what the client throws.
    package func whole(
        upTo bytesMax: Int, by deadline: NIODeadline, now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) async throws -> Bytes {
        try await withThrowingTaskGroup(of: Bytes.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await pieces(upTo: bytesMax, by: deadline, now: now) }
            group.addTask {
                try await Task.sleep(for: .nanoseconds((deadline - .now()).nanoseconds))
                throw BodyFault.tooSlow
            }
            guard let bytes = try await group.next() else { throw CancellationError() }
            return bytes
        }
    }

    private func pieces(
        upTo bytesMax: Int, by deadline: NIODeadline, now: () -> NIODeadline
    ) async throws -> Bytes {
        var bytes = Bytes()
        for try await piece in self {
            guard piece.readableBytes <= bytesMax - bytes.count else { throw BodyFault.tooLong }
            bytes.append(contentsOf: piece.readableBytesView)
            guard now() < deadline else { throw BodyFault.tooSlow }
        }
        // A body ends early, and without an error, for a task that is cancelled.
        try Task.checkCancellation()
        return bytes
    }
}
