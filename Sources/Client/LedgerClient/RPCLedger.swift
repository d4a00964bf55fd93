import AsyncHTTPClient
import Cryptography
import Messages
import Primitives
import StateStore
import WireFormat

/// A ledger behind a node's RPC.
public struct RPCLedger: LedgerAccess {
    private let connection: RPCConnection

    /// - Parameters:
    ///   - url: for example `http://127.0.0.1:26657`.
    ///   - client: shared, so that connections are too.
    public init(url: String, client: HTTPClient = .shared) {
        self.init(RPCConnection(url: url, client: client))
    }

    /// - Parameter connection: with another time, for tests.
    init(_ connection: RPCConnection) { self.connection = connection }

    public func status() async throws(LedgerAccessError) -> LedgerStatus {
        let result = try await call("status", [:])
        guard let chainID = result["node_info"]?["network"]?.string,
            let height = result["sync_info"]?["latest_block_height"]?.string.flatMap({ UInt64($0) }),
            let appHash = Self.hash(result["sync_info"]?["latest_app_hash"])
        else { throw .malformed("a status has network, height and app hash") }
        return LedgerStatus(chainID: chainID, height: height, appHash: appHash)
    }

    public func read(_ key: Bytes, proving: Bool) async throws(LedgerAccessError) -> StoreAnswer {
        let response = try await query("/store", key, proving: proving)
        guard let value = Self.base64(response["value"]),
            let height = response["height"]?.string.flatMap({ UInt64($0) })
        else { throw .malformed("an answer has value and height") }
        let proof = Self.base64(response["proofOps"]?["ops"]?.array?.first?["data"]) ?? []
        return StoreAnswer(value: value, proof: proof, height: height)
    }

    public func range(_ query: StateRangeQuery) async throws(LedgerAccessError) -> StateRange {
        guard let value = Self.base64(try await self.query("/range", query.encoded(), proving: false)["value"]) else {
            throw .malformed("a range has a value")
        }
        do { return try StateRange.decode(value) } catch {
            throw .malformed("the range does not decode: \(error)")
        }
    }

    public func appHash(after height: UInt64) async throws(LedgerAccessError) -> Hash32 {
        let (next, isOver) = height.addingReportingOverflow(1)
        if isOver { throw .malformed("no block can follow height \(height)") }
        let result = try await call("block", ["height": .string(String(next))])
        guard let hash = Self.hash(result["block"]?["header"]?["app_hash"]) else {
            throw .malformed("a block has an app hash")
        }
        return hash
    }

    /// - Throws: `.outcomeUnknown` for whatever goes wrong once the transaction may have reached the node, a time-out of the
    ///   node's own included; `.unreachable` and `.refused` only where it certainly waits nowhere.
    public func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult {
        let hash = Hash32.sha256(transaction)
        let answer: JSONValue
        do throws(RPCFailure) {
            answer = try await connection.call("broadcast_tx_commit", ["tx": .string(Base64.encode(transaction))])
        } catch {
            throw error.wasNotCarriedOut ? error.accessError : .outcomeUnknown(hash)
        }
        let outcome = answer["height"]?.string == "0" ? answer["check_tx"] : answer["tx_result"]
        guard let result = Self.result(answer, outcome), result.hash == hash else { throw .outcomeUnknown(hash) }
        return result
    }

    /// Looks a transaction up by its hash.
    ///
    /// - Returns: nil where the node knows of no block that holds it: it waits, never came, or was dropped, or it is older
    ///   than the results that the node keeps.
    public func transaction(_ hash: Hash32) async throws(LedgerAccessError) -> SubmissionResult? {
        let answer: JSONValue
        do throws(RPCFailure) {
            answer = try await connection.call("tx", ["hash": .string(Hex.encode(hash.bytes))])
        } catch {
            if error.isNotFound { return nil }
            throw error.accessError
        }
        guard let result = Self.result(answer, answer["tx_result"]), result.hash == hash, result.height > 0 else {
            throw .malformed("a transaction has its hash, a height and a code")
        }
        return result
    }

    private func query(_ path: String, _ data: Bytes, proving: Bool) async throws(LedgerAccessError) -> JSONValue {
        let result = try await call(
            "abci_query", ["path": .string(path), "data": .string(Hex.encode(data)), "prove": .boolean(proving)])
        guard let response = result["response"], let code = response["code"]?.number?.uint64 else {
            throw .malformed("an answer has a response with a code")
        }
        guard code == 0 else { throw .refused(response["log"]?.string ?? "code \(code)") }
        return response
    }

    func call(_ method: String, _ parameters: JSONValue) async throws(LedgerAccessError) -> JSONValue {
        do throws(RPCFailure) { return try await connection.call(method, parameters) } catch { throw error.accessError }
    }

    private static func result(_ answer: JSONValue, _ outcome: JSONValue?) -> SubmissionResult? {
        guard let hash = hash(answer["hash"]), let height = answer["height"]?.string.flatMap({ UInt64($0) }),
            let outcome,
            let code = outcome["code"]?.number?.uint64.flatMap({ UInt32(exactly: $0) })
        else { return nil }
        return SubmissionResult(
            hash: hash, height: height, code: code, codespace: outcome["codespace"]?.string ?? "",
            log: outcome["log"]?.string ?? "", events: (outcome["events"]?.array ?? []).map(event))
    }

    private static func event(_ value: JSONValue) -> SubmissionEvent {
        let attributes = (value["attributes"]?.array ?? []).map {
            SubmissionEvent.Attribute(key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "")
        }
        return SubmissionEvent(type: value["type"]?.string ?? "", attributes: attributes)
    }

    /// CometBFT writes no bytes as null.
    static func base64(_ value: JSONValue?) -> Bytes? {
        if value == .null { return [] }
        return value?.string.flatMap { Base64.decode($0) }
    }

    static func hash(_ value: JSONValue?) -> Hash32? {
        value?.string.flatMap { Hex.decode($0) }.flatMap { Hash32($0) }
    }
}
