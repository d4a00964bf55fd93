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
    let seed: ItemSeed
    /// Output tokens, at least 1; prompt and output fit the context.
    let outputTokensMax: Int
    /// What the answer costs at most.
    let maximum: Amount
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
            maximum = try request.maximumCharge(
                session.prices, defaultMaxTokens: parameters.sessions.maxTokensDefault)
        } catch {
            throw .allotmentExceeded(voucher.amount, allotment: session.deposit)
        }
        prompt = try await AnswerPlan.render(request, outputTokens: asked, executor)
        let context = min(UInt64(engine.contextTokens), model.contextTokens)
        outputTokensMax = try AnswerPlan.outputTokens(
            asked, isExplicit: request.maxTokens != nil, prompt: prompt.count, context: context)
        promptDigest = TokenDigest.digest(of: prompt)
        seed = ItemSeed(
            clientSeed: request.seed, promptDigest: promptDigest, session: session.id,
            executor: executor.identity.address, sequence: voucher.sequence, choice: 0)
        id = "chatcmpl-" + Hex.encode(Hash32.sha256(voucher.encoded()).bytes.prefix(12))
        created = executor.wallSeconds()
        (self.request, body, self.session) = (request, signed.body, session)
    }

    var generateRequest: GenerateRequest {
        GenerateRequest(prompt: prompt, sampling: request.sampling, seed: seed, maximumTokens: outputTokensMax)
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
        let messages = try Prompt.messages(of: request)
        do throws(EngineError) { return try await executor.engine.render(messages) } catch {
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
