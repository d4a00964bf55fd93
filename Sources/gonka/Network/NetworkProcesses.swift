import Foundation
import LedgerClient
import Primitives

/// Starts and stops a network's processes. They go on when this one ends; who they are stands in files beside their logs.
struct NetworkProcesses {
    /// What CometBFT's version must begin with.
    static let consensusVersion = "0.38."
    private static let stopMax = Duration.seconds(20)

    let layout: NetworkLayout
    let validators: Int
    private var all: [NetworkLayout.Validator] { (1...validators).map(layout.validator) }

    /// Starts whatever does not run.
    ///
    /// - Parameter environment: where `cometbft` is looked for.
    func start(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let consensus = try Self.consensusProgram(environment)
        guard let node = Bundle.main.executablePath else {
            throw OperatorError("this program does not know its own path.")
        }
        for validator in all {
            for part in NetworkLayout.Part.allCases where Self.running(validator, part) == nil {
                switch part {
                case .node:
                    // A killed node leaves its socket behind.
                    try? FileManager.default.removeItem(atPath: validator.socket.path)
                    try Self.spawn(
                        node, ["node", "--home", validator.home, "--abci", validator.socket.address], validator, part)
                    try Self.waitForSocket(of: validator)
                case .cometbft:
                    try Self.spawn(consensus, ["start", "--home", validator.consensusHome], validator, part)
                }
            }
        }
    }

    /// Asks all to end, CometBFT before the ledger beside it, and ends those that do not.
    ///
    /// - Returns: how many ran.
    func stop() async throws -> Int {
        var count = 0
        for part in NetworkLayout.Part.allCases.reversed() {
            let running = all.compactMap { validator in Self.running(validator, part).map { (validator, $0) } }
            count += running.count
            for (_, process) in running { kill(process, SIGTERM) }
            let deadline = ContinuousClock.now + Self.stopMax
            for (validator, process) in running {
                while Self.running(validator, part) == process, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(100))
                }
                if Self.running(validator, part) == process { kill(process, SIGKILL) }
                try? FileManager.default.removeItem(atPath: validator.processID(of: part))
            }
        }
        return count
    }

    /// One row for each validator: what runs, and what its RPC says.
    func status() async -> [[String]] {
        var rows: [[String]] = []
        for validator in all {
            let parts = NetworkLayout.Part.allCases.map { part in
                Self.running(validator, part).map { "\(part.rawValue) \($0)" } ?? "no \(part.rawValue)"
            }
            let status = try? await RPCLedger(url: validator.rpcURL).status()
            rows.append([
                validator.name, validator.rpcURL, parts.joined(separator: ", "),
                status.map { "\($0.height)" } ?? "–", status.map { "\($0.appHash)".prefix(16).description } ?? "–",
            ])
        }
        return rows
    }

    // MARK: Programs

    /// - Throws: `OperatorError` that says how to get it.
    static func consensusProgram(_ environment: [String: String]) throws -> String {
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let path = folders.map { $0 + "/cometbft" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else {
            throw OperatorError(
                "there is no cometbft on the PATH; install CometBFT 0.38 (`go install "
                    + "github.com/cometbft/cometbft/cmd/cometbft@v0.38.25`, or a release of its own), then start again."
            )
        }
        let version = try output(of: path, ["version"])
        guard version.trimmingPrefix("v").hasPrefix(consensusVersion) else {
            throw OperatorError("\(path) is version \(version.prefix(32)); this network needs \(consensusVersion)x.")
        }
        return path
    }

    private static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func spawn(
        _ program: String, _ arguments: [String], _ validator: NetworkLayout.Validator, _ part: NetworkLayout.Part
    ) throws {
        let log = validator.log(of: part)
        guard
            FileManager.default.fileExists(atPath: log)
                || FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else { throw OperatorError("\(log) cannot be written.") }
        try output.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try Data("\(process.processIdentifier)\n".utf8).write(
            to: URL(fileURLWithPath: validator.processID(of: part)), options: .atomic)
    }

    /// CometBFT that finds no application waits three seconds before it looks again.
    private static func waitForSocket(of validator: NetworkLayout.Validator) throws {
        for _ in 0..<100 where !FileManager.default.fileExists(atPath: validator.socket.path) {
            guard running(validator, .node) != nil else {
                throw OperatorError("\(validator.name)'s node ended at once; \(validator.log(of: .node)) says why.")
            }
            usleep(50_000)
        }
    }

    /// The process, where it runs and is what the file says.
    private static func running(_ validator: NetworkLayout.Validator, _ part: NetworkLayout.Part) -> Int32? {
        guard let data = FileManager.default.contents(atPath: validator.processID(of: part)),
            let process = Int32(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)),
            process > 1, kill(process, 0) == 0
        else { return nil }
        // Numbers are given again: another program with this one is not ours.
        guard let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") else { return process }
        return String(decoding: command, as: UTF8.self).contains(validator.folder) ? process : nil
    }
}
