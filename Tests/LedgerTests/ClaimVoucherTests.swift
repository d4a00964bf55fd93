import Cryptography
import Messages
import OrderingAPI
import Primitives
import TestSupport
import Testing

@testable import Ledger

@Suite("When a claim's vouchers are checked")
struct ClaimVoucherTests {
    /// A claim of sessions 1 and 2, the first voucher's signature changed where asked, in a ledger that takes claims.
    private static func scene(spoilt: Bool) throws -> (ClaimTests.Scene, MsgCommitClaim, Bytes) {
        let scene = try ClaimTests.Scene()
        var claim = scene.claim([scene.part(1), scene.part(2)])
        if spoilt { claim.entries[0].sessions[0].voucher.signature[3] ^= 1 }
        return (scene, claim, try scene.ledger.sign([claim], by: scene.host.operatorAccount, fee: .zero))
    }

    private static func context(_ ledger: TestLedger) throws -> ExecutionContext {
        try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
    }

    @Test("The mempool remembers the valid ones, and no others", arguments: [true, false])
    func remembers(isSpoilt: Bool) throws {
        let (scene, claim, bytes) = try Self.scene(spoilt: isSpoilt)
        let pipeline = TransactionPipeline(chainID: TestLedger.chainID, verified: VerifiedTransactions())
        for _ in 0..<2 {
            var context = try Self.context(scene.ledger)
            _ = try pipeline.check(bytes, in: &context)
            let names = claim.entries[0].sessions.map {
                SessionClaims.name(of: $0.voucher, under: scene.payer.key.publicKey.compressed)
            }
            #expect(pipeline.verified.vouchers(of: .sha256(bytes)) == Set(names.dropFirst(isSpoilt ? 1 : 0)))
        }
        #expect(pipeline.verified.vouchers(of: .zero) == nil)
    }

    @Test("A claim that its host's operator did not send costs the mempool no voucher")
    func ignoresStrangers() throws {
        let (scene, claim, _) = try Self.scene(spoilt: false)
        var strange = claim
        strange.operatorAccount = scene.payer.address
        let bytes = try scene.ledger.sign([strange], by: scene.payer)
        var context = try Self.context(scene.ledger)
        let pipeline = TransactionPipeline(chainID: TestLedger.chainID, verified: VerifiedTransactions())
        #expect(try pipeline.check(bytes, in: &context).isAccepted)
        #expect(pipeline.verified.vouchers(of: .sha256(bytes)) == [])
    }

    @Test("A block says the same whether the mempool saw the claim or not", arguments: [true, false], [true, false])
    func changesNothing(isSpoilt: Bool, isSeen: Bool) throws {
        let (scene, _, bytes) = try Self.scene(spoilt: isSpoilt)
        if isSeen { #expect(scene.ledger.app.checkTransaction(bytes, isRecheck: false).isAccepted) }
        let result = try scene.ledger.block([bytes]).transactionResults[0]
        #expect(result.refusal == (isSpoilt ? Refusal("sessions", 12) : nil))
        #expect(try scene.ledger.replayedAppHash() == scene.ledger.appHash)
    }

    @Test("What was checked is skipped: this signature, of this statement, under this key, and nothing like it")
    func skips() throws {
        let (scene, claim, _) = try Self.scene(spoilt: true)
        var context = try Self.context(scene.ledger)
        let part = claim.entries[0].sessions[0]
        let key = scene.payer.key.publicKey.compressed
        #expect(throws: LedgerError.self) { try SessionClaims.authenticate(part, in: context) }
        context.checkedVouchers = [SessionClaims.name(of: part.voucher, under: key)]
        #expect(throws: Never.self) { try SessionClaims.authenticate(part, in: context) }
        var raised = part
        raised.voucher.statement.amount = Amount(1_001)
        var resigned = part
        resigned.voucher.signature[4] ^= 1
        for other in [raised, resigned] {
            #expect(throws: LedgerError.self) { try SessionClaims.authenticate(other, in: context) }
        }
        context.checkedVouchers = [
            SessionClaims.name(of: part.voucher, under: scene.host.operatorAccount.key.publicKey.compressed)
        ]
        #expect(throws: LedgerError.self) { try SessionClaims.authenticate(part, in: context) }
    }

    @Test(
        "Signatures are checked last: what is wrong with the last session is found before the first one's voucher is",
        arguments: [
            .part("numbers that do not go on", Refusal("sessions", 13)) { part, _ in part.firstNumber = 2 },
            .part("an unknown session", Refusal("sessions", 6)) { part, _ in part.session = 99 },
            .voucher("another session's voucher") { voucher, _ in voucher.session = 1 },
            .part("nothing", Refusal("sessions", 12)) { _, _ in },
        ] as [ClaimTests.Case])
    func checksSignaturesLast(_ example: ClaimTests.Case) throws {
        let scene = try ClaimTests.Scene()
        var last = scene.claim([scene.part(2)])
        example.change(&last, scene)
        var first = scene.part(1)
        first.voucher.signature[3] ^= 1
        #expect(
            try scene.commit(scene.claim([first] + last.entries[0].sessions)).refusal == example.refusal)
        #expect(try scene.ledger.member(scene.host.address, of: 1)?.lastNumber == 0)
    }
}
