import AsyncHTTPClient
import Cryptography
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import Synchronization
import Testing
import WireFormat

@testable import LedgerClient

/// What a client makes of a node that is slow, broken or hostile.
@Suite(.timeLimit(.minutes(1))) struct RPCLedgerTests {
    private static let transaction = Bytes("a transaction".utf8)
    private static let hash = Hash32.sha256(transaction)
    private static let name = Hex.encode(hash.bytes).uppercased()

    private static let inBlock =
        #"{"jsonrpc":"2.0","id":1,"result":{"check_tx":{"code":0},"tx_result":{"code":7,"codespace":"bank","log":"no"},"#
        + #""hash":"\#(name)","height":"12"}}"#

    private static func error(_ code: Int, _ message: String, data: String = "") -> String {
        #"{"jsonrpc":"2.0","id":1,"error":{"code":\#(code),"message":"\#(message)","data":"\#(data)"}}"#
    }

    struct Doubt: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let reply: ScriptedNode.Reply
    }

    private static let doubts: [Doubt] = [
        Doubt(
            testDescription: "the node's own time-out",
            reply: .answer(error(-32603, "timed out waiting for tx to be included in a block"))),
        Doubt(testDescription: "a connection that ends", reply: .hangUp),
        Doubt(testDescription: "a failing server", reply: .answer(#"{"error":{"message":"x"}}"#, status: .badGateway)),
        Doubt(testDescription: "a page instead of JSON", reply: .answer("<html>")),
        Doubt(testDescription: "an answer without result", reply: .answer(#"{"jsonrpc":"2.0","id":1}"#)),
        Doubt(
            testDescription: "the result of another transaction",
            reply: .answer(inBlock.replacing(name, with: String(repeating: "A", count: 64)))),
    ]

    @Test(arguments: doubts) func whatMayHaveArrivedIsNeverCalledRefused(_ doubt: Doubt) async throws {
        let failure = try await ScriptedNode.run(doubt.reply) { url in
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).submit(Self.transaction) }
        }
        #expect(failure == .outcomeUnknown(Self.hash))
        #expect(failure?.description.contains("transaction \(Self.name) was sent") == true)
        #expect(failure?.description.contains("GET /tx?hash=0x\(Self.hash)") == true)
    }

    @Test(arguments: [
        ScriptedNode.Reply.answer(error(-32602, "the parameter tx must be base64")),
        .answer(error(-32601, "Method not found")), .answer(error(-32600, "no batch")),
        .answer(error(-32700, "no JSON")),
        .answer(#"{"error":{"message":"too long","code":"body_too_large"}}"#, status: .payloadTooLarge),
    ])
    func whatWasNotCarriedOutIsRefused(_ reply: ScriptedNode.Reply) async throws {
        let failure = try await ScriptedNode.run(reply) { url in
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).submit(Self.transaction) }
        }
        guard case .refused = failure else { throw Unexpected(failure) }
    }

    @Test func aNodeThatIsNotThereIsUnreachable() async throws {
        let gone = try await ScriptedNode.run(.hangUp) { $0 }
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        let failure = await #expect(throws: LedgerAccessError.self) {
            try await RPCLedger(url: gone, client: client).submit(Self.transaction)
        }
        try await client.shutdown()
        guard case .unreachable = failure else { throw Unexpected(failure) }
    }

    @Test func aResultIsReadFromTheBlockOrFromTheCheck() async throws {
        let failed = try await ScriptedNode.run(.answer(Self.inBlock)) {
            try await RPCLedger(url: $0).submit(Self.transaction)
        }
        #expect((failed.hash, failed.height, failed.code, failed.codespace) == (Self.hash, 12, 7, "bank"))
        let check =
            #"{"result":{"check_tx":{"code":5,"codespace":"sdk"},"tx_result":{"code":0},"hash":"\#(Self.name)","height":"0"}}"#
        let refused = try await ScriptedNode.run(.answer(check)) {
            try await RPCLedger(url: $0).submit(Self.transaction)
        }
        #expect((refused.height, refused.code, refused.codespace) == (0, 5, "sdk"))
    }

    @Test func anAnswerThatDribblesIsLost() async throws {
        let failure = try await ScriptedNode.run(.answer(Self.inBlock)) { url in
            let looks = Mutex<Int64>(0)
            // Each look at the clock finds it an hour later.
            let connection = RPCConnection(url: url, client: .shared) {
                let hours = looks.withLock { (looks: inout Int64) in
                    looks += 1
                    return looks
                }
                return .now() + .hours(hours)
            }
            return await #expect(throws: RPCFailure.self) { try await connection.call("status", .null) }
        }
        guard case .lost(let reason) = failure else { throw Unexpected(failure?.accessError) }
        #expect(reason.hasSuffix("tooSlow"))
    }

    // MARK: Looking up

    @Test func aTransactionIsLookedUpByItsHash() async throws {
        let known =
            #"{"result":{"hash":"\#(Self.name)","height":"3","index":0,"tx_result":{"code":0,"codespace":"","log":""}}}"#
        let found = try await ScriptedNode.run(.answer(known)) { try await RPCLedger(url: $0).transaction(Self.hash) }
        #expect(found?.height == 3)
        #expect(found?.isAccepted == true)
        let ours = Self.error(-32603, "tx (\(Self.name)) not found")
        let theirs = Self.error(-32603, "Internal error", data: "tx (\(Self.name)) not found, err: %!w(<nil>)")
        for unknown in [ours, theirs] {
            let result = try await ScriptedNode.run(.answer(unknown)) {
                try await RPCLedger(url: $0).transaction(Self.hash)
            }
            #expect(result == nil)
        }
    }

    @Test(arguments: [error(-32601, "Method not found"), error(-32603, "The node has stopped.")])
    func anErrorIsNotTheSameAsNoTransaction(_ answer: String) async throws {
        let failure = try await ScriptedNode.run(.answer(answer)) { url in
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).transaction(Self.hash) }
        }
        guard case .refused = failure else { throw Unexpected(failure) }
    }

    @Test func anotherTransactionThanTheOneAskedForIsMalformed() async throws {
        let other = #"{"result":{"hash":"\#(Self.name)","height":"3","tx_result":{"code":0}}}"#
        let failure = try await ScriptedNode.run(.answer(other)) { url in
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).transaction(.zero) }
        }
        guard case .malformed = failure else { throw Unexpected(failure) }
    }

    /// A node that lost its blocks, or is another one, is not one that has not made the next block yet.
    @Test(arguments: [(UInt64(5), true), (6, false), (4, false), (.max, false)])
    func onlyTheNextBlockIsWaitedFor(height: UInt64, isAwaited: Bool) async throws {
        let status =
            #"{"result":{"node_info":{"network":"x"},"sync_info":{"latest_block_height":"4","#
            + #""latest_app_hash":"\#(Self.name)"}}}"#
        let node = ScriptedNode.Reply.answers(["block": Self.error(-32603, "no such height"), "status": status])
        try await ScriptedNode.run(node) { url in
            guard !isAwaited else {
                let block = try await RPCLedger(url: url).block(at: height)
                #expect(block == nil)
                return
            }
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).block(at: height) }
        }
    }

    /// The block was made after it was asked for and before the node said how far it is.
    @Test func aBlockThatCameMeanwhileIsThere() async throws {
        let status =
            #"{"result":{"node_info":{"network":"x"},"sync_info":{"latest_block_height":"5","#
            + #""latest_app_hash":"\#(Self.name)"}}}"#
        let block =
            #"{"result":{"block_id":{"hash":"\#(Self.name)"},"block":{"header":{"height":"5","time":"2026-11-28T00:00:00Z","#
            + #""app_hash":"\#(Self.name)","last_block_id":{"hash":"\#(Self.name)"}},"data":{"txs":[]}}}}"#
        let node = ScriptedNode.Reply.turns([
            "block": [Self.error(-32603, "height 5 must be between 1 and the current height 4"), block],
            "status": [status],
        ])
        try await ScriptedNode.run(node) { url in
            let found = try await RPCLedger(url: url).block(at: 5)
            #expect(found?.height == 5)
        }
    }

    // MARK: Numbers

    @Test func theLastHeightThatThereIsHasNoBlockAfterIt() async throws {
        let failure = await #expect(throws: LedgerAccessError.self) {
            try await RPCLedger(url: "http://127.0.0.1:1").appHash(after: .max)
        }
        guard case .malformed = failure else { throw Unexpected(failure) }
    }

    @Test func aProofOfTheLastHeightThereIsIsMalformedAtOnce() async throws {
        let answer =
            #"{"result":{"response":{"code":0,"value":"","height":"\#(UInt64.max)"},"#
            + #""node_info":{"network":"x"},"sync_info":{"latest_block_height":"1","latest_app_hash":"\#(Self.name)"}}}"#
        let failure = try await ScriptedNode.run(.answer(answer)) { url in
            await #expect(throws: LedgerAccessError.self) { try await RPCLedger(url: url).readProven([1]) }
        }
        guard case .malformed = failure else { throw Unexpected(failure) }
    }

    private struct Unexpected: Error {
        let failure: LedgerAccessError?
        init(_ failure: LedgerAccessError?) { self.failure = failure }
    }
}
