import EngineAPI
import ProtocolRules

/// A request on its way through the engine, with the one who waits for it.
struct Job: Sendable {
    enum Work: Sendable {
        case generate(GenerateRequest, AsyncThrowingStream<GeneratedToken, any Error>.Continuation)
        /// One result, then the end.
        case score(ScoreRequest, AsyncThrowingStream<ScoreResult, any Error>.Continuation)
    }

    let id: UInt64
    let work: Work
    /// The request's, checked.
    let constraints: PreparedConstraints

    var turn: EngineTurn {
        switch work {
        case .generate(let request, _): request.turn
        case .score(let request, _): request.turn
        }
    }

    /// Ends the job without a result.
    func fail(_ error: EngineError) {
        switch work {
        case .generate(_, let continuation): continuation.finish(throwing: error)
        case .score(_, let continuation): continuation.finish(throwing: error)
        }
    }

    /// The tokens that have to be fed before the first choice or for the whole score.
    var tokens: [TokenID] {
        switch work {
        case .generate(let request, _): request.prompt + request.begun
        case .score(let request, _): request.prompt + request.output.dropLast()
        }
    }

    /// How many tokens are fed before the first whose row of logits is wanted: all that is given but the last.
    var countBeforeRows: Int {
        switch work {
        case .generate(let request, _): request.prompt.count + request.begun.count - 1
        case .score(let request, _): request.prompt.count - 1
        }
    }
}
