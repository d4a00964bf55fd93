import EngineAPI
import EngineWire
import LlamaEngine
import Messages
import Primitives
import RemoteEngine
import Wallet

/// The model on ML nodes.
enum RemoteEngines {
    /// The token in `path`, else in `mlnode-token` of `home`.
    ///
    /// - Throws: `OperatorError` saying where it should be.
    static func token(path: String, home: Home) throws -> AccessToken {
        let path = path.isEmpty ? home.path + "/mlnode-token" : path
        let text: String
        do {
            text = try SecretTextFile(path: path).load()
        } catch KeyStoreError.notFound {
            throw OperatorError(
                "there is no token at \(path); copy the file mlnode-token of the ML node's home there, mode 0600, or name "
                    + "another file.")
        }
        guard let token = AccessToken(text) else {
            throw OperatorError("\(path) holds no token: one line of 16 or more characters without spaces.")
        }
        return token
    }

    /// How long the first node that answers waits for the others.
    private static let othersWait = Duration.seconds(10)

    /// Connects to the nodes at once, and waits until one of them is there; those that are not soon after are left out until the
    /// next start.
    ///
    /// - Throws: `OperatorError` where one runs another model than `record` says, or wants another token.
    static func connect(to urls: [String], token: AccessToken, record: ModelRecord) async throws -> [RemoteEngine] {
        var engines: [RemoteEngine] = []
        do {
            try await withThrowingTaskGroup(of: RemoteEngine?.self) { group in
                for url in urls {
                    group.addTask {
                        try await RemoteEngine.connecting(to: url, token: token, model: record.id) { error in
                            StandardError.write("waiting for the ML node: \(error)\n")
                        }
                    }
                }
                while engines.count < urls.count, let engine = try await group.next() {
                    guard let engine else { break }
                    engines.append(engine)
                    guard engines.count == 1 else { continue }
                    group.addTask {
                        try await Task.sleep(for: othersWait)
                        return nil
                    }
                }
                group.cancelAll()
                // One that came at the last moment is closed, too, where the host does not start.
                while let late = try? await group.next() { if let late { engines.append(late) } }
            }
            for engine in engines { try check(engine, record) }
        } catch {
            try await engines.closing {}
            throw error
        }
        if engines.count < urls.count {
            StandardError.write(
                "\(engines.count) of \(urls.count) ML nodes are there; the others are left out until this host starts again.\n"
            )
        }
        return engines
    }

    private static func check(_ engine: RemoteEngine, _ record: ModelRecord) throws {
        let own = engine.capabilities
        guard own.model == record.id, own.fileHash == record.fileHash,
            UInt64(own.vocabularySize) == record.vocabulary
        else {
            throw OperatorError(
                "the ML node at \(engine.url) runs \(own.model) with \(own.vocabularySize) logits from a file with hash "
                    + "\(own.fileHash), and the ledger has \(record.id) with \(record.vocabulary) and \(record.fileHash); start "
                    + "it with that file.")
        }
    }
}

extension [RemoteEngine] {
    /// Runs `work` and closes all connections however that ends.
    func closing<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            let result = try await work()
            await closeAll()
            return result
        } catch {
            await closeAll()
            throw error
        }
    }

    /// What does not close goes with the process.
    private func closeAll() async {
        for engine in self { try? await engine.close() }
    }
}
