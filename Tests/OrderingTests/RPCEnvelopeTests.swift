import OrderingAPI
import Primitives
import SoloOrdering
import Testing
import WireFormat

@testable import NodeServer

/// JSON-RPC as the node answers it, and what a batch may cost.
@Suite(.timeLimit(.minutes(1))) struct RPCEnvelopeTests {
    /// A node that takes calls and makes no blocks.
    private func started(_ change: (inout RPCLimits) -> Void = { _ in }) async throws -> (node: Node, rpc: RPCEnvelope)
    {
        let node = try Node()
        try await node.ordering.start()
        var limits = RPCLimits()
        change(&limits)
        return (node, RPCEnvelope(methods: RPCMethods(ordering: node.ordering), limits: limits, clock: node.clock))
    }

    private func call(_ rpc: RPCEnvelope, _ body: String) async throws -> JSONValue {
        try JSONParser.parse(await rpc.answer(Bytes(body.utf8)))
    }

    private func batch(_ calls: [String]) -> String {
        let requests = calls.enumerated().map { #"{"jsonrpc":"2.0","id":\#($0 + 1),"# + $1 + "}" }
        return "[" + requests.joined(separator: ",") + "]"
    }

    private static let status = #""method":"status""#

    private func broadcast(_ method: String, _ addition: Addition = Addition()) -> String {
        #""method":"\#(method)","params":{"tx":"\#(Base64.encode(addition.bytes))"}"#
    }

    private func codes(_ answers: JSONValue) -> [Int64?] {
        (answers.array ?? []).map { $0["error"]?["code"]?.number?.int64 }
    }

    private func ids(_ answers: JSONValue) -> [Int64?] { (answers.array ?? []).map { $0["id"]?.number?.int64 } }

    // MARK: Alone

    @Test func aRequestThatIsNoneHasAnError() async throws {
        let (_, rpc) = try await started()
        let cases: [(String, Int64)] = [
            ("{", -32700), ("{}", -32600), ("7", -32600), (#"{"id":1,"method":"no"}"#, -32601),
            (#"{"method":"tx","params":{"hash":"zz"}}"#, -32602),
        ]
        for (body, code) in cases {
            #expect(try await call(rpc, body)["error"]?["code"]?.number?.int64 == code, "\(body)")
        }
    }

    @Test func aCommitThatComesTooLateSaysSo() async throws {
        let (node, rpc) = try await started()
        async let answer = call(rpc, "{" + broadcast("broadcast_tx_commit") + "}")
        await node.clock.whenSomebodySleeps(until: RPCLimits.commitTimeout)
        node.clock.advance(by: RPCLimits.commitTimeout)
        let error = try await answer["error"]
        #expect(error?["code"]?.number?.int64 == -32603)
        #expect(error?["message"]?.string == "timed out waiting for tx to be included in a block")
    }

    // MARK: Batches

    @Test func aBatchIsAnsweredInItsOrder() async throws {
        let (node, rpc) = try await started()
        let calls = [Self.status, broadcast("broadcast_tx_sync"), #""method":"no""#, #""method":"health""#]
        let answers = try await call(rpc, batch(calls))
        #expect(ids(answers) == [1, 2, 3, 4])
        #expect(codes(answers) == [nil, nil, -32601, nil])
        #expect(try await node.ordering.status().waitingTransactions == 1)
    }

    @Test(arguments: [0, 101]) func aBatchOfAnotherLengthIsRefusedAsAWhole(_ count: Int) async throws {
        let (node, rpc) = try await started()
        let calls = (0..<count).map { broadcast("broadcast_tx_sync", Addition(sender: UInt8($0))) }
        let answer = try await call(rpc, batch(calls))
        #expect(answer["error"]?["code"]?.number?.int64 == -32600)
        #expect(answer["error"]?["message"]?.string == "a batch has 1 to 100 requests, and this one has \(count)")
        #expect(try await node.ordering.status().waitingTransactions == 0)
    }

    @Test func aBatchOfTheGreatestLengthIsAnswered() async throws {
        let (_, rpc) = try await started()
        let answers = try await call(rpc, batch(Array(repeating: Self.status, count: 100)))
        #expect(codes(answers) == Array(repeating: nil, count: 100))
    }

    @Test func answersThatAreTooLongTogetherEndABatch() async throws {
        let length = try await call(started().rpc, batch([Self.status])).encoded().count
        let (node, rpc) = try await started { $0.batchAnswerBytesMax = 2 * length + 4 }
        let calls = [Self.status, Self.status, Self.status, broadcast("broadcast_tx_sync"), Self.status]
        let body = batch(calls)
        let answers = try await call(rpc, body)
        #expect(ids(answers) == [1, 2, 3, 4, 5])
        #expect(codes(answers) == [nil, nil, -32000, -32000, -32000])
        let messages = (answers.array ?? []).map { $0["error"]?["message"]?.string }
        #expect(messages[2] == RPCError.answerDoesNotFit.message)
        #expect(messages[3...] == [RPCError.batchIsFull.message, RPCError.batchIsFull.message])
        #expect(try await node.ordering.status().waitingTransactions == 0, "what is refused is not carried out")
    }

    @Test func everyBlockFitsIntoOneAnswer() {
        #expect(Limits().block.bytesMax / 3 * 4 + 1 << 20 < RPCLimits().batchAnswerBytesMax)
    }

    @Test func aBatchThatTakesTooLongEnds() async throws {
        let (node, rpc) = try await started { $0.batchDuration = .seconds(10) }
        let slow = RPCEnvelope(methods: rpc.methods, limits: rpc.limits, clock: SteppingClock(step: .seconds(4)))
        let calls = [Self.status, Self.status, broadcast("broadcast_tx_sync"), Self.status]
        let answers = try await call(slow, batch(calls))
        #expect(ids(answers) == [1, 2, 3, 4])
        #expect(codes(answers) == [nil, nil, -32000, -32000])
        #expect(answers.array?.last?["error"]?["message"]?.string == RPCError.batchTookTooLong.message)
        #expect(try await node.ordering.status().waitingTransactions == 0)
    }

    @Test func nothingInABatchWaitsForABlock() async throws {
        let (node, rpc) = try await started()
        let answers = try await call(rpc, batch([broadcast("broadcast_tx_commit"), Self.status]))
        #expect(codes(answers) == [-32600, nil])
        #expect(try await node.ordering.status().waitingTransactions == 0)
    }
}

/// A clock on which every look takes the same time.
private final class SteppingClock: BlockClock {
    private let looks = Locked(0)
    private let step: Duration

    init(step: Duration) { self.step = step }

    func wallMilliseconds() -> UInt64 { 0 }

    func elapsed() -> Duration {
        looks.withLock { looks in
            defer { looks += 1 }
            return step * looks
        }
    }

    func sleep(until deadline: Duration) async {}
}
