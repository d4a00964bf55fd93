import EngineAPI
import ProtocolRules

/// A text that is embedded, with the one who waits for it.
struct EmbeddingJob: Sendable {
    let id: UInt64
    /// At least one.
    let tokens: [TokenID]
    let continuation: AsyncThrowingStream<[Float], any Error>.Continuation

    /// Ends the job without a result.
    func fail(_ error: EngineError) { continuation.finish(throwing: error) }
}
