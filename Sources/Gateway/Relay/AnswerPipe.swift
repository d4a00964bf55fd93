import NIOCore
import Synchronization

/// What has come of a host's answer and was not taken yet, between the task that reads it and the one that wants it.
///
/// At first one piece is read for each that is asked for; from `readsAhead` on, up to a bound, so that pieces that come together are
/// taken together.
final class AnswerPipe: Sendable {
    private struct State {
        var bytes = ByteBuffer()
        /// Why no more comes.
        var end: Result<Void, any Error>?
        var readsAhead = false
        /// Counts the times that somebody waited for bytes.
        var waits: UInt64 = 0
        /// The wait that is on, from before its timer is set: the timer may pass before the reader is in its place.
        var wait: UInt64?
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Bool, Never>?

        var mayRead: Bool {
            end == nil && (reader != nil || readsAhead && bytes.readableBytes < Limits.readAheadBytesMax)
        }

        /// The writer, where it may go on.
        mutating func writerToWake() -> CheckedContinuation<Bool, Never>? {
            guard mayRead else { return nil }
            defer { writer = nil }
            return writer
        }
    }

    private let state = Mutex(State())

    // MARK: The task that reads

    /// Waits until a piece is wanted; false where none ever will be.
    func mayRead() async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.mayRead { return true }
                if state.end != nil { return false }
                state.writer = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func put(_ piece: ByteBuffer) {
        let reader = state.withLock { state in
            if state.bytes.readableBytes == 0 { state.bytes = piece } else { state.bytes.writeImmutableBuffer(piece) }
            defer { (state.wait, state.reader) = (nil, nil) }
            return state.reader
        }
        reader?.resume()
    }

    /// Nothing comes any more; the first reason stands.
    func end(_ reason: Result<Void, any Error>) { end(reason, dropsBytes: false) { _ in true } }

    // MARK: Who wants it

    /// All that has come, or nil at the end.
    ///
    /// - Parameter waiting: called with the number of the wait, where there is one, before it begins.
    /// - Throws: why it ended.
    func take(readsAhead: Bool, waiting: (UInt64) -> Void = { _ in }) async throws -> ByteBuffer? {
        while true {
            let (taken, writer): (Result<ByteBuffer?, any Error>?, CheckedContinuation<Bool, Never>?) =
                state.withLock { state in
                    if readsAhead { state.readsAhead = true }
                    guard state.bytes.readableBytes == 0 else {
                        let bytes = state.bytes
                        state.bytes = ByteBuffer()
                        return (.success(bytes), state.writerToWake())
                    }
                    return (state.end.map { $0.map { nil } }, nil)
                }
            writer?.resume(returning: true)
            if let taken { return try taken.get() }
            await wait(waiting)
        }
    }

    private func wait(_ waiting: (UInt64) -> Void) async {
        let number = state.withLock { state in
            state.waits += 1
            // What came meanwhile is taken, whatever the timer says.
            state.wait = state.bytes.readableBytes == 0 ? state.waits : nil
            return state.waits
        }
        waiting(number)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (goesOn, writer) = state.withLock { state in
                    guard state.bytes.readableBytes == 0, state.end == nil else {
                        return (true, nil as CheckedContinuation<Bool, Never>?)
                    }
                    state.reader = continuation
                    return (false, state.writerToWake())
                }
                writer?.resume(returning: true)
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends it with a fault, if that wait is still on.
    ///
    /// - Returns: whether it was.
    func expire(_ wait: UInt64, _ fault: HostFault) -> Bool {
        end(.failure(fault), dropsBytes: false) { $0.wait == wait }
    }

    /// Ends it with `CancellationError`, whatever has come.
    func cancel() { end(.failure(CancellationError()), dropsBytes: true) { _ in true } }

    @discardableResult
    private func end(
        _ reason: Result<Void, any Error>, dropsBytes: Bool, where applies: (State) -> Bool
    ) -> Bool {
        let (ended, reader, writer) = state.withLock { state in
            guard state.end == nil || dropsBytes, applies(state) else {
                return (false, nil as CheckedContinuation<Void, Never>?, nil as CheckedContinuation<Bool, Never>?)
            }
            if dropsBytes { state.bytes = ByteBuffer() }
            state.end = state.end ?? reason
            defer { (state.wait, state.reader, state.writer) = (nil, nil, nil) }
            return (true, state.reader, state.writer)
        }
        reader?.resume()
        writer?.resume(returning: false)
        return ended
    }
}
