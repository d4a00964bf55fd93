import EngineAPI

/// Work that somebody waits for.
protocol AwaitedJob: Sendable {
    /// A number that no other job has.
    var id: UInt64 { get }

    /// Ends the job without a result; one that is over stays as it was.
    func fail(_ error: EngineError)
}

extension Job: AwaitedJob {}
extension EmbeddingJob: AwaitedJob {}
