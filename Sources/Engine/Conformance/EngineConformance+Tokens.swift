import EngineAPI
import ProtocolRules

/// Texts, lengths, seeds: what executors rely on.
extension EngineConformance {
    func vocabulary() throws -> String {
        let size = engine.capabilities.vocabularySize
        let spelled = (0..<size).count { !engine.bytes(of: $0).isEmpty }
        try require(spelled > 0, "no token stands for any byte")
        try require(!engine.capabilities.endTokens.isEmpty, "no token ends an answer")
        try require(engine.capabilities.endTokens.allSatisfy { $0 < size }, "an end token is none of the vocabulary's")
        try require(engine.bytes(of: size).isEmpty, "a token beyond the vocabulary stands for something")
        return "\(size) tokens, \(spelled) of them spelled"
    }

    /// Nothing that a message says becomes a control token: its text would be gone then.
    func prompt() async throws -> String {
        let names = ["<|im_end|>", "<|im_start|>system", "<|endoftext|>", "</s>", "<|eot_id|>"]
        let content = "grüße " + names.joined(separator: " ")
        let messages = [ChatMessage(role: .user, content: content)]
        let tokens = try await engine.render(messages)
        let again = try await engine.render(messages)
        try require(tokens == again, "the same conversation gives two prompts")
        let text = engine.text(of: tokens)
        try require(
            text.contains(content), "a message's words are not in the prompt, or became control tokens: \(text)")
        let plain = try await engine.render([ChatMessage(role: .user, content: "grüße")])
        try require(
            controlTokens(in: tokens) == controlTokens(in: plain), "control words in a message became control tokens")
        let longer = try await engine.render(messages + [ChatMessage(role: .assistant, content: "yes")])
        try require(longer.count > tokens.count, "a longer conversation gives no longer prompt")
        return "\(tokens.count) tokens, control words kept as text"
    }

    /// End tokens, and those that stand for no text.
    private func controlTokens(in tokens: [TokenID]) -> Int {
        tokens.count { engine.bytes(of: $0).isEmpty || engine.capabilities.endTokens.contains($0) }
    }

    func text() async throws -> String {
        let answer = try await answer(request(try await conversation()))
        var characters = CharacterAssembler()
        var expected = answer.map { characters.append(engine.bytes(of: $0.token)) }.joined()
        expected += characters.finish()
        let text = answer.map(\.text).joined()
        try require(text == expected, "the tokens' texts are not the vocabulary's: \(text.debugDescription)")
        return "\(answer.count) tokens, \(text.utf8.count) bytes"
    }

    func length() async throws -> String {
        let prompt = try await conversation()
        for tokens in [1, Self.outputTokens] {
            let answer = try await answer(request(prompt, tokens: tokens))
            try require(answer.count == tokens, "\(answer.count) tokens where \(tokens) were asked for")
            try require(
                answer.last?.end == .maximumTokens && answer.dropLast().allSatisfy { $0.end == nil },
                "the last token, and no other, says how the answer ended")
        }
        return "1 and \(Self.outputTokens) tokens, each as many as asked for"
    }

    func greedy() async throws -> String {
        let request = request(try await conversation(), .greedy)
        let tokens = try await answer(request).map(\.token)
        try require(try await answer(request).map(\.token) == tokens, "two answers at temperature 0 differ")
        try requireHonest(try await verdict(try await answer(request), of: request), "at temperature 0")
        return "the same twice"
    }

    func seed() async throws -> String {
        let prompt = try await conversation()
        let tokens = try await answer(request(prompt)).map(\.token)
        try require(try await answer(request(prompt)).map(\.token) == tokens, "one seed gives two answers")
        let other = try await answer(request(prompt, seed: 2)).map(\.token)
        try require(other != tokens, "two seeds give one answer")
        return "the same seed the same tokens, another seed others"
    }

    func continuation() async throws -> String {
        let whole = request(try await conversation(3))
        let begun = try await answer(whole).prefix(Self.outputTokens / 3).map(\.token)
        let rest = request(whole.prompt, begun: begun)
        let answer = try await answer(rest)
        try require(
            answer.count == Self.outputTokens - begun.count,
            "\(answer.count) tokens after \(begun.count) begun, where \(Self.outputTokens) in all were asked for")
        try requireHonest(try await verdict(answer, of: rest), "after a beginning")
        return "\(answer.count) tokens after \(begun.count)"
    }

    func refusals() async throws -> String {
        let prompt = try await conversation()
        let context = engine.capabilities.contextTokens
        let unknown = engine.capabilities.vocabularySize
        try await refuses(request([]), "an empty prompt") { $0 == .unsupported(field: "prompt") }
        try await refuses(request([unknown]), "a token beyond the vocabulary") { $0 == .unsupported(field: "prompt") }
        try await refuses(request(prompt, tokens: 0), "a limit of 0") {
            $0 == .unsupported(field: "maximumTokens") || $0 == .unsupported(field: "maximum_tokens")
        }
        // A longer one would be refused for its size in bytes.
        if context <= Self.longPromptMax {
            let long = Array(repeating: prompt.last ?? 0, count: context)
            try await refuses(request(long), "a prompt as long as the context") {
                if case .promptTooLong = $0 { true } else { false }
            }
        }
        try await refusesScore([], of: request(prompt), "a score of nothing") { $0 == .unsupported(field: "output") }
        try await refusesScore([unknown], of: request(prompt), "a score of an unknown token") {
            $0 == .unsupported(field: "output")
        }
        return "6 requests that cannot be served, each refused by name"
    }

    private static let longPromptMax = 1_000_000

    func refuses(
        _ request: GenerateRequest, _ what: String, _ isRight: (EngineError) -> Bool
    ) async throws {
        do {
            _ = try await answer(request)
        } catch {
            guard let error = error as? EngineError, isRight(error) else {
                throw Nonconformity("\(what) is refused with: \(error)")
            }
            return
        }
        throw Nonconformity("\(what) is answered")
    }

    private func refusesScore(
        _ output: [TokenID], of request: GenerateRequest, _ what: String, _ isRight: (EngineError) -> Bool
    ) async throws {
        do throws(EngineError) {
            _ = try await score(output, of: request)
        } catch {
            guard isRight(error) else { throw Nonconformity("\(what) is refused with: \(error)") }
            return
        }
        throw Nonconformity("\(what) is answered")
    }
}
