import AsyncHTTPClient
import Cryptography
import Messages
import NIOCore
import NIOHTTP1
import Primitives
import StateStore
import WireFormat

/// A ledger behind a node's RPC.
public struct RPCLedger: LedgerAccess {
    private let url: String
    private let client: HTTPClient

    /// - Parameters:
    ///   - url: for example `http://127.0.0.1:26657`.
    ///   - client: shared, so that connections are too.
    public init(url: String, client: HTTPClient = .shared) {
        self.url = url
        self.client = client
    }

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
        let result = try await call("block", ["height": .string(String(height + 1))])
        guard let hash = Self.hash(result["block"]?["header"]?["app_hash"]) else {
            throw .malformed("a block has an app hash")
        }
        return hash
    }

    public func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult {
        let result = try await call("broadcast_tx_commit", ["tx": .string(Base64.encode(transaction))])
        guard let hash = Self.hash(result["hash"]), let height = result["height"]?.string.flatMap({ UInt64($0) }),
            let outcome = height > 0 ? result["tx_result"] : result["check_tx"],
            let code = outcome["code"]?.number?.uint64.flatMap({ UInt32(exactly: $0) })
        else { throw .malformed("a result has hash, height and code") }
        return SubmissionResult(
            hash: hash, height: height, code: code, codespace: outcome["codespace"]?.string ?? "",
            log: outcome["log"]?.string ?? "", events: (outcome["events"]?.array ?? []).map(Self.event))
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

    private func call(_ method: String, _ parameters: JSONValue) async throws(LedgerAccessError) -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": parameters]
        let answer: Bytes
        do {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.encoded()))
            let response = try await client.execute(request, timeout: Limits.callTimeout)
            answer = Bytes(buffer: try await response.body.collect(upTo: Limits.answerBytesMax))
        } catch {
            throw .unreachable("\(url): \(error)")
        }
        let value: JSONValue
        do { value = try JSONParser.parse(answer) } catch { throw .malformed("it is not JSON: \(error)") }
        if let message = value["error"]?["message"]?.string { throw .refused(message) }
        guard let result = value["result"] else { throw .malformed("it has no result") }
        return result
    }

    private static func event(_ value: JSONValue) -> SubmissionEvent {
        let attributes = (value["attributes"]?.array ?? []).map {
            SubmissionEvent.Attribute(key: $0["key"]?.string ?? "", value: $0["value"]?.string ?? "")
        }
        return SubmissionEvent(type: value["type"]?.string ?? "", attributes: attributes)
    }

    private static func base64(_ value: JSONValue?) -> Bytes? { value?.string.flatMap { Base64.decode($0) } }

    private static func hash(_ value: JSONValue?) -> Hash32? {
        value?.string.flatMap { Hex.decode($0) }.flatMap { Hash32($0) }
    }
}

/// The bounds of what is asked and read.
enum Limits {
    /// Longer than the node waits for a block.
    static let callTimeout = TimeAmount.seconds(40)
    /// A thousand records of the largest kind, in base64.
    static let answerBytesMax = 64 << 20
    /// Records of one list; a list that is longer says that it is cut.
    static let listRecordsMax = 100_000
    /// How often a transaction is signed anew after another one of the same account came first.
    static let sequenceRetriesMax = 5
    /// How often and how long to look for the block that records an app hash.
    static let nextBlockLook = Duration.milliseconds(100)
    static let nextBlockLooksMax = 300
    /// Shown by wallets; the ledger prices bytes, not gas.
    static let gasLimit: UInt64 = 200_000
}
