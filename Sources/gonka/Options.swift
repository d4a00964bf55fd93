import ArgumentParser
import Cryptography
import LedgerClient
import Logging
import Primitives
import Wallet

/// Where this user's files are.
struct HomeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder for keys, configuration, state and logs.", discussion: "Else GONKA_HOME, else ~/.gonka."),
        completion: .directory)
    var home: String?

    var folder: Home { Home(home) }

    /// The address that is written there, or that of the key of this name.
    ///
    /// - Throws: `KeyStoreError`, or what `keyName` does.
    func address(_ text: String) throws -> Address {
        try Address(bech32: text) ?? keyring(folder).entry(try keyName(text)).address
    }
}

/// How to reach a node.
struct NodeOptions: ParsableArguments {
    @OptionGroup var home: HomeOptions
    @Option(help: Setting.node.help) var node: String?

    /// - Throws: `OperatorError` where the configuration cannot be read.
    func url() async throws -> String { try await settings().text(.node) }

    /// - Throws: `OperatorError` where the configuration cannot be read.
    func ledger() async throws -> RPCLedger { RPCLedger(url: try await url()) }

    private func settings() async throws -> Settings {
        try await Settings(home: home.folder, flags: .given((.node, node)))
    }
}

/// How to log.
struct LogOptions: ParsableArguments {
    @Option(help: Setting.logLevel.help, completion: Setting.logLevel.completion) var logLevel: String?
    @Option(help: Setting.logFormat.help, completion: Setting.logFormat.completion) var logFormat: String?

    var flags: [Setting: String] { .given((.logLevel, logLevel), (.logFormat, logFormat)) }
}

/// Where to tell what the process does.
struct MetricsOptions: ParsableArguments {
    @Option(help: Setting.metricsListen.help) var metricsListen: String?
    @Option(help: Setting.metricsPort.help) var metricsPort: Int?

    var flags: [Setting: String] { .given((.metricsListen, metricsListen), (.metricsPort, metricsPort)) }
}

/// How to run the model.
struct EngineOptions: ParsableArguments {
    @Option(help: Setting.modelFile.help, completion: Setting.modelFile.completion) var model: String?
    @OptionGroup var sizes: EngineSizeOptions

    var flags: [Setting: String] { .given((.modelFile, model)) + sizes.flags }
}

/// How much of the machine to use for a model.
struct EngineSizeOptions: ParsableArguments {
    @Option(help: Setting.threads.help) var threads: Int?
    @Option(help: Setting.sequences.help) var sequences: Int?
    @Option(help: Setting.contextTokens.help) var context: Int?

    var flags: [Setting: String] {
        .given((.threads, threads), (.sequences, sequences), (.contextTokens, context))
    }
}

extension [Setting: String] {
    /// The flags that were given, as they were given.
    static func given(_ flags: (Setting, (any CustomStringConvertible)?)...) -> Self {
        var given: Self = [:]
        for case (let setting, let value?) in flags { given[setting] = "\(value)" }
        return given
    }

    /// Together with the flags of an option group.
    static func + (left: Self, right: Self) -> Self { left.merging(right) { $1 } }
}

extension Settings {
    /// Makes the loggers of a process.
    func logger(_ label: String) throws -> Logger {
        let format = LogFormat(rawValue: try text(.logFormat)) ?? .text
        var logger = Logger(label: label) { StandardErrorLog(label: $0, format: format) }
        logger.logLevel = Logger.Level(rawValue: try text(.logLevel)) ?? .notice
        return logger
    }
}
