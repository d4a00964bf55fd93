import Cryptography
import EngineAPI
import LedgerClient
import Messages
import OpenAIWire
import OrderingAPI
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import Verification
import WireFormat

@testable import HostRoles

@Suite("Verifying receipts")
struct ReceiptVerifierTests {
    typealias Forgery = ReceiptScene.Forgery

    /// Something that a host, or whoever handed the file on, changed; and the checks that must fail for it, no other one.
    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let failures: Set<Check>
        /// Before the host signs and claims.
        var forge: @Sendable (inout Forgery) throws -> Void = { _ in }
        /// Afterwards.
        var alter: @Sendable (inout ReceiptFile) -> Void = { _ in }

        static func host(
            _ name: String, _ failures: Set<Check>, _ forge: @escaping @Sendable (inout Forgery) throws -> Void
        ) -> Lie { Lie(testDescription: name, failures: failures, forge: forge) }

        static func file(
            _ name: String, _ failures: Set<Check>, _ alter: @escaping @Sendable (inout ReceiptFile) -> Void
        ) -> Lie { Lie(testDescription: name, failures: failures, alter: alter) }
    }

    static let lies: [Lie] = [
        .file("a changed signature", [.signature]) { $0.receipt.signature[40] ^= 1 },
        .host("another chain", [.chain]) { $0.receipt.chainID = "gonka-swift-other-1" },
        .file("a stranger's operator key", [.operatorKey]) { file in
            var receipt = file.receipt.statement
            let stranger = TestAccount("stranger").key
            receipt.operatorKey = stranger.publicKey.compressed
            file.receipt = Signed(receipt, by: stranger)
        },
        .host("unproven, though the session is not", [.unproven]) { $0.receipt.isUnproven = true },
        .host("another prompt's digest", [.promptDigest]) { $0.receipt.item.promptDigest = .zero },
        .host("another output's digest", [.outputDigest]) { $0.receipt.item.outputDigest = .zero },
        .host("a count of prompt tokens that is too high", [.promptDigest, .fee]) { forgery in
            forgery.receipt.item.promptTokens += 1
        },
        .host("a count of output tokens that is too high", [.outputDigest, .fee]) { forgery in
            forgery.receipt.item.outputTokens += 1
        },
        .file("another text in the file", [.answer]) { $0.answer = "Hello yonder" },
        .host("another text in the receipt", [.answer]) { forgery in
            forgery.answer.text = "Hello yonder"
            try forgery.settle()
        },
        .host("another reason", [.ending]) { $0.receipt.item.finishReason = .length },
        .host("another request", [.requestDigest]) { $0.receipt.item.serving?.requestDigest = .zero },
        .file("another request in the file", [.requestDigest]) { file in
            file.request = file.request.map { $0 + Bytes(" ".utf8) }
        },
        .host("another prompt than the request's", [.prompt]) { forgery in
            forgery.body = Bytes(#"{"model":"test-model","messages":[{"role":"user","content":"Say hallo"}]}"#.utf8)
            forgery.receipt.item.serving?.requestDigest = .sha256(forgery.body)
        },
        .host("another temperature than the request's", [.sampling]) { forgery in
            forgery.receipt.item.sampling = try SamplingParameters(temperature: 500_000)
        },
        .host("a penalty that the request does not ask for", [.sampling]) { forgery in
            forgery.receipt.item.sampling = try SamplingParameters(presencePenalty: 1)
        },
        .host("a seed of its own choice", [.seed, .fingerprint]) { $0.receipt.item.seed = .sha256(utf8: "lucky") },
        .host("a higher fee", [.fee]) { forgery in
            let due = forgery.receipt.item.fee.ngonka
            forgery.receipt.item.serving?.fee = Amount(due + 1)
        },
        .host("one token that the model would not choose", [.margin, .fingerprint]) { forgery in
            forgery.answer.outputTokens[1] = TokenID(UInt8(ascii: "u"))
            forgery.answer.text = "Hullo there"
            try forgery.settle()
        },
        .host("a fingerprint without the model's run", [.fingerprint]) { forgery in
            let count = forgery.answer.fingerprint.count / 2
            let guess = try #require(Fingerprint(values: Array(repeating: -512, count: count)))
            forgery.answer.fingerprint = guess.bytes
            forgery.receipt.item.fingerprintCommitment = try #require(guess.commitment(salt: forgery.answer.salt))
        },
        .file("another fingerprint than the one committed to", [.fingerprint]) { file in
            file.item?.salt[0] ^= 1
        },
        .file("a claim that the ledger does not have", [.claim]) { $0.item?.round += 1 },
        .file("a proof of another place", [.claim]) { file in
            guard let item = file.item else { return }
            file.item?.proof = SumTreeProof(index: item.proof.index + 1, path: item.proof.path)
        },
    ]

    @Test("An honest receipt passes every check")
    func honest() async throws {
        let receipts = try await ReceiptScene()
        let file = try #require(try await receipts.claimed([receipts.honest]).first)
        let outcomes = await receipts.verify(file, engine: receipts.scene.engine, ledger: receipts.scene.ledger)
        #expect(outcomes.allSatisfy { $0.value == .passed }, "\(outcomes)")
        // The same from the file that a client writes.
        let read = try ReceiptFile(file.json.encoded())
        #expect(await receipts.failures(read).isEmpty)
    }

    @Test("Each lie fails its own checks and no other", arguments: lies)
    func lie(_ lie: Lie) async throws {
        let receipts = try await ReceiptScene()
        let item = try await receipts.forged(lie.forge)
        var file = try #require(try await receipts.claimed([item]).first)
        lie.alter(&file)
        #expect(await receipts.failures(file) == lie.failures)
    }

    @Test("Every check can fail")
    func everyCheckFails() {
        let failing = Self.lies.reduce(into: Set<Check>()) { $0.formUnion($1.failures) }
        // The file's hash is what `anotherFile` is about.
        #expect(failing.union([.modelFile]) == Set(Check.allCases))
    }

    @Test("A model of another file is named, and only that fails where it gives the same numbers")
    func anotherFile() async throws {
        let receipts = try await ReceiptScene()
        let file = receipts.file(receipts.honest)
        let copy = ScriptedEngine(model: "test-model", fileHash: .sha256(utf8: "copy"), answer: "Hello there")
        let outcomes = await receipts.verify(file, engine: copy, ledger: receipts.scene.ledger)
        #expect(outcomes.filter { $0.value == .failed }.map(\.key) == [.modelFile])
    }

    @Test("Another model's answer fails the model's checks alone")
    func anotherModel() async throws {
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"max_tokens":40}"#
        let receipts = try await ReceiptScene(body, engine: ScriptedEngine(model: "test-model", weights: 1))
        let file = try #require(try await receipts.claimed([receipts.honest]).first)
        let outcomes = await receipts.verify(
            file, engine: ScriptedEngine(model: "test-model"), ledger: receipts.scene.ledger)
        #expect(Set(outcomes.filter { $0.value == .failed }.keys) == [.margin, .fingerprint])
    }

    @Test("An item that lies at another session's place fails the claim's check")
    func place() async throws {
        for (order, failures) in [([0, 1], Set<Check>()), ([1, 0], [.claim])] {
            let receipts = try await ReceiptScene()
            let other = try await receipts.scene.ask(session: 2).item
            try #require(other.item.fee == receipts.honest.item.fee, "else the ledger would notice")
            for file in try await receipts.claimed([receipts.honest, other], inOrder: order) {
                #expect(await receipts.failures(file) == failures)
            }
        }
    }

    @Test("An item of an unproven session says so, and its margin is not judged")
    func unprovenSession() async throws {
        let receipts = try await ReceiptScene()
        let payer = receipts.scene.payer
        let session = try await receipts.scene.ledger.run { ledger in
            let message = MsgOpenSession(
                payer: payer.address, model: ledger.model, deposit: Amount(3 * Amount.ngonkaPerGNK),
                sessionKey: payer.key.publicKey.compressed, isUnproven: true)
            try #require(try ledger.run(message, by: payer).isAccepted)
            try ledger.block()
            return try ledger.lastSessionID()
        }
        try await receipts.scene.keeper.step()
        let item = try await receipts.scene.ask(session: session).item
        let stranger = ScriptedEngine(model: "test-model", answer: "Hello there", weights: 1)
        let outcomes = await receipts.verify(
            receipts.file(item), engine: stranger, ledger: receipts.scene.ledger)
        #expect((outcomes[.unproven], outcomes[.margin]) == (.passed, .skipped))
        // At temperature 0 the tokens are the model's or not, whatever the session.
        let cold = try await receipts.scene.ask(
            #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"temperature":0}"#, session: session,
            sequence: 2
        ).item
        let judged = await receipts.verify(
            receipts.file(cold), engine: receipts.scene.engine, ledger: receipts.scene.ledger)
        #expect((judged[.unproven], judged[.margin]) == (.passed, .passed))
    }

    @Test(
        "An item of a claim that the ledger threw out fails the claim's check",
        arguments: [ClaimState.settled, .void, .parked])
    func claimsEnd(state: ClaimState) async throws {
        let receipts = try await ReceiptScene()
        let file = try #require(try await receipts.claimed([receipts.honest]).first)
        let (host, round) = (receipts.scene.identity.address, try #require(file.item?.round))
        var claim = try #require(try await receipts.scene.ledger.claim(of: host, in: round))
        claim.state = state
        await receipts.scene.ledger.replace(StateKey.claim(round: round, host: host), with: claim)
        #expect(await receipts.failures(file) == (state == .settled ? [] : [.claim]))
    }

    // MARK: What is not there

    @Test("Without the model, what needs it is skipped and the rest passes")
    func withoutModel() async throws {
        let receipts = try await ReceiptScene()
        let file = try #require(try await receipts.claimed([receipts.honest]).first)
        let outcomes = await receipts.verify(file, engine: nil, ledger: receipts.scene.ledger)
        Self.expect(outcomes, skipped: [.ending, .prompt, .modelFile, .margin, .fingerprint])
    }

    @Test("Without a ledger, or with one that does not answer, what needs it is skipped", arguments: [false, true])
    func withoutLedger(isSilent: Bool) async throws {
        let receipts = try await ReceiptScene()
        let file = try #require(try await receipts.claimed([receipts.honest]).first)
        await receipts.scene.ledger.fail(100)
        let outcomes = await receipts.verify(
            file, engine: receipts.scene.engine, ledger: isSilent ? receipts.scene.ledger : nil)
        Self.expect(outcomes, skipped: [.chain, .operatorKey, .unproven, .fee, .modelFile, .claim])
    }

    @Test("What the client did not keep, or cannot have yet, is skipped")
    func withoutTexts() async throws {
        let body = #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],"seed":7}"#
        let receipts = try await ReceiptScene(body)
        var file = receipts.file(receipts.honest)
        let whole = await receipts.verify(file, engine: receipts.scene.engine, ledger: receipts.scene.ledger)
        Self.expect(whole, skipped: [.fingerprint, .claim])
        (file.request, file.answer) = (nil, nil)
        let outcomes = await receipts.verify(file, engine: receipts.scene.engine, ledger: receipts.scene.ledger)
        Self.expect(
            outcomes,
            skipped: [.answer, .ending, .requestDigest, .prompt, .sampling, .seed, .fee, .fingerprint, .claim])
    }

    private static func expect(_ outcomes: [Check: CheckReport.Outcome], skipped: Set<Check>) {
        #expect(Set(outcomes.filter { $0.value == .skipped }.keys) == skipped)
        #expect(outcomes.allSatisfy { $0.value != .failed }, "\(outcomes)")
    }
}
