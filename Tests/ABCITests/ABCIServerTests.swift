import Foundation
import Ledger
import OrderingAPI
import Primitives
import StateStore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ABCIServer

/// The socket: order, flushing, bounds, and how it ends.
@Suite(.timeLimit(.minutes(1))) struct ABCIServerTests {
    private static let flush = ABCI_Request.with { $0.flush = ABCI_RequestFlush() }

    private static func echo(_ text: String) -> ABCI_Request { .with { $0.echo.message = text } }

    private static func ledger() throws -> LedgerApp { try LedgerApp(storage: MemoryStorage()) }

    @Test func answersComeInOrderAtTheFlush() async throws {
        try await RunningServer.run(try Self.ledger()) { address in
            let node = try await SocketNode.connect(to: address)
            for index in 0..<100 { try await node.send(Self.echo("\(index)")) }
            try await node.send(Self.flush)
            let answers = try await node.take(101)
            #expect(answers.dropLast().map(\.echo.message) == (0..<100).map { "\($0)" })
            #expect(answers.last?.value == .flush(ABCI_ResponseFlush()))
            try await node.close()
        }
    }

    /// Who never flushes is answered all the same before much is held.
    @Test func nobodyIsHeldForEver() async throws {
        var limits = Limits()
        limits.answersHeldMax = 3
        try await RunningServer.run(try Self.ledger(), limits: limits) { address in
            let node = try await SocketNode.connect(to: address)
            for index in 0..<6 { try await node.send(Self.echo("\(index)")) }
            #expect(try await node.take(6).count == 6)
            try await node.close()
        }
    }

    @Test func overAUnixSocketToo() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "gonka-\(UUID().uuidString).sock").path
        let address = ABCIAddress.unix(path: path)
        for _ in 0..<2 {
            // The second time the first one's file is still there.
            try await RunningServer.run(try Self.ledger(), at: address) { address in
                let node = try await SocketNode.connect(to: address)
                #expect(try await node.ask(Self.echo("x")).echo.message == "x")
                await #expect(throws: ABCIServerError.self) {
                    try await RunningServer.run(try Self.ledger(), at: address) { _ in }
                }
                try await node.close()
            }
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test(arguments: [
        Bytes([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), [0xff, 0xff, 0xff, 0xff, 0x07], [0x02, 0xff, 0xff],
    ])
    func garbageEndsItsConnectionAndNoOther(bytes: Bytes) async throws {
        try await RunningServer.run(try Self.ledger()) { address in
            let (node, other) = (
                try await SocketNode.connect(to: address), try await SocketNode.connect(to: address)
            )
            try await other.send(raw: bytes)
            // What is a message and no request is told so before the connection ends.
            let answers = try await other.take(2)
            #expect(answers.count <= 1 && answers.allSatisfy { !$0.exception.error.isEmpty })
            #expect(try await node.ask(Self.echo("x")).echo.message == "x")
            try await node.close()
        }
    }

    @Test func aNodeHasFourConnectionsAndNobodyHasAHundred() async throws {
        var limits = Limits()
        limits.connectionsMax = 4
        try await RunningServer.run(try Self.ledger(), limits: limits) { address in
            var nodes: [SocketNode] = []
            for _ in 0..<4 {
                nodes.append(try await SocketNode.connect(to: address))
                _ = try await nodes[nodes.count - 1].ask(Self.echo("x"))
            }
            let fifth = try await SocketNode.connect(to: address)
            #expect(try await fifth.take(1).isEmpty, "closed at once")
            #expect(try await nodes[0].ask(Self.echo("x")).echo.message == "x")
            for node in nodes { try await node.close() }
        }
    }

    @Test func whatCannotBeAnsweredEndsTheServerWithASentence() async throws {
        await #expect(throws: ABCIServerError.failed("Commit without FinalizeBlock")) {
            try await RunningServer.runToItsEnd(try Self.ledger()) { address in
                let node = try await SocketNode.connect(to: address)
                let answer = try await node.ask(.with { $0.commit = ABCI_RequestCommit() })
                #expect(answer.exception.error == "Commit without FinalizeBlock")
            }
        }
    }

    @Test func anotherMainVersionOfABCIIsRefused() async throws {
        let reason = "CometBFT 0.37.0 speaks ABCI 1.0.0, and this speaks 2.0"
        await #expect(throws: ABCIServerError.failed(reason)) {
            try await RunningServer.runToItsEnd(try Self.ledger()) { address in
                let answer = try await SocketNode.connect(to: address).ask(
                    .with {
                        $0.info.abciVersion = "1.0.0"
                        $0.info.version = "0.37.0"
                    })
                #expect(answer.exception.error == reason)
            }
        }
    }

    /// CometBFT's RPC hands on whatever bytes it was asked for.
    @Test func aPathThatIsNoTextIsRefusedAndNoMore() async throws {
        try await RunningServer.run(try Self.ledger()) { address in
            let node = try await SocketNode.connect(to: address)
            let answer = try await node.ask(.with { $0.query.path = Data([0xff]) })
            #expect(answer.query.code == 6 && !answer.query.log.isEmpty)
            #expect(try await node.ask(Self.echo("x")).echo.message == "x")
            try await node.close()
        }
    }
}
