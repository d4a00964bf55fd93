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
        do { text = try SecretTextFile(path: path).load() } catch {
            throw OperatorError(
                "the ML node's token cannot be read (\(error)); copy the file mlnode-token of its home to \(path), mode "
                    + "0600, or name it with --mlnode-token.")
        }
        guard let token = AccessToken(text) else {
            throw OperatorError("\(path) holds no token: one line of 16 or more characters without spaces.")
        }
        return token
    }

    /// Connects to every node, and waits for those that are not there yet.
    ///
    /// - Throws: `OperatorError` where one runs another model than `record` says.
    static func connect(to urls: [String], token: AccessToken, record: ModelRecord) async throws -> [RemoteEngine] {
        var engines: [RemoteEngine] = []
        for url in urls {
            let engine = try await RemoteEngine.connecting(to: url, token: token) { error in
                StandardError.write("waiting for the ML node: \(error)\n")
            }
            engines.append(engine)
            let own = engine.capabilities
            guard own.model == record.id, own.fileHash == record.fileHash else {
                try await engines.closing {}
                throw OperatorError(
                    "the ML node at \(url) runs \(own.model) from a file with hash \(own.fileHash), and the ledger has "
                        + "\(record.id) with \(record.fileHash); start it with that file.")
            }
        }
        return engines
    }
}

extension [RemoteEngine] {
    /// Runs `work` and closes all connections however that ends.
    func closing<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            let result = try await work()
            for engine in self { try await engine.close() }
            return result
        } catch {
            for engine in self { try await engine.close() }
            throw error
        }
    }
}
