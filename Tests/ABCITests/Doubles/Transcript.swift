import Foundation
import Primitives
import SwiftProtobuf
import Testing

@testable import ABCIServer

/// One recording of a real CometBFT and an application of its own.
struct Transcript {
    struct Frame: Decodable {
        let conn: Int
        let dir: String?
        let hex: String?

        /// False also for the end of a connection.
        var isRequest: Bool { dir == "req" && hex != nil }
        /// With the length before it; nil for the end of a connection.
        var bytes: Bytes? { hex.flatMap { Hex.decode($0) } }
        /// Without it.
        var body: Bytes? { bytes.map { Array($0.drop { $0 >= 0x80 }.dropFirst()) } }
    }

    let name: String
    let frames: [Frame]

    static let names = [
        "1val-a-first-run", "1val-b-restart-in-sync", "1val-c-restart-app-empty-full-replay", "1val-checktx-burst",
        "1val-initial-height-100-large-tx", "4val-a-run", "4val-b-clean-restart", "4val-c-app-empty-full-replay",
        "4val-evidence-and-validator-updates", "4val-vote-extensions-snapshots-pruning",
        "crash-02-before-block-saved", "crash-03-block-saved", "crash-04-wal-end-height-written",
        "crash-05-finalize-done-result-not-saved", "crash-06-finalize-result-saved-before-commit",
        "crash-07-commit-done-state-not-saved", "crash-08-state-saved", "crash-09-apply-block-returned",
        "crash-10-before-next-height", "neg-app-ahead-node-behind", "neg-app-ahead-node-reset",
        "neg-statesync-app-version-mismatch", "statesync-joining-node",
    ]

    init(_ name: String) throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Vectors/abci/\(name).jsonl"))
        self.name = name
        frames = try data.split(separator: 0x0a).map { try JSONDecoder().decode(Frame.self, from: Data($0)) }
    }

    /// The requests of each connection, in order.
    func requests() throws -> [Int: [ABCI_Request]] {
        var requests: [Int: [ABCI_Request]] = [:]
        for frame in frames where frame.isRequest {
            requests[frame.conn, default: []].append(
                try ABCI_Request(serializedBytes: try #require(frame.body)))
        }
        return requests
    }
}
