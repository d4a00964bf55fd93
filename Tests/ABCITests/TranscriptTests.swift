import Cryptography
import Foundation
import Ledger
import OrderingAPI
import Primitives
import StateStore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ABCIServer

/// What a real CometBFT sent, sent to this server: its blocks, rounds, restarts and refusals around a ledger that takes none of its
/// transactions.
@Suite(.timeLimit(.minutes(1))) struct TranscriptTests {
    /// A chain that begins at another height is not one of this ledger's.
    private static let refused = "1val-initial-height-100-large-tx"

    @Test(arguments: Transcript.names.filter { $0 != refused })
    func aRealNodesRequestsGetAnswersOfTheirKindsInOrder(name: String) async throws {
        let transcript = try Transcript(name)
        try await RunningServer.run(try Self.ledger(for: transcript)) { address in
            var connections: [Int: Recorded] = [:]
            for frame in transcript.frames {
                guard let body = frame.body else { continue }
                if connections[frame.conn] == nil {
                    connections[frame.conn] = Recorded(node: try await SocketNode.connect(to: address))
                }
                guard frame.isRequest else {
                    connections[frame.conn]?.kinds.append(try Self.kind(of: ABCI_Response(serializedBytes: body)))
                    continue
                }
                try await connections[frame.conn]?.send(try Self.ours(ABCI_Request(serializedBytes: body)))
            }
            for (_, connection) in connections {
                #expect(connection.got.count >= connection.kinds.count)
                #expect(Array(connection.got.prefix(connection.kinds.count)) == connection.kinds)
                try await connection.node.close()
            }
        }
    }

    @Test func aChainThatDoesNotBeginAtOneIsRefusedWithASentence() async throws {
        let transcript = try Transcript(Self.refused)
        let requests = try transcript.requests().values.flatMap { $0 }
        let request = try #require(requests.first { if case .initChain = $0.value { true } else { false } })
        let reason = "the chain begins at height 100, and this ledger at 1"
        await #expect(throws: ABCIServerError.failed(reason)) {
            try await RunningServer.runToItsEnd(try Self.ledger(for: transcript)) { address in
                let answer = try await SocketNode.connect(to: address).ask(Self.ours(request))
                #expect(answer.exception.error == reason)
            }
        }
    }

    // MARK: Inside

    /// One connection: what was sent and has come back, and the kinds of what the recorded application answered.
    private struct Recorded {
        let node: SocketNode
        var kinds: [String] = []
        var got: [String] = []
        private var waiting = 0

        init(node: SocketNode) { self.node = node }

        mutating func send(_ request: ABCI_Request) async throws {
            try await node.send(request)
            waiting += 1
            guard case .flush = request.value else { return }
            got += try await node.take(waiting).map { try TranscriptTests.kind(of: $0) }
            waiting = 0
        }
    }

    private static func kind(of response: ABCI_Response) throws -> String {
        let value = try #require(response.value)
        return String(describing: value).prefix { $0 != "(" }.description
    }

    /// The recorded chain's genesis is another application's; everything else stays as it was.
    private static func ours(_ request: ABCI_Request) -> ABCI_Request {
        guard case .initChain(var genesis) = request.value else { return request }
        let plan = TestLedgerPlan().request
        genesis.chainID = plan.chainID
        genesis.consensusParams.block.maxGas = -1
        genesis.appStateBytes = .init(Bytes("\"\(Base64.encode(plan.applicationState))\"".utf8))
        return .with { $0.initChain = genesis }
    }

    /// A ledger at the height that the recorded application had.
    private static func ledger(for transcript: Transcript) throws -> LedgerApp {
        let requests = try transcript.requests().values.flatMap { $0 }
        let ledger = try LedgerApp(storage: MemoryStorage())
        let begins = requests.contains { if case .initChain = $0.value { true } else { false } }
        let first = requests.compactMap { request -> Int64? in
            if case .finalizeBlock(let block) = request.value { block.height } else { nil }
        }.min()
        guard !begins, let first else { return ledger }
        _ = try ledger.initChain(TestLedgerPlan().request)
        for height in 1..<UInt64(first) {
            _ = try ledger.finalizeBlock(
                OrderedBlock(
                    height: height, timeMilliseconds: height, hash: .sha256(.bigEndian(height)),
                    parentHash: ledger.info().lastBlockHash, transactions: []))
            try ledger.commit()
        }
        return ledger
    }
}
