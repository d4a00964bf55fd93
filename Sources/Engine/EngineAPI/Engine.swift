import Primitives
import ProtocolRules

/// A model that runs: the port behind which llama.cpp, a stub for tests or a foreign server stands.
///
/// Two primitives carry the network, so that any chip can join (protocol.md section 4): `generate`, which binds every
/// token to a seed and notes two log-probabilities a position, and `score`, the same for tokens that somebody else chose.
/// All members may be called from any task; an engine batches what runs at the same time.
public protocol Engine: Sendable {
    /// What it runs; never changes while it lives.
    var capabilities: EngineCapabilities { get }

    /// Whether the model is in memory; otherwise the next request that needs it waits until it is.
    var isLoaded: Bool { get }

    /// The prompt's tokens: the chat template around the messages, up to where the assistant's answer begins.
    ///
    /// Nothing that a message says becomes a control token. Deterministic. Linear in the text; a text that cannot fit
    /// the context is refused before it is read.
    ///
    /// - Throws: `.promptTooLong`; what an engine elsewhere fails with.
    func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID]

    /// The tokens of plain text without a template, begun as the model's texts begin: for completions and embeddings. Empty for
    /// an empty text of most models.
    ///
    /// Nothing in the text becomes a control token. Deterministic; bounded as `render` is.
    ///
    /// - Throws: `.promptTooLong`; `.unsupported` for an engine that has no tokeniser; what an engine elsewhere fails with.
    func tokenize(_ text: String) async throws(EngineError) -> [TokenID]

    /// The bytes that `token` stands for: part of a character at times, empty for a control token or an unknown id. The
    /// text of tokens is their bytes read as UTF-8 (`CharacterAssembler`).
    func bytes(of token: TokenID) -> Bytes

    /// Generates until an end token, or the request's limit, or the context's end. The last token says which it was.
    ///
    /// Ending the iteration, or cancelling its task, ends the generation and frees its place; what the engine made
    /// beyond the last token that was read is lost. The stream fails with an `EngineError`. Tokens are a pure
    /// function of the request on an idle engine; beside other sequences, and after a prompt that was had already, logits move
    /// by about 0.001, which now and then changes a near-tie.
    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error>

    /// Runs the model once over prompt and output and returns what an auditor needs at each output position.
    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult

    /// The mean of the model's last hidden states over `tokens`, of length 1 (`Embedding`): for the same tokens the same vector.
    ///
    /// - Throws: `.unsupported(field: "embedding")` for an engine that gives none, `.unsupported(field: "prompt")` for no tokens
    ///   and unknown ones, `.promptTooLong`.
    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float]
}

/// What an engine runs, and how much of it.
public struct EngineCapabilities: Sendable, Equatable {
    /// The model's id in the ledger's record.
    public let model: String
    /// SHA-256 of the model's file.
    public let fileHash: Hash32
    /// The number of logits, which is the record's vocabulary size.
    public let vocabularySize: UInt32
    /// Prompt and output together, per sequence, in tokens.
    public let contextTokens: Int
    /// Sequences that run at once; more wait.
    public let parallelSequences: Int
    /// Whether tokens are bound to the seed at every temperature; otherwise only temperature 0 can be audited.
    public let bindsTokensToSeed: Bool
    /// The tokens that end an answer, ascending.
    public let endTokens: [TokenID]

    public init(
        model: String, fileHash: Hash32, vocabularySize: UInt32, contextTokens: Int, parallelSequences: Int,
        bindsTokensToSeed: Bool, endTokens: [TokenID]
    ) {
        self.model = model
        self.fileHash = fileHash
        self.vocabularySize = vocabularySize
        self.contextTokens = contextTokens
        self.parallelSequences = parallelSequences
        self.bindsTokensToSeed = bindsTokensToSeed
        self.endTokens = endTokens
    }
}

extension Engine {
    public var isLoaded: Bool { true }

    /// The text of `tokens`, with U+FFFD where bytes are no UTF-8.
    public func text(of tokens: some Sequence<TokenID>) -> String {
        String(decoding: tokens.flatMap { bytes(of: $0) }, as: UTF8.self)
    }
}
