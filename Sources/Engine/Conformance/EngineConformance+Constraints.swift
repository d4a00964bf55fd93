import EngineAPI
import Grammar
import ProtocolRules

/// Grammars and biases: what structured answers and tool calls rely on.
extension EngineConformance {
    private static let grammar =
        "root ::= \"{\\\"\" [a-z]{2,6} \"\\\": \" (\"\\\"\" [^\\\"\\\\\\x00-\\x1f]{0,8} \"\\\"\" | [0-9]{1,3}) \"}\""

    func constraints() async throws -> String {
        let grammar = try Grammar(gbnf: Self.grammar)
        var worst: UInt64 = 0
        for (number, sampling) in [SamplingParameters.plain, .greedy, try SamplingParameters(topK: 20)].enumerated() {
            let request = constrained(
                try await conversation(number), sampling, seed: number + 90, OutputConstraints(grammar: Self.grammar))
            let answer = try await answer(request)
            try require(
                answer.last.map { engine.capabilities.endTokens.contains($0.token) } == true,
                "an answer that is complete has no end")
            let bytes = answer.dropLast().flatMap { engine.bytes(of: $0.token) }
            try require(
                grammar.accepts(bytes),
                "an answer left the grammar: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            let verdict = try await verdict(answer, of: request)
            try requireHonest(verdict, "under a grammar")
            worst = max(worst, verdict.marginMicroNats)
        }
        try await findsWhatLeavesTheGrammar()
        try await bias()
        try await refusesBadConstraints()
        return "3 answers in the grammar, margin at most \(worst) micro-nats; one outside found; a bias obeyed"
    }

    /// Long enough for every word of the grammar.
    private func constrained(
        _ prompt: [TokenID], _ sampling: SamplingParameters, seed: Int, _ constraints: OutputConstraints
    ) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: sampling, seed: itemSeed(seed), maximumTokens: 2 * Self.outputTokens,
            constraints: constraints)
    }

    private func findsWhatLeavesTheGrammar() async throws {
        let prompt = try await conversation()
        let free = try await answer(request(prompt, seed: 94)).map(\.token)
        let request = constrained(prompt, .plain, seed: 94, OutputConstraints(grammar: Self.grammar))
        let margin = Margin(
            try await score(free, of: request), sampling: request.sampling, seed: request.seed)
        try require(
            margin.microNats > thresholds.marginMicroNatsMax,
            "an answer outside the grammar has a margin of \(margin.microNats) micro-nats only")
    }

    /// A bias that no logit reaches makes one token of all; its opposite forbids it.
    private func bias() async throws {
        let prompt = try await conversation(2)
        let token = try await answer(request(prompt, .greedy, tokens: 1)).map(\.token)
        guard let token = token.first else { throw Nonconformity("an answer is missing") }
        for millionths: Int32 in [100_000_000, -100_000_000] {
            let constraints = OutputConstraints(bias: [TokenBias(token: token, millionths: millionths)])
            let request = GenerateRequest(
                prompt: prompt, sampling: .plain, seed: itemSeed(95), maximumTokens: Self.outputTokens / 3,
                ignoresEndTokens: true, constraints: constraints)
            let answer = try await answer(request)
            try require(
                answer.allSatisfy { ($0.token == token) == (millionths > 0) },
                "a bias of \(millionths) millionths is not obeyed")
            try requireHonest(try await verdict(answer, of: request), "under a bias")
        }
    }

    private func refusesBadConstraints() async throws {
        let prompt = try await conversation()
        let bad = constrained(prompt, .plain, seed: 96, OutputConstraints(grammar: "root ::= nothing"))
        try await refuses(bad, "a grammar that is none") { $0 == .unsupported(field: "grammar") }
        let unknown = [TokenBias(token: engine.capabilities.vocabularySize, millionths: 1)]
        try await refuses(
            constrained(prompt, .plain, seed: 96, OutputConstraints(bias: unknown)), "a bias of an unknown token"
        ) { $0 == .unsupported(field: "bias") }
        let endless = GenerateRequest(
            prompt: prompt, sampling: .plain, seed: itemSeed(96), maximumTokens: Self.outputTokens,
            ignoresEndTokens: true, constraints: OutputConstraints(grammar: Self.grammar))
        try await refuses(endless, "a grammar without an end") { $0 == .unsupported(field: "ignoresEndTokens") }
    }
}
