import Logging

/// One thing that a person can configure: by a flag, else a variable, else `config.toml`, else its default.
struct Setting: Hashable, Sendable {
    /// What a value must look like.
    enum Kind: Hashable, Sendable {
        case text
        /// A list of texts: a repeated flag, a variable with commas, an array in the file.
        case list
        case number(ClosedRange<Int>)
        case boolean
        case choice([String])
    }

    /// What holds where nobody says anything.
    enum Fallback: Hashable, Sendable {
        case value(String)
        /// Built around the value of another setting, which is named by its key.
        case around(String, prefix: String, suffix: String)
        /// Where the model lies that `make setup` prepared.
        case demoModel
        /// Nothing: whoever needs it asks for it.
        case none
    }

    /// The table in `config.toml`, without brackets.
    let section: String
    /// The key in that table.
    let name: String
    /// The environment variable.
    let variable: String
    /// The flag of the command that this setting is for.
    let flag: String
    let kind: Kind
    let fallback: Fallback
    /// What it is, in one sentence.
    let summary: String

    init(
        _ section: String, _ name: String, _ variable: String, flag: String, kind: Kind = .text,
        fallback: Fallback = .none, _ summary: String
    ) {
        self.section = section
        self.name = name
        self.variable = variable
        self.flag = flag
        self.kind = kind
        self.fallback = fallback
        self.summary = summary
    }

    /// For example `gateway.port`.
    var key: String { section + "." + name }
}

extension Setting {
    private static let port = Kind.number(1...65_535)

    static let node = Setting(
        "client", "node", "GONKA_NODE", flag: "--node",
        fallback: .around("node.port", prefix: "http://127.0.0.1:", suffix: ""), "The node's address.")
    static let baseURL = Setting(
        "client", "base-url", "GONKA_BASE_URL", flag: "--base-url",
        fallback: .around("gateway.port", prefix: "http://127.0.0.1:", suffix: "/v1"), "The gateway's OpenAI base URL.")

    static let modelFile = Setting(
        "engine", "model", "GONKA_MODEL", flag: "--model", fallback: .demoModel, "The model's GGUF file.")
    static let threads = Setting(
        "engine", "threads", "GONKA_THREADS", flag: "--threads", kind: .number(0...1_024), fallback: .value("0"),
        "Threads for the model; 0 for all cores.")
    static let sequences = Setting(
        "engine", "sequences", "GONKA_SEQUENCES", flag: "--sequences", kind: .number(1...256), fallback: .value("8"),
        "Answers that one engine makes at once; memory for as many contexts is taken at the start.")
    static let contextTokens = Setting(
        "engine", "context", "GONKA_CONTEXT", flag: "--context", kind: .number(2...16_777_216),
        fallback: .value("2048"),
        "Tokens of one prompt and its answer together.")

    static let logLevel = Setting(
        "log", "level", "GONKA_LOG_LEVEL", flag: "--log-level",
        kind: .choice(Logger.Level.allCases.map(\.rawValue)), fallback: .value("notice"),
        "Log lines from this level on.")
    static let logFormat = Setting(
        "log", "format", "GONKA_LOG_FORMAT", flag: "--log-format",
        kind: .choice(LogFormat.allCases.map(\.rawValue)), fallback: .value("text"), "Form of log lines.")

    static let metricsListen = Setting(
        "metrics", "listen", "GONKA_METRICS_LISTEN", flag: "--metrics-listen", fallback: .value("127.0.0.1"),
        "Address of a daemon's metrics.")
    static let metricsPort = Setting(
        "metrics", "port", "GONKA_METRICS_PORT", flag: "--metrics-port", kind: .number(0...65_535),
        fallback: .value("0"), "Port for a daemon's metrics, GET /metrics; 0 for none.")

    static let nodeListen = Setting(
        "node", "listen", "GONKA_NODE_LISTEN", flag: "--listen", fallback: .value("127.0.0.1"),
        "Address the node listens on.")
    static let nodePort = Setting(
        "node", "port", "GONKA_NODE_PORT", flag: "--port", kind: port, fallback: .value("26657"),
        "Port for the node's RPC.")
    static let nodeEager = Setting(
        "node", "eager", "GONKA_NODE_EAGER", flag: "--eager", kind: .boolean, fallback: .value("false"),
        "Make a block as soon as a transaction waits, not only every second.")
    static let nodeABCI = Setting(
        "node", "abci", "GONKA_NODE_ABCI", flag: "--abci", fallback: .value(""),
        "Let CometBFT order the blocks: where it finds this node, unix:///path or tcp://host:port, its proxy_app.")
    static let nodeFollow = Setting(
        "node", "follow", "GONKA_NODE_FOLLOW", flag: "--follow", fallback: .value(""),
        "Execute the blocks of the node with this RPC address, and make none.")
    static let nodeRetainBlocks = Setting(
        "node", "retain-blocks", "GONKA_NODE_RETAIN_BLOCKS", flag: "--retain-blocks",
        kind: .number(0...1_000_000_000), fallback: .value("0"), "Blocks that CometBFT keeps; 0 for all.")

    static let hostAccount = Setting(
        "host", "account", "GONKA_HOST_ACCOUNT", flag: "--account", "The host's account, gonka1…")
    static let hostOperatorKey = Setting(
        "host", "operator-key", "GONKA_HOST_OPERATOR_KEY", flag: "--operator-key",
        "The name of the operator key in this home.")
    static let hostURL = Setting("host", "url", "GONKA_HOST_URL", flag: "--url", "Where clients reach this host.")
    static let hostListen = Setting(
        "host", "listen", "GONKA_HOST_LISTEN", flag: "--listen", fallback: .value("127.0.0.1"),
        "Address the host listens on.")
    static let hostPort = Setting(
        "host", "port", "GONKA_HOST_PORT", flag: "--port", kind: port, fallback: .value("8001"),
        "Port the host listens on; in a devnet the first host's, the others follow.")
    static let hostEngines = Setting(
        "host", "engines", "GONKA_HOST_ENGINES", flag: "--engines", kind: .number(1...64), fallback: .value("1"),
        "Engines that run the model side by side, for example one for each processor socket.")

    static let hostMLNodes = Setting(
        "host", "mlnodes", "GONKA_HOST_MLNODES", flag: "--mlnode", kind: .list, fallback: .value(""),
        "ML nodes that run the model instead of this process, for example http://10.0.0.7:8100.")
    static let hostMLNodeToken = Setting(
        "host", "mlnode-token", "GONKA_HOST_MLNODE_TOKEN", flag: "--mlnode-token", fallback: .value(""),
        "A file with the ML nodes' token; else mlnode-token in this home.")

    static let mlnodeListen = Setting(
        "mlnode", "listen", "GONKA_MLNODE_LISTEN", flag: "--listen", fallback: .value("127.0.0.1"),
        "Address the ML node listens on.")
    static let mlnodePort = Setting(
        "mlnode", "port", "GONKA_MLNODE_PORT", flag: "--port", kind: port, fallback: .value("8100"),
        "Port the ML node listens on.")
    static let mlnodeToken = Setting(
        "mlnode", "token", "GONKA_MLNODE_TOKEN", flag: "--token", fallback: .value(""),
        "A file with the token that hosts must show; else mlnode-token in this home, made at the first start.")
    static let mlnodeModelID = Setting(
        "mlnode", "model-id", "GONKA_MLNODE_MODEL_ID", flag: "--model-id", fallback: .value(DemoModel.id),
        "The model's id on the ledger, where there is one model.")
    static let mlnodeModels = Setting(
        "mlnode", "models", "GONKA_MLNODE_MODELS", flag: "--model", kind: .list, fallback: .value(""),
        "The model's GGUF file; of several models ID=FILE for each, with their ids on the ledger.")
    static let mlnodeMemoryMax = Setting(
        "mlnode", "memory-max", "GONKA_MLNODE_MEMORY_MAX", flag: "--memory-max", fallback: .value(""),
        "Memory that loaded models may take together, for example 8GiB; without, all are loaded at the start.")
    static let mlnodeEngines = Setting(
        "mlnode", "engines", "GONKA_MLNODE_ENGINES", flag: "--engines", kind: .number(1...64), fallback: .value("1"),
        "Engines that run the model side by side, for example one for each processor socket.")
    static let mlnodeUpstream = Setting(
        "mlnode", "llama-server", "GONKA_MLNODE_LLAMA_SERVER", flag: "--llama-server", fallback: .value(""),
        "A llama-server that computes instead of this process, for example http://127.0.0.1:8080; it runs the file of --model."
    )

    static let gatewayPayer = Setting(
        "gateway", "payer", "GONKA_GATEWAY_PAYER", flag: "--payer", "The name of the key that pays.")
    static let gatewaySessionKey = Setting(
        "gateway", "session-key", "GONKA_GATEWAY_SESSION_KEY", flag: "--session-key",
        "The name of the key that signs vouchers.")
    static let gatewayDeposit = Setting(
        "gateway", "deposit", "GONKA_GATEWAY_DEPOSIT", flag: "--deposit", fallback: .value("100GNK"),
        "What each session is opened with, for example 100GNK.")
    static let gatewayModels = Setting(
        "gateway", "models", "GONKA_GATEWAY_MODELS", flag: "--model", kind: .list, fallback: .value(""),
        "Models to open a session for at once.")
    static let gatewayListen = Setting(
        "gateway", "listen", "GONKA_GATEWAY_LISTEN", flag: "--listen", fallback: .value("127.0.0.1"),
        "Address the gateway listens on.")
    static let gatewayPort = Setting(
        "gateway", "port", "GONKA_GATEWAY_PORT", flag: "--port", kind: port, fallback: .value("8080"),
        "Port for the OpenAI API.")

    /// All of them, by section.
    static let all =
        [
            node, baseURL, modelFile, threads, sequences, contextTokens, logLevel, logFormat, metricsListen,
            metricsPort,
            nodeListen, nodePort, nodeEager, nodeABCI,
            nodeFollow, nodeRetainBlocks, hostAccount, hostOperatorKey, hostURL, hostListen, hostPort, hostEngines,
            hostMLNodes, hostMLNodeToken,
        ] + selling + [
            mlnodeListen, mlnodePort, mlnodeToken, mlnodeModelID, mlnodeModels, mlnodeMemoryMax,
            mlnodeEngines, mlnodeUpstream,
            gatewayPayer, gatewaySessionKey, gatewayDeposit, gatewayModels, gatewayListen, gatewayPort,
        ] + gatewayFront + routing
}
