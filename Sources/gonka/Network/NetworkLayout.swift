import Foundation

/// A network of several validators on this machine, each a CometBFT node and the ledger beside it: where its files lie, and where it
/// listens.
struct NetworkLayout {
    static let chainID = "gonka-swift-local-1"
    static let validatorsMax = 16

    /// `HOME/network`.
    let folder: String
    /// The first validator's; each has ten.
    let basePort: Int

    var genesis: String { folder + "/genesis.json" }
    var keys: String { folder + "/keys" }
    /// Where the network's size and ports are kept.
    var record: String { folder + "/network.json" }

    func validator(_ number: Int) -> Validator {
        Validator(number: number, folder: folder + "/validator-\(number)", firstPort: basePort + 10 * (number - 1))
    }

    struct Validator {
        /// From 1.
        let number: Int
        let folder: String
        fileprivate let firstPort: Int

        var name: String { "validator-\(number)" }
        var peerPort: Int { firstPort }
        var rpcPort: Int { firstPort + 1 }
        var rpcURL: String { "http://127.0.0.1:\(rpcPort)" }
        /// The home of `gonka node`.
        var home: String { folder + "/gonka" }
        /// The home of `cometbft`.
        var consensusHome: String { folder + "/cometbft" }
        var socket: ABCISocket { ABCISocket(path: folder + "/app.sock") }

        func log(of part: Part) -> String { folder + "/\(part.rawValue).log" }
        func processID(of part: Part) -> String { folder + "/\(part.rawValue).pid" }
    }

    /// The two processes of a validator, in the order in which they start.
    enum Part: String, CaseIterable {
        case node, cometbft
    }

    struct ABCISocket {
        let path: String
        var address: String { "unix://" + path }
    }
}
