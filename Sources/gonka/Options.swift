import ArgumentParser
import Foundation
import LedgerClient
import Logging
import Primitives

/// Where this user's files are.
struct HomeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Folder for keys, state and logs.", discussion: "Else GONKA_HOME, else ~/.gonka."))
    var home: String?

    var folder: Home { Home(home) }
}

/// How to reach a node.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The node's address.", discussion: "Else GONKA_NODE, else http://127.0.0.1:26657.",
            valueName: "url"))
    var node: String?

    var url: String {
        node ?? ProcessInfo.processInfo.environment["GONKA_NODE"] ?? "http://127.0.0.1:\(Defaults.nodePort)"
    }

    var ledger: RPCLedger { RPCLedger(url: url) }
}

/// How to log.
struct LogOptions: ParsableArguments {
    @Option(help: "Log lines from this level on: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String = "notice"

    @Option(help: "Form of log lines: text or json.")
    var logFormat: LogFormat = .text

    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { [logFormat] label in StandardErrorLog(label: label, format: logFormat) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
        return logger
    }

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError(
                "'\(logLevel)' is no log level; use trace, debug, info, notice, warning, error or critical.")
        }
    }
}

/// How to run the model.
struct EngineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model's GGUF file.", discussion: "Else GONKA_MODEL, else what `make setup` made."))
    var model: String?

    @Option(help: "Threads for the model; 0 for all cores.")
    var threads: Int = 0

    var path: String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.cache"
        return model ?? environment["GONKA_MODEL"] ?? cache + "/gonka/models/\(DemoModel.fileName)"
    }
}

/// Ports and names that nobody has to choose.
enum Defaults {
    static let nodePort = 26657
    static let gatewayPort = 8080
    static let firstHostPort = 8001
}
