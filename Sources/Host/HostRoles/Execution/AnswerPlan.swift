import Cryptography
import EngineAPI
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// Everything about an answer that is settled before the engine runs.
struct AnswerPlan: Sendable {
    let request: ChatCompletionRequest
    let body: Bytes
    let session: SessionRecord
    let prompt: [TokenID]
    let promptDigest: Hash32
    let constraints: OutputConstraints
    /// [choice]
    let seeds: [ItemSeed]
    /// Output tokens of each choice, at least 1; prompt and output fit the context.
    let outputTokensMax: Int
    /// What each choice costs at most.
    let maximumPerChoice: Amount
    let id: String
    let created: UInt64

    /// Reads and checks the body, renders the prompt and reckons the maximum.
    init(_ signed: SignedRequest, session: SessionRecord, executor: Executor) async throws(OpenAIError) {
        let decoded = try DecodedChatCompletion.decode(signed.body, limits: executor.limits.openAI)
        let engine = executor.engine.capabilities
        guard decoded.model == engine.model else { throw .modelNotFound(decoded.model) }
        guard decoded.model == session.model else { throw .voucherInvalid("its session is for another model") }
        let request = try decoded.validated(limits: executor.limits.openAI)
        try AnswerPlan.checkSampling(request, engine, session)

        let parameters = try await executor.view.current().parameters
        let model = try await executor.view.model(decoded.model)
        let asked = request.maxTokens ?? parameters.sessions.maxTokensDefault
        let voucher = signed.voucher.statement
        do throws(ArithmeticError) {
            let maximum = try request.maximumCharge(
                session.prices, defaultMaxTokens: parameters.sessions.maxTokensDefault)
            // It is that of one, so many times.
            maximumPerChoice = Amount(maximum.ngonka / UInt64(request.choices))
        } catch {
            throw .allotmentExceeded(voucher.amount, allotment: session.deposit)
        }
        prompt = try await AnswerPlan.render(request, outputTokens: asked, executor)
        let context = min(UInt64(engine.contextTokens), model.contextTokens)
        outputTokensMax = try AnswerPlan.outputTokens(
            asked, isExplicit: request.maxTokens != nil, prompt: prompt.count, context: context)
        promptDigest = TokenDigest.digest(of: prompt)
        constraints = try AnswerPlan.constraints(request, engine)
        let digest = promptDigest
        seeds = (0..<request.choices).map { choice in
            ItemSeed(
                clientSeed: request.seed, promptDigest: digest, session: session.id,
                executor: executor.identity.address, sequence: voucher.sequence, choice: choice)
        }
        id = "chatcmpl-" + Hex.encode(Hash32.sha256(voucher.encoded()).bytes.prefix(12))
        created = executor.wallSeconds()
        (self.request, body, self.session) = (request, signed.body, session)
    }

    /// What a choice asks of the engine.
    ///
    /// What the engine keeps of a prompt is for requests of the same payer only: whoever could share it could tell by the time
    /// of a first token what others asked.
    func generateRequest(_ choice: UInt32) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: request.sampling, seed: seeds[Int(choice)], maximumTokens: outputTokensMax,
            constraints: constraints, topLogProbabilities: Int(request.topLogprobs ?? 0),
            cacheScope: .sha256(session.payer.bytes))
    }

    private static func constraints(
        _ request: ChatCompletionRequest, _ engine: EngineCapabilities
    ) throws(OpenAIError) -> OutputConstraints {
        guard let constraints = Prompt.constraints(of: request, vocabularySize: engine.vocabularySize) else {
            throw .unsupported(
                "logit_bias", value: "a token of another model",
                instead: "the model's tokens are those below \(engine.vocabularySize)")
        }
        return constraints
    }

    /// An engine that does not bind tokens to the seed can be audited at temperature 0 only.
    private static func checkSampling(
        _ request: ChatCompletionRequest, _ engine: EngineCapabilities, _ session: SessionRecord
    ) throws(OpenAIError) {
        guard engine.bindsTokensToSeed || session.isUnproven || request.sampling.temperature == 0 else {
            throw .unsupported(
                "temperature", value: "above 0",
                instead: "this host serves temperature 0, or sessions opened as unproven")
        }
    }

    private static func render(
        _ request: ChatCompletionRequest, outputTokens: UInt64, _ executor: Executor
    ) async throws(OpenAIError) -> [TokenID] {
        do throws(EngineError) { return try await Prompt.tokens(of: request, by: executor.engine) } catch {
            executor.note(error)
            throw .engine(error, outputTokens: outputTokens, retryAfterSeconds: executor.limits.retryAfterSeconds)
        }
    }

    /// How many tokens the answer may have. What was asked for must fit; the default is cut to what fits.
    static func outputTokens(
        _ asked: UInt64, isExplicit: Bool, prompt: Int, context: UInt64
    ) throws(OpenAIError) -> Int {
        let prompt = UInt64(prompt)
        let room = context > prompt ? context - prompt : 0
        guard room > 0, !isExplicit || asked <= room else {
            throw .contextLengthExceeded(contextTokens: context, requestedTokens: prompt + asked)
        }
        return Int(min(asked, room))
    }
}
