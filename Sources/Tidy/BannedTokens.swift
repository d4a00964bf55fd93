/// A row of tokens that may not occur in some part of the tree, and the reason.
struct BannedTokens {
    let tokens: [String]
    let scope: Scope
    /// Why, and what to do instead.
    let reason: String
    /// Words in a comment close above that make an exception.
    var excuse: String?

    enum Scope {
        case sources
        /// All sources but the command line programs.
        case libraries
        /// Targets of kind plain.
        case plain
        /// Code whose trap or wobble would stop or split the network.
        case consensus
        case tests
    }

    static let consensusFolders = ["Sources/Ledger/", "Sources/Protocol/ProtocolRules/"]
    static let programFolders = ["Sources/ChainFile/", "Sources/Figures/", "Sources/gonka/", "Sources/Tidy/"]

    private static let float = "floating point differs between machines; use integers, parts per million or fixed point"
    private static let trap = "a trap here stops every node at the same block; throw a typed error"
    private static let suspends = "plain targets never suspend; take an event, return an action, let a shell wait"
    private static let unseeded =
        "the result would differ from node to node; draw from the beacon or from a handed-in seed"
    private static let sleeps = "tests do not sleep; drive the machine with events, or await the state itself"

    static let all: [BannedTokens] = [
        .init(tokens: ["try", "!"], scope: .sources, reason: "use `try` and let the caller decide"),
        .init(tokens: ["as", "!"], scope: .sources, reason: "use `as?` with an error, or a type that needs no cast"),
        .init(tokens: ["print", "("], scope: .libraries, reason: "log, or return the text; only a program prints"),
        .init(
            tokens: ["debugPrint", "("], scope: .libraries, reason: "log, or return the text; only a program prints"),
        .init(tokens: ["try", "?"], scope: .consensus, reason: "it hides why; catch the typed error and map it"),
        .init(
            tokens: ["any", "Error"], scope: .consensus, reason: "codes are stable; throw the module's own error type"),
        .init(tokens: ["Double"], scope: .consensus, reason: float),
        .init(tokens: ["Float"], scope: .consensus, reason: float),
        .init(tokens: ["fatalError"], scope: .consensus, reason: trap),
        .init(
            tokens: ["precondition"], scope: .consensus,
            reason: trap + "; if only our own code can break it, document it with `- Precondition:` above",
            excuse: "- Precondition:"),
        .init(tokens: ["preconditionFailure"], scope: .consensus, reason: trap),
        .init(tokens: ["assert"], scope: .consensus, reason: trap + "; `assert` even vanishes in release"),
        .init(tokens: ["assertionFailure"], scope: .consensus, reason: trap),
        .init(tokens: ["unowned"], scope: .consensus, reason: trap),
        .init(tokens: ["async"], scope: .plain, reason: suspends),
        .init(tokens: ["await"], scope: .plain, reason: suspends),
        .init(tokens: ["Task"], scope: .plain, reason: suspends),
        .init(tokens: ["actor"], scope: .plain, reason: suspends),
        .init(tokens: [".", "hashValue"], scope: .plain, reason: unseeded),
        .init(tokens: ["Hasher", "("], scope: .plain, reason: unseeded),
        .init(tokens: ["randomElement", "("], scope: .plain, reason: unseeded),
        .init(tokens: ["shuffled", "(", ")"], scope: .plain, reason: unseeded),
        .init(tokens: ["SystemRandomNumberGenerator"], scope: .plain, reason: unseeded),
        .init(tokens: ["ContinuousClock"], scope: .plain, reason: unseeded),
        .init(tokens: ["Task", ".", "sleep"], scope: .tests, reason: sleeps),
        .init(tokens: ["Thread", ".", "sleep"], scope: .tests, reason: sleeps),
        .init(tokens: ["usleep"], scope: .tests, reason: sleeps),
    ]
}
