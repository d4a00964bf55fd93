import ArgumentParser
import Foundation
import Primitives
import StateDisk
import StateStore

/// The ledger's state as a file.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Write the ledger's state to a file, or start from one.",
        subcommands: [Export.self, Import.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the state of a node that does not run to a file.",
            discussion: """
                One line for the head (chain, height, app hash) and one for each entry, in hexadecimal. Whoever imports it \
                computes the app hash again.
                """)

        @OptionGroup var home: HomeOptions
        @Argument(help: "The file to write; it must not exist.") var file: String

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let lock = try HomeLock(folder)
                defer { withExtendedLifetime(lock) {} }
                let storage = try DiskStorage(path: try folder.folder("node") + "/state.sqlite")
                guard let state = try storage.load() else {
                    throw OperatorError("\(folder.path)/node has no state yet; start the node once.")
                }
                try write(state)
                try storage.close()
                StandardOutput.write(StateCommand.summary(state))
            }
        }

        private func write(_ state: StoredState) throws {
            guard !FileManager.default.fileExists(atPath: file),
                FileManager.default.createFile(atPath: file, contents: nil),
                let handle = FileHandle(forWritingAtPath: file)
            else { throw OperatorError("\(file) cannot be created; name a file that does not exist yet.") }
            defer { try? handle.close() }
            var buffer = Data(StateArchive.head(of: state) + [0x0a])
            for line in StateArchive.entries(of: state) {
                buffer.append(contentsOf: line + [0x0a])
                guard buffer.count >= StateCommand.pieceBytes else { continue }
                try handle.write(contentsOf: buffer)
                buffer.removeAll(keepingCapacity: true)
            }
            try handle.write(contentsOf: buffer)
            try handle.synchronize()
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start a node's state from a file; for a node behind CometBFT, which brings the blocks after it.",
            discussion:
                "Compare the app hash that is printed with one that you trust: the file proves that it has it, and no more."
        )

        @OptionGroup var home: HomeOptions
        @Argument(help: "A file that `gonka state export` wrote.") var file: String

        func run() async throws {
            try await Exit.reporting {
                let folder = home.folder
                try folder.prepare()
                let lock = try HomeLock(folder)
                defer { withExtendedLifetime(lock) {} }
                let state = try read()
                let storage = try DiskStorage(path: try folder.folder("node") + "/state.sqlite")
                guard try storage.load() == nil else {
                    throw OperatorError("\(folder.path)/node has a state already; choose another --home.")
                }
                let entries = state.tree.scan().map { StateChange(key: $0.key, value: $0.value) }
                try storage.commit(StateCommit(state: state, changes: entries))
                try storage.close()
                StandardOutput.write(StateCommand.summary(state))
            }
        }

        private func read() throws -> StoredState {
            guard let handle = FileHandle(forReadingAtPath: file) else {
                throw OperatorError("\(file) cannot be read.")
            }
            defer { try? handle.close() }
            var reader = StateArchive.Reader()
            var rest = Data()
            do {
                while let piece = try handle.read(upToCount: StateCommand.pieceBytes), !piece.isEmpty {
                    rest.append(piece)
                    var start = rest.startIndex
                    while let end = rest[start...].firstIndex(of: 0x0a) {
                        try reader.take(Bytes(rest[start..<end]))
                        start = end + 1
                    }
                    rest = Data(rest[start...])
                    guard rest.count <= StateArchive.lineBytesMax else { throw StateArchiveError.malformed(line: 0) }
                }
                if !rest.isEmpty { try reader.take(Bytes(rest)) }
                return try reader.finish()
            } catch let error as StateArchiveError {
                throw OperatorError("\(file) is no archive of a state: \(error).")
            }
        }
    }

    /// Bytes that are read or written at a time.
    private static let pieceBytes = 1 << 20

    private static func summary(_ state: StoredState) -> String {
        "\(state.chainID), height \(state.height), app hash \(state.appHash), \(state.tree.count) entries\n"
    }
}
