import Cryptography
import Foundation
import OrderingAPI
import Primitives
import SoloOrdering
import WireFormat

/// The methods, by CometBFT's names.
struct RPCMethods: Sendable {
    /// Methods that hold their caller for longer than a read takes.
    static let waiting: Set<String> = ["broadcast_tx_commit"]
    /// CometBFT's version whose shapes these are; clients choose their decoder by it.
    static let version = "0.38.25"

    let ordering: SoloOrdering

    var isReady: Bool {
        get async { (try? await ordering.status()) != nil }
    }

    func call(_ method: String, _ parameters: RPCParameters) async throws -> JSONValue {
        switch method {
        case "health": [:]
        case "status": try await status()
        case "abci_info": try await applicationInfo()
        case "abci_query": try await query(parameters)
        case "broadcast_tx_sync": try await broadcast(parameters)
        case "broadcast_tx_commit": try await broadcastAndWait(parameters)
        case "tx": try await transaction(parameters)
        case "block": try await block(parameters)
        default: throw RPCError.unknownMethod(method)
        }
    }

    private func status() async throws -> JSONValue {
        let status = try await ordering.status()
        return [
            "node_info": [
                "network": .string(status.chainID), "version": .string(Self.version), "moniker": "gonka-swift",
                "other": ["tx_index": "on"],
            ],
            "sync_info": [
                "latest_block_hash": .string(upperHex(status.tip.hash)),
                "latest_app_hash": .string(upperHex(status.tip.appHash)),
                "latest_block_height": decimal(status.tip.height),
                "latest_block_time": .string(Self.time(status.tip.timeMilliseconds)),
                "catching_up": .boolean(status.isCatchingUp),
            ],
            "mempool": [
                "transactions": decimal(UInt64(status.waitingTransactions)),
                "bytes": decimal(UInt64(status.waitingBytes)),
            ],
        ]
    }

    private func applicationInfo() async throws -> JSONValue {
        let tip = try await ordering.status().tip
        return [
            "response": [
                "data": "gonka", "last_block_height": decimal(tip.height),
                "last_block_app_hash": .string(Base64.encode(tip.appHash.bytes)),
            ]
        ]
    }

    private func query(_ parameters: RPCParameters) async throws -> JSONValue {
        let answer = try await ordering.query(
            QueryRequest(
                path: parameters.text("path"), data: try parameters.hexBytes("data"),
                wantsProof: parameters.boolean("prove")))
        let proof: JSONValue =
            answer.proof.isEmpty
            ? .null
            : [
                "ops": [
                    [
                        "type": .string(QueryResponse.proofType), "key": .string(Base64.encode(answer.key)),
                        "data": .string(Base64.encode(answer.proof)),
                    ]
                ]
            ]
        return [
            "response": [
                "code": .number(UInt64(answer.code)), "log": .string(answer.log), "info": "", "index": "0",
                "key": .string(Base64.encode(answer.key)), "value": .string(Base64.encode(answer.value)),
                "proofOps": proof, "height": decimal(answer.height), "codespace": .string(answer.codespace),
            ]
        ]
    }

    private func broadcast(_ parameters: RPCParameters) async throws -> JSONValue {
        let bytes = try parameters.transactionBytes("tx")
        let result = try await ordering.broadcast(bytes)
        return [
            "code": .number(UInt64(result.code)), "data": "", "log": .string(result.log),
            "codespace": .string(result.codespace), "hash": .string(upperHex(.sha256(bytes))),
        ]
    }

    private func broadcastAndWait(_ parameters: RPCParameters) async throws -> JSONValue {
        let bytes = try parameters.transactionBytes("tx")
        let hash = JSONValue.string(upperHex(.sha256(bytes)))
        switch try await ordering.broadcastAndWait(bytes, timeout: RPCLimits.commitTimeout) {
        case .committed(let transaction):
            return [
                "check_tx": Self.json(TransactionResult()), "tx_result": Self.json(transaction.result), "hash": hash,
                "height": decimal(transaction.height),
            ]
        case .refused(let result):
            return [
                "check_tx": Self.json(result), "tx_result": Self.json(TransactionResult()), "hash": hash, "height": "0",
            ]
        case .unknown:
            throw RPCError(code: -32603, message: "timed out waiting for tx to be included in a block")
        }
    }

    private func transaction(_ parameters: RPCParameters) async throws -> JSONValue {
        let text = parameters.text("hash")
        let bytes = text.utf8.count >= 64 ? try parameters.hexBytes("hash") : Base64.decode(text) ?? []
        guard let hash = Hash32(bytes) else { throw RPCError.invalid("hash", "32 bytes") }
        guard let transaction = await ordering.transaction(hash) else {
            throw RPCError(code: -32603, message: "tx (\(upperHex(hash))) not found")
        }
        return [
            "hash": .string(upperHex(hash)), "height": decimal(transaction.height),
            "index": .number(UInt64(transaction.index)), "tx_result": Self.json(transaction.result),
        ]
    }

    private func block(_ parameters: RPCParameters) async throws -> JSONValue {
        let tip = try await ordering.status().tip
        let height = try parameters.number("height") ?? tip.height
        guard let block = try await ordering.block(at: height) else {
            throw RPCError(
                code: -32603, message: "height \(height) must be between 1 and the current height \(tip.height)")
        }
        return [
            "block_id": ["hash": .string(upperHex(block.hash))],
            "block": [
                "header": [
                    "height": decimal(block.height), "time": .string(Self.time(block.timeMilliseconds)),
                    "last_block_id": ["hash": .string(upperHex(block.parentHash))],
                    "app_hash": .string(upperHex(block.appHashBefore)),
                ],
                "data": ["txs": .array(block.transactions.map { .string(Base64.encode($0)) })],
            ],
        ]
    }

    private static func json(_ result: TransactionResult) -> JSONValue {
        [
            "code": .number(UInt64(result.code)), "data": "", "log": .string(result.log),
            "gas_wanted": decimal(result.gasWanted), "gas_used": decimal(result.gasUsed),
            "codespace": .string(result.codespace), "events": .array(result.events.map(json)),
        ]
    }

    private static func json(_ event: Event) -> JSONValue {
        [
            "type": .string(event.type),
            "attributes": .array(
                event.attributes.map { ["key": .string($0.key), "value": .string($0.value), "index": true] }),
        ]
    }

    /// RFC 3339, UTC, with milliseconds, exactly: a follower computes the block's hash from it.
    static func time(_ milliseconds: UInt64) -> String {
        let seconds = Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: false))
        let fraction = String(milliseconds % 1_000)
        return seconds + "." + String(repeating: "0", count: 3 - fraction.count) + fraction + "Z"
    }
}

/// CometBFT writes 64-bit integers as texts.
private func decimal(_ value: UInt64) -> JSONValue { .string(String(value)) }

/// CometBFT writes hashes in upper-case hexadecimal.
private func upperHex(_ hash: Hash32) -> String { Hex.encode(hash.bytes).uppercased() }
