import Cryptography
import LedgerClient
import Messages
import Primitives
import Testing
import WireFormat

@Suite(.timeLimit(.minutes(1))) struct TransactionSenderTests {
    private let sender: TransactionSender
    private let ledger: StepwiseLedger
    private let message: AnyMessage

    init() throws {
        let key = try #require(PrivateKey(Secret(Bytes(repeating: 0x11, count: 32))))
        ledger = StepwiseLedger(owner: key.publicKey.address, sequence: 7)
        sender = TransactionSender(ledger: ledger, key: key)
        message = MsgSend(from: key.publicKey.address, to: key.publicKey.address, amount: Amount(1)).packed
    }

    @Test func twoSendsAtOnceUseOneSequenceAfterTheOther() async throws {
        async let first = sender.send([message], memo: "first")
        async let second = sender.send([message], memo: "second")
        for count in 1...2 {
            await ledger.whenArrived(count)
            #expect(await ledger.arrivals.count == count)
            await ledger.makeBlock()
        }
        let results = try await [first, second]
        #expect(results.map(\.isAccepted) == [true, true])
        #expect(Set(results.map(\.height)) == [11, 12])
        #expect(await ledger.arrivals.map(\.sequence) == [7, 8])
    }

    @Test func aSequenceThatSomebodyElseUsedIsLookedUpAgainAfterTheNextBlock() async throws {
        await ledger.strangerSends(looks: 3)
        async let sent = sender.send([message])
        await ledger.whenArrived(2)
        await ledger.makeBlock()
        #expect(try await sent.isAccepted)
        let expected = [
            StepwiseLedger.Arrival(sequence: 7, height: 10), StepwiseLedger.Arrival(sequence: 8, height: 11),
        ]
        #expect(await ledger.arrivals == expected)
    }

    @Test func aSendThatIsCancelledWhileItWaitsSendsNothingAndHoldsUpNobody() async throws {
        let (sender, message) = (sender, message)
        let first = Task { try await sender.send([message], memo: "first") }
        await ledger.whenArrived(1)
        let cancelled = Task { try await sender.send([message], memo: "second") }
        cancelled.cancel()
        async let third = sender.send([message], memo: "third")
        await ledger.makeBlock()
        await ledger.whenArrived(2)
        await ledger.makeBlock()
        #expect(try await first.value.isAccepted)
        #expect(try await third.isAccepted)
        await #expect(throws: LedgerAccessError.unreachable("the wait was cancelled")) { try await cancelled.value }
        #expect(await ledger.arrivals.map(\.sequence) == [7, 8])
    }
}
