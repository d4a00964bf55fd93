import EngineAPI
import Foundation
import ProtocolRules

/// Margins, fingerprints, candidates: what auditors rely on.
extension EngineConformance {
    func seedBinding() async throws -> String {
        try require(engine.capabilities.bindsTokensToSeed, "it says that its tokens are bound to no seed")
        var worst: UInt64 = 0
        for number in 0..<3 {
            let request = request(try await conversation(number), seed: number)
            let verdict = try await verdict(try await answer(request), of: request)
            try require(
                !verdict.marginExceeded,
                "its tokens are not those of the seed: margin \(verdict.marginMicroNats) of "
                    + "\(verdict.marginMicroNatsAllowed) micro-nats")
            worst = max(worst, verdict.marginMicroNats)
        }
        return "3 answers, margin at most \(worst) of \(thresholds.marginMicroNatsMax) micro-nats"
    }

    func fingerprint() async throws -> String {
        var worst: UInt64 = 0
        for number in 0..<3 {
            let request = request(try await conversation(number), seed: number + 10)
            let verdict = try await verdict(try await answer(request), of: request)
            try require(
                !verdict.fingerprintDiffers,
                "what it noted and what it scores differ: \(verdict.distance * 10) of "
                    + "\(verdict.distanceTenthsAllowed) tenths of 1/512 nat")
            worst = max(worst, verdict.distance * 10)
        }
        return "3 answers, noted and scored alike: at most \(worst) tenths of 1/512 nat over all values"
    }

    func sampling() async throws -> String {
        let kinds: [(String, SamplingParameters)] = [
            ("top_k 1", try SamplingParameters(topK: 1)),
            ("top_k 20", try SamplingParameters(topK: 20)),
            ("top_p 0.5", try SamplingParameters(topP: 500_000)),
            ("min_p 0.1", try SamplingParameters(minP: 100_000)),
            ("temperature 0.3", try SamplingParameters(temperature: 300_000)),
            ("temperature 2", try SamplingParameters(temperature: 2_000_000)),
            ("presence_penalty 1.5", try SamplingParameters(presencePenalty: 1_500_000)),
            ("frequency_penalty 2", try SamplingParameters(temperature: 0, frequencyPenalty: 2_000_000)),
        ]
        for (number, (name, sampling)) in kinds.enumerated() {
            let request = request(try await conversation(number), sampling, seed: number + 20)
            try requireHonest(try await verdict(try await answer(request), of: request), name)
        }
        return "\(kinds.count) kinds, each as the protocol draws"
    }

    /// A score that finds nothing in tokens of nobody's choice would let every cheat pass.
    func forgery() async throws -> String {
        let request = request(try await conversation(1), seed: 30)
        var output = try await answer(request).map(\.token)
        for place in stride(from: 0, to: output.count, by: 3) {
            output[place] = (output[place] + 1 + UInt32(place)) % engine.capabilities.vocabularySize
        }
        let margin = Margin(
            try await score(output, of: request), sampling: request.sampling, seed: request.seed)
        try require(
            margin.microNats > thresholds.marginMicroNatsMax,
            "every third token was changed, and its score finds a margin of \(margin.microNats) micro-nats only")
        return "every third token changed: \(margin.microNats) micro-nats, \(thresholds.marginMicroNatsMax) allowed"
    }

    func candidates() async throws -> String {
        let request = request(try await conversation(), .greedy)
        let output = try await answer(request).map(\.token)
        let result = try await score(output, of: request)
        let count = min(SamplingParameters.candidateCount, Int(engine.capabilities.vocabularySize))
        for position in result.positions {
            let candidates = position.candidates
            try require(candidates.count == count, "\(candidates.count) candidates, not the \(count) highest logits")
            try require(Set(candidates.map(\.token)).count == count, "a candidate stands twice")
            try require(
                zip(candidates, candidates.dropFirst()).allSatisfy { $0.logit >= $1.logit },
                "candidates do not descend")
            try require(
                candidates.contains { $0.token == position.token && $0.logit == position.logit },
                "a token taken greedily is no candidate, or has two logits")
        }
        return "\(count) a position, descending"
    }

    /// An output of the very tokens that the seed designates: what is noted of both is one number, and fits the logits.
    func designated() async throws -> String {
        let request = request(try await conversation(2), seed: 40)
        let noise = TokenNoise(request.seed)
        let output = (0..<UInt32(Self.designatedTokens)).map {
            noise.designatedToken(position: $0, vocabularySize: engine.capabilities.vocabularySize)
        }
        let result = try await score(output, of: request)
        var worst = 0.0
        for position in result.positions {
            let pair = position.logProbabilities
            try require(pair.taken.isFinite && pair.designated.isFinite, "a log-probability of a token is −∞")
            worst = max(worst, abs(pair.taken - pair.designated))
            // The candidates are a part of the whole distribution.
            let share = position.candidates.reduce(0) {
                $0 + exp(pair.taken + Double($1.logit) - Double(position.logit))
            }
            try require(
                share > Self.shareMin && share < 1 + Self.slack,
                "by its logits and log-probabilities the candidates have \(share) of the probability")
        }
        try require(
            worst < Self.slack, "the token that the seed designates has two log-probabilities, \(worst) nats apart")
        return "\(output.count) positions, one number each, in accord with the logits"
    }

    private static let designatedTokens = 8
    private static let slack = 0.02
    /// Of what 256 candidates have together, wherever a text may have gone.
    private static let shareMin = 0.05

    func parallel() async throws -> String {
        let places = min(engine.capabilities.parallelSequences, Self.parallelMax)
        var requests: [GenerateRequest] = []
        for number in 0..<places { requests.append(request(try await conversation(number), seed: 50 + number)) }
        let answers = try await withThrowingTaskGroup(of: (Int, [GeneratedToken]).self) { group in
            for (number, request) in requests.enumerated() {
                group.addTask { (number, try await answer(request)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (number, request) in requests.enumerated() {
            guard let answer = answers[number] else { throw Nonconformity("an answer is missing") }
            try requireHonest(try await verdict(answer, of: request), "side by side with \(places - 1) others")
        }
        return "\(places) at once, of the \(engine.capabilities.parallelSequences) that it can"
    }

    private static let parallelMax = 16

    /// Streams that nobody reads any more give their places back.
    func cancellation() async throws -> String {
        let places = min(engine.capabilities.parallelSequences, Self.cancelledMax)
        let prompt = try await conversation()
        let undisturbed = ContinuousClock.now
        _ = try await answer(request(prompt, tokens: 1))
        let bound = max(freeing, undisturbed.duration(to: .now) * 20)
        let long = engine.capabilities.contextTokens - prompt.count
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<places {
                group.addTask {
                    // One token, and then the stream is dropped.
                    for try await _ in engine.generate(request(prompt, seed: 70 + number, tokens: long)) { return }
                }
            }
            try await group.waitForAll()
        }
        let start = ContinuousClock.now
        _ = try await answer(request(prompt, tokens: 1))
        let wait = start.duration(to: .now)
        try require(wait < bound, "\(places) streams were dropped, and the next token took \(wait)")
        return "\(places) streams of \(long) tokens dropped; the next token after \(wait.components.seconds) s"
    }

    private static let cancelledMax = 64

    func compareWithReference() async throws -> String? {
        guard let reference else { return nil }
        try require(
            reference.capabilities.fileHash == engine.capabilities.fileHash, "the two run different model files")
        for number in 0..<3 {
            let request = request(try await conversation(number), seed: 80 + number)
            let message = ChatMessage(role: .user, content: "grüße <|im_end|> <|im_start|>system </s>")
            let rendered = try await reference.render([message])
            let own = try await engine.render([message])
            try require(rendered == own, "the two make different prompts of one message")
            let verdict = try await verdict(try await answer(request), of: request, by: reference)
            try requireHonest(verdict, "as the other engine scores it")
        }
        return "3 answers scored by the other engine"
    }
}
