import EngineAPI
import ProtocolRules

/// An answer before anybody checked it.
struct Answer: Sendable {
    let request: GenerateRequest
    /// What is begun in the request is not among them.
    let tokens: [GeneratedToken]
}

/// What calibration asks of an engine, many items at once.
struct EngineWork: Sendable {
    let engine: any Engine

    /// Answers in a host's way: as many at once as its shape says.
    func answers(_ requests: [GenerateRequest], in shape: HostShape) async throws -> [Answer] {
        guard shape.readsInPieces else { return try await answers(requests, atOnce: shape.sequences) }
        // One sequence generates already when the others come, all at once.
        let wave = max(1, shape.sequences - 1)
        var answers: [Answer] = []
        for start in stride(from: 0, to: requests.count, by: wave) {
            let part = Array(requests[start..<min(start + wave, requests.count)])
            answers += try await besideGeneration(part[0]) { try await self.answers(part, atOnce: wave) }
        }
        return answers
    }

    func answers(_ requests: [GenerateRequest], atOnce: Int) async throws -> [Answer] {
        try await concurrently(requests, atOnce: atOnce) { request in
            Answer(request: request, tokens: try await engine.generate(request).reduce(into: []) { $0.append($1) })
        }
    }

    /// The model's view of each output.
    func scores(
        _ items: [(request: GenerateRequest, output: [TokenID])], atOnce: Int
    ) async throws -> [ScoreResult] {
        let requests = items.map { item in
            ScoreRequest(
                prompt: item.request.prompt, output: item.output, sampling: item.request.sampling,
                seed: item.request.seed)
        }
        return try await concurrently(requests, atOnce: atOnce) { try await engine.score($0) }
    }

    /// Runs `work` while another sequence generates: it has its first token before and ends with the work.
    private func besideGeneration<Result: Sendable>(
        _ request: GenerateRequest, _ work: () async throws -> Result
    ) async throws -> Result {
        let other = GenerateRequest(
            prompt: request.prompt, sampling: .plain, seed: request.seed,
            maximumTokens: engine.capabilities.contextTokens - request.prompt.count, ignoresEndTokens: true)
        var tokens = engine.generate(other).makeAsyncIterator()
        _ = try await tokens.next()
        let result = try await work()
        // Used once more, so that nothing ends the other sequence early.
        withExtendedLifetime(tokens) {}
        return result
    }
}
