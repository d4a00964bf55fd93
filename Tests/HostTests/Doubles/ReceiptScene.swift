import Cryptography
import EngineAPI
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import Verification
import WireFormat

@testable import HostRoles

/// An answer of a host and what its client keeps of it. The host may be a dishonest one, which signs and claims what it likes.
struct ReceiptScene {
    let scene: HostScene
    let honest: FinishedItem

    init(
        _ body: String = HostScene.question,
        engine: any Engine = ScriptedEngine(model: "test-model", answer: "Hello there")
    ) async throws {
        scene = try await HostScene(engine: engine)
        honest = try await scene.ask(body).item
    }

    /// What a dishonest host may change before it signs.
    struct Forgery {
        var receipt: Receipt
        var answer: FinishedItem.Answer
        var body: Bytes
        let prices: TokenPrices

        /// Makes digests, counts and fee those of the answer, as a host that lies consistently does.
        mutating func settle() throws {
            receipt.answerDigest = .sha256(utf8: answer.text)
            receipt.item.outputDigest = TokenDigest.digest(of: answer.outputTokens)
            receipt.item.outputTokens = UInt64(answer.outputTokens.count)
            let usage = TokenUsage(
                prompt: receipt.item.promptTokens, cached: 0, output: receipt.item.outputTokens)
            receipt.item.serving?.fee = try Charge.fee(prices, usage: usage, maximum: Amount(.max))
        }
    }

    /// The item as `change` leaves it, signed by the host's operator key.
    func forged(_ change: (inout Forgery) throws -> Void) async throws -> FinishedItem {
        let prices = try await scene.view.membership(1).session.prices
        var forgery = Forgery(
            receipt: honest.receipt.statement, answer: honest.answer, body: honest.body, prices: prices)
        try change(&forgery)
        return FinishedItem(
            receipt: Signed(forgery.receipt, by: scene.identity.operatorKey), voucher: honest.voucher,
            body: forgery.body, answer: forgery.answer)
    }

    /// What a client keeps of an item that is not opened yet.
    func file(_ item: FinishedItem) -> ReceiptFile {
        ReceiptFile(
            receipt: item.receipt, promptTokens: item.answer.promptTokens, outputTokens: item.answer.outputTokens,
            request: item.body, answer: item.answer.text, itemsURL: nil, item: nil)
    }

    /// The host's claim for items, one a session from session 1 on, put into the tree in any order.
    ///
    /// - Returns: the items' files in the tree's order, each with its proof.
    func claimed(_ items: [FinishedItem], inOrder order: [Int]? = nil) async throws -> [ReceiptFile] {
        let round = try await scene.view.current().round
        try await scene.ledger.run { try $0.advance(to: round.timetable.window(.commit).lowerBound - 1) }
        func leaf(_ item: FinishedItem) -> SumTreeNode {
            SumTreeNode(item: item.item.encoded(), sums: ItemSums(fee: item.item.fee, tokens: item.item.outputTokens))
        }
        let sessions = items.enumerated().map { index, item in
            ClaimableSession(
                session: UInt64(index + 1), model: item.item.model, firstNumber: 1, voucher: item.voucher,
                leaves: [leaf(item)])
        }
        let placed = (order ?? Array(items.indices)).map { items[$0] }
        let tree = try SumTree(placed.map(leaf))
        var entry = try #require(try ClaimBuilder.entries(of: sessions).first)
        entry.root = tree.claim.root
        let message = MsgCommitClaim(
            operatorAccount: scene.identity.operatorKey.publicKey.address, host: scene.identity.address,
            round: round.id, entries: [entry])
        let sender = TransactionSender(ledger: scene.ledger, key: scene.identity.operatorKey)
        try #require(try await sender.send([message.packed], fee: .free).isAccepted)
        return try placed.enumerated().map { index, item in
            let proof = try #require(tree.proof(at: UInt64(index)))
            var file = file(item)
            file.item = try OpenedItem(ItemDisclosure(round: round.id, entry: entry, item: item, proof: proof).json)
            return file
        }
    }

    /// Every check's outcome; each is listed once, whatever the others say.
    func verify(
        _ file: ReceiptFile, engine: (any Engine)?, ledger: (any LedgerAccess)?
    ) async -> [Check: CheckReport.Outcome] {
        let reports = await ReceiptVerifier(engine: engine, ledger: ledger).verify(file)
        #expect(reports.map(\.check) == Check.allCases)
        return Dictionary(uniqueKeysWithValues: reports.map { ($0.check, $0.outcome) })
    }

    /// The checks that fail with model and ledger at hand.
    func failures(_ file: ReceiptFile) async -> Set<Check> {
        Set(await verify(file, engine: scene.engine, ledger: scene.ledger).filter { $0.value == .failed }.keys)
    }
}
