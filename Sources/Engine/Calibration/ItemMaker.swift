import EngineAPI
import ProtocolRules

/// Makes what engines are asked: the same for the same plan and model.
struct ItemMaker: Sendable {
    private let plan: CalibrationPlan
    private let engine: any Engine
    /// Tokens that stand for text.
    private let ordinary: [TokenID]

    /// - Throws: `.unsupported` for a vocabulary without text.
    init(_ plan: CalibrationPlan, engine: any Engine) throws(EngineError) {
        self.plan = plan
        self.engine = engine
        ordinary = (0..<engine.capabilities.vocabularySize).filter { !engine.bytes(of: $0).isEmpty }
        guard !ordinary.isEmpty else { throw .unsupported(field: "vocabulary") }
    }

    /// - Parameter stream: items of two streams differ in their seeds, and sprints in their prompts.
    func requests(_ text: TextKind, count: Int, stream: UInt32) async throws -> [GenerateRequest] {
        var requests: [GenerateRequest] = []
        for index in 0..<count {
            let seed = seed(text, index: index, stream: stream)
            let prompt =
                text.isSprint
                ? sprintPrompt(seed)
                : try await engine.render([ChatMessage(role: .user, content: text.question(index))])
            requests.append(
                GenerateRequest(
                    prompt: prompt, sampling: text.sampling, seed: seed, maximumTokens: plan.outputTokens(of: text),
                    ignoresEndTokens: text.isSprint))
        }
        return requests
    }

    private func seed(_ text: TextKind, index: Int, stream: UInt32) -> ItemSeed {
        let kind = Array(text.rawValue.utf8).map(TokenID.init)
        return ItemSeed(
            clientSeed: plan.seed, promptDigest: TokenDigest.digest(of: kind + [stream]), choice: UInt32(index))
    }

    /// As a sprint's prompts are made (protocol.md section 4).
    private func sprintPrompt(_ seed: ItemSeed) -> [TokenID] {
        let noise = TokenNoise(seed)
        return (0..<UInt32(CalibrationPlan.sprintPromptTokens)).map { position in
            ordinary[Int(noise.promptWord(position) % UInt32(ordinary.count))]
        }
    }
}
