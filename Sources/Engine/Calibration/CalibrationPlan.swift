/// How much is measured.
public struct CalibrationPlan: Sendable {
    /// Sprint items of one condition; other texts have parts of it.
    public let items: Int
    /// Whatever the model does at temperature 0 and above follows from it; batches, and so the noise, do not.
    public let seed: Int64
    /// The longest answer, in tokens.
    public let answerTokens: Int
    /// The first is also the cheats'.
    public let shapes: [HostShape]
    public let cheats: [ModelVariant]
    /// Those that search for tokens which pass.
    public let searchers: [ModelVariant]
    public let searchRounds: Int
    /// Threads of the auditor.
    public let threads: Int

    /// Tokens of a prompt that the context leaves room for.
    static let promptTokensMax = 128
    /// Sequences of the auditor that scores several items at once.
    static let auditorSequences = 4

    /// - Parameters:
    ///   - items: at least 1.
    ///   - isQuick: the shortest run that touches everything but other numbers of threads.
    public init(items: Int, threads: Int, seed: Int64, isQuick: Bool = false) {
        self.items = max(1, items)
        self.seed = seed
        self.threads = max(1, threads)
        answerTokens = isQuick ? 32 : 256
        let crowd = isQuick ? 4 : 16
        let otherThreads = self.threads == 1 ? 2 : 1
        let ownThreads = [
            HostShape(sequences: crowd, threads: self.threads), HostShape(sequences: 5, threads: self.threads),
            HostShape(sequences: 1, threads: self.threads),
            HostShape(sequences: 7, threads: self.threads, readsInPieces: true),
        ]
        let others = [
            HostShape(sequences: 1, threads: otherThreads), HostShape(sequences: crowd, threads: otherThreads),
        ]
        shapes = isQuick ? ownThreads : ownThreads + others
        cheats = isQuick ? [.q8_0, .q4_0, .layersCut(1)] : [.q8_0, .q4_1, .q4_0, .layersCut(1), .layersCut(3)]
        searchers = isQuick ? [.q8_0] : [.q8_0, .q4_1, .q4_0]
        searchRounds = isQuick ? 2 : 8
    }

    var contextTokens: Int { Self.promptTokensMax + answerTokens }

    /// Items of `text` in one condition. A lone sequence has twice the sprints: the step of one token is computed by other
    /// code than a step of many, as an audit's are, and there the noise comes from. Other threads than the auditor's, of
    /// which less is to be seen, have a quarter.
    func count(of text: TextKind, in shape: HostShape) -> Int {
        let count =
            switch text {
            case .sprint: shape.sequences == 1 ? 2 * items : items
            case .longSprint: items / 16
            case .chat, .greedyChat, .predictable: items / 8
            }
        return max(1, shape.threads == threads ? count : count / 4)
    }

    var searchItems: Int { max(1, items / 2) }

    func outputTokens(of text: TextKind) -> Int {
        text == .sprint ? min(Self.sprintTokens, answerTokens) : answerTokens
    }

    static let sprintPromptTokens = 24
    private static let sprintTokens = 32

    /// The lengths at which answers are judged, as if they ended there.
    public static let lengths = [1, 2, 3, 4, 8, 16, 32, 64, 128, 256]
    /// Tokens from which the threshold for long fingerprints holds.
    public static let longPositions = 4
}
