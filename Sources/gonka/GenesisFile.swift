import Foundation
import Messages
import OrderingAPI
import Primitives
import WireFormat

/// `genesis.json`: chain id, time and the ledger's first state. The state is canonical protobuf in base64, so that everybody
/// who starts from the file starts from the same bytes.
struct GenesisFile {
    /// The largest file that is read, in bytes.
    private static let bytesMax = 64 << 20

    let chainID: String
    let timeMilliseconds: UInt64
    let state: GenesisState

    var request: InitChainRequest {
        InitChainRequest(
            chainID: chainID, genesisTimeMilliseconds: timeMilliseconds, applicationState: state.encoded())
    }

    init(chainID: String, timeMilliseconds: UInt64, state: GenesisState) {
        self.chainID = chainID
        self.timeMilliseconds = timeMilliseconds
        self.state = state
    }

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw OperatorError("\(path) cannot be read; a network's genesis is given with --genesis.")
        }
        var limits = JSONLimits()
        limits.bytesMax = Self.bytesMax
        do {
            let value = try JSONParser.parse(Bytes(data), limits: limits)
            guard let chainID = value["chain_id"]?.string,
                let time = value["genesis_time_milliseconds"]?.number?.uint64,
                let state = value["app_state"]?.string.flatMap({ Base64.decode($0) })
            else { throw OperatorError("\(path) lacks chain_id, genesis_time_milliseconds or app_state.") }
            self.init(chainID: chainID, timeMilliseconds: time, state: try GenesisState.decode(state))
        } catch let error as OperatorError {
            throw error
        } catch {
            throw OperatorError("\(path) is not a genesis file: \(error).")
        }
    }

    func write(to path: String) throws {
        let value: JSONValue = [
            "chain_id": .string(chainID), "genesis_time_milliseconds": .number(timeMilliseconds),
            "app_state": .string(Base64.encode(state.encoded())),
        ]
        try Data(value.encoded()).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
