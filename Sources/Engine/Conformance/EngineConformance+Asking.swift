import EngineAPI
import ProtocolRules

/// What the checks ask an engine for.
extension EngineConformance {
    static let outputTokens = 24

    func require(_ holds: Bool, _ complaint: @autoclosure () -> String) throws(Nonconformity) {
        if !holds { throw Nonconformity(complaint()) }
    }

    /// A short conversation's prompt; another one for each number.
    func conversation(_ number: Int = 0) async throws(EngineError) -> [TokenID] {
        let questions = [
            "Write a few sentences about the sea.", "Name three rivers and say where they flow.",
            "Why is the sky blue?", "Tell a short story about a lighthouse.",
        ]
        return try await engine.render([
            ChatMessage(role: .user, content: "\(questions[number % questions.count]) (\(number))")
        ])
    }

    func itemSeed(_ number: Int) -> ItemSeed {
        ItemSeed(clientSeed: Int64(number), promptDigest: TokenDigest.digest(of: [TokenID]()), choice: 0)
    }

    /// A request for so many tokens, whatever the model would end with.
    func request(
        _ prompt: [TokenID], _ sampling: SamplingParameters = .plain, seed: Int = 1, begun: [TokenID] = [],
        tokens: Int = outputTokens
    ) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: sampling, seed: itemSeed(seed), maximumTokens: tokens, begun: begun,
            ignoresEndTokens: true)
    }

    func answer(_ request: GenerateRequest) async throws -> [GeneratedToken] {
        try await engine.generate(request).reduce(into: []) { $0.append($1) }
    }

    func score(
        _ output: [TokenID], of request: GenerateRequest, on scorer: (any Engine)? = nil
    ) async throws(EngineError) -> ScoreResult {
        try await (scorer ?? engine).score(
            ScoreRequest(
                prompt: request.prompt, output: output, sampling: request.sampling, seed: request.seed,
                constraints: request.constraints))
    }

    /// What an auditor finds in an answer: its margin, and how far its fingerprint is from the scorer's.
    func verdict(
        _ answer: [GeneratedToken], of request: GenerateRequest, by scorer: (any Engine)? = nil
    ) async throws -> Verdict {
        let output = request.begun + answer.map(\.token)
        let result = try await score(output, of: request, on: scorer)
        let positions = FingerprintPositions.positions(
            outputCount: answer.count, promptDigest: TokenDigest.digest(of: request.prompt),
            outputDigest: TokenDigest.digest(of: output))
        let margin = Margin(result, sampling: request.sampling, seed: request.seed)
        guard result.positions.count == output.count,
            let claimed = Fingerprint(answer.map(\.logProbabilities), at: positions),
            let scored = Fingerprint(
                Array(result.logProbabilities.dropFirst(request.begun.count)), at: positions),
            let verdict = Verdict(
                claimed: claimed.values, scored: scored.values, marginMicroNats: margin.microNats,
                thresholds: thresholds)
        else { throw Nonconformity("a score has not one position for each token") }
        return verdict
    }

    func requireHonest(_ verdict: Verdict, _ what: String) throws(Nonconformity) {
        try require(
            !verdict.marginExceeded,
            "\(what): margin \(verdict.marginMicroNats) of \(verdict.marginMicroNatsAllowed) micro-nats")
        try require(
            !verdict.fingerprintDiffers,
            "\(what): fingerprint \(verdict.distance * 10) of \(verdict.distanceTenthsAllowed) tenths of 1/512 nat")
    }
}
