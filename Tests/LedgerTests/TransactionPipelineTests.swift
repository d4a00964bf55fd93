import Cryptography
import Messages
import OrderingAPI
import Primitives
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("From bytes to an admitted transaction")
struct TransactionPipelineTests {
    private static let receiver = TestAccount("receiver").address
    private static let receiverKey = TestAccount("receiver").key.publicKey.compressed

    /// A transfer of the first account, before it is signed.
    private static func draft(_ ledger: TestLedger) throws -> TestTransaction {
        let sender = ledger.accounts[0]
        var draft = try ledger.draft(
            [MsgSend(from: sender.address, to: receiver, amount: Amount(1))], by: sender)
        draft.offer(Amount(1_000_000))
        return draft
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal?
        let bytes: @Sendable (TestLedger) throws -> Bytes

        /// A change before signing.
        init(_ name: String, _ code: UInt32?, _ change: @escaping @Sendable (inout TestTransaction) -> Void) {
            self.init(name, code) { (ledger: TestLedger) in
                var draft = try TransactionPipelineTests.draft(ledger)
                change(&draft)
                return draft.signed(by: ledger.accounts[0].key)
            }
        }

        /// A change after signing.
        init(raw name: String, _ code: UInt32, _ change: @escaping @Sendable (inout TransactionRaw) -> Void) {
            self.init(name, code) { (ledger: TestLedger) in
                let bytes = try TransactionPipelineTests.draft(ledger).signed(by: ledger.accounts[0].key)
                var raw = try TransactionRaw.decode(bytes)
                change(&raw)
                return raw.encoded()
            }
        }

        init(_ name: String, _ code: UInt32?, make: @escaping @Sendable (TestLedger) throws -> Bytes) {
            (testDescription, refusal, bytes) = (name, code.map { Refusal("sdk", $0) }, make)
        }
    }

    private static let forms: [Case] = [
        Case("as wallets make it", nil) { _ in },
        Case("a memo of 256 bytes", nil) { $0.body.memo = String(repeating: "é", count: 128) },
        Case("a memo of 257 bytes", 12) { $0.body.memo = String(repeating: "m", count: 257) },
        Case("the last possible height", nil) { $0.body.timeoutHeight = 1 },
        Case("a timeout far away", nil) { $0.body.timeoutHeight = .max },
        Case("unordered", 18) { $0.body.isUnordered = true },
        Case("a timeout in time", 18) { $0.body.timeoutTimestamp = [8, 1] },
        Case("an extension", 31) { $0.body.extensionOptions = [AnyMessage(typeURL: "/x", value: [])] },
        Case("an extension that may be skipped", 31) {
            $0.body.nonCriticalExtensionOptions = [AnyMessage(typeURL: "/x", value: [])]
        },
        Case("no message", 18) { $0.body.messages = [] },
        Case("17 messages", 18) { $0.body.messages = Array(repeating: $0.body.messages[0], count: 17) },
        Case("16 messages", nil) { draft in
            draft.body.messages = Array(repeating: draft.body.messages[0], count: 16)
        },
        Case("an unknown message", 2) { $0.body.messages[0].typeURL = "/cosmos.bank.v1beta1.MsgMultiSend" },
        Case("a receiver in capitals", 2) { draft in
            let (lower, upper) = (Bytes(receiver.bech32.utf8), Bytes(receiver.bech32.uppercased().utf8))
            draft.body.messages[0].value.replace(lower, with: upper)
        },
        Case("a message whose name only looks like a known one", 2) { (ledger: TestLedger) in
            let host = ledger.hosts[0]
            let message = MsgRotateOperatorKey(host: host.address, operatorKey: receiverKey)
            var draft = try ledger.draft([message], by: host.account)
            draft.offer(Amount(1_000_000))
            draft.body.messages[0].typeURL = "/gonka.v1.MsgRotateOperator\u{212A}ey"
            return draft.signed(by: host.account.key)
        },
        Case("a message that does not decode", 2) { $0.body.messages[0].value.removeLast() },
        Case("an empty message", 2) { $0.body.messages[0].value = [] },
        Case("two signers' messages", 18) { draft in
            let other = MsgSend(from: receiver, to: receiver, amount: Amount(1))
            draft.body.messages.append(other.packed)
        },
        Case("no signer info", 4) { $0.authentication.signerInfos = [] },
        Case("two signer infos", 4) { $0.authentication.signerInfos += $0.authentication.signerInfos },
        Case("no fee at all", 2) { (ledger: TestLedger) in
            let sender = ledger.accounts[0]
            let draft = try draft(ledger)
            var raw = try TransactionRaw.decode(draft.signed(by: sender.key))
            let infos = AuthenticationInfo(
                signerInfos: draft.authentication.signerInfos, fee: TransactionFee(amount: [], gasLimit: 0))
            raw.authInfoBytes = infos.encoded().dropLast(2)
            return raw.encoded()
        },
        Case("amino JSON", 4) { $0.authentication.signerInfos[0].mode = .legacyAminoJSON },
        Case("no sign mode", 4) { $0.authentication.signerInfos[0].mode = .unspecified },
        Case("another fee payer", 18) { $0.authentication.fee.payer = receiver.bech32 },
        Case("a fee grant", 18) { $0.authentication.fee.granter = receiver.bech32 },
        Case("a fee of two coins", 10) { $0.authentication.fee.amount = [Coin(Amount(1)), Coin(Amount(1))] },
        Case("a fee in another coin", 10) { $0.authentication.fee.amount[0].denomination = "uatom" },
        Case("no fee", 13) { $0.authentication.fee.amount = [] },
        Case("a fee of zero", 13) { $0.authentication.fee.amount = [Coin(.zero)] },
        Case("a fee that is one short", 13) { draft in
            draft.offer(perByte: 100)
            let exact = draft.authentication.fee.amount[0].inBaseCoins?.ngonka ?? 0
            draft.offer(Amount(exact - 1))
        },
        Case("exactly the fee", nil) { $0.offer(perByte: 100) },
        Case("a fee above the balance", 5) { $0.offer(Amount(.max)) },
        Case("the largest gas limit", nil) { $0.authentication.fee.gasLimit = .max },
    ]

    private static let signatures: [Case] = [
        Case("another chain", 4) { $0.chainID = "gonka-mainnet" },
        Case("another account number", 4) { $0.accountNumber += 1 },
        Case("a later sequence", 32) { $0.authentication.signerInfos[0].sequence = 1 },
        Case("the largest sequence", 32) { $0.authentication.signerInfos[0].sequence = .max },
        Case("no public key, and none known", 8) { $0.authentication.signerInfos[0].publicKey = nil },
        Case("a public key of another kind", 8) {
            $0.authentication.signerInfos[0].publicKey?.typeURL = "/cosmos.crypto.ed25519.PubKey"
        },
        Case("a type name that only looks the same", 2) {
            $0.authentication.signerInfos[0].publicKey?.typeURL = "/cosmos.crypto.secp256k1.Pub\u{212A}ey"
        },
        Case("a public key that does not decode", 8) { $0.authentication.signerInfos[0].publicKey?.value = [1] },
        Case("an empty public key", 8) { $0.authentication.signerInfos[0].publicKey?.value = [] },
        Case("a public key that is no point", 8) {
            $0.authentication.signerInfos[0].publicKey =
                Secp256k1PublicKey(key: Bytes(repeating: 255, count: 33)).packed
        },
        Case("somebody else's public key", 8) {
            $0.authentication.signerInfos[0].publicKey =
                Secp256k1PublicKey(key: TestAccount("x").key.publicKey.compressed).packed
        },
        Case(raw: "no signature", 4) { $0.signatures = [] },
        Case(raw: "an empty signature", 4) { $0.signatures = [[]] },
        Case(raw: "two signatures", 4) { $0.signatures += $0.signatures },
        Case(raw: "65 bytes", 4) { $0.signatures[0].append(0) },
        Case(raw: "64 zeros", 4) { $0.signatures[0] = Bytes(repeating: 0, count: 64) },
        Case(raw: "a changed signature", 4) { $0.signatures[0][5] ^= 1 },
        Case(raw: "a changed body", 2) { $0.bodyBytes.append(0) },
        Case(raw: "another gas limit after signing", 4) { raw in
            let last = raw.authInfoBytes.count - 1
            raw.authInfoBytes[last] ^= 1
        },
        Case("somebody else's signature", 4) { (ledger: TestLedger) in
            try draft(ledger).signed(by: ledger.accounts[1].key)
        },
        Case("an account that does not exist", 9) { (_: TestLedger) in
            let nobody = TestAccount("nobody")
            let message = MsgSend(from: nobody.address, to: receiver, amount: Amount(1))
            return TestTransaction([message], by: nobody.key.publicKey, accountNumber: 0, sequence: 0)
                .signed(by: nobody.key)
        },
        Case("nothing at all", 2) { (_: TestLedger) in [] },
        Case("one byte too many", 2) { (ledger: TestLedger) in
            try draft(ledger).signed(by: ledger.accounts[0].key) + [0]
        },
        Case("a byte missing", 2) { (ledger: TestLedger) in
            try draft(ledger).signed(by: ledger.accounts[0].key).dropLast()
        },
        Case("too large", 21) { (_: TestLedger) in Bytes(repeating: 0, count: Ledger.Limits.transactionBytesMax + 1) },
    ]

    @Test("A block refuses what the ledger does not take, and nothing is left of it", arguments: forms + signatures)
    func refusesInBlocks(_ example: Case) throws {
        let ledger = try TestLedger()
        let before = try ledger.supply
        let result = try ledger.block([example.bytes(ledger)]).transactionResults[0]
        #expect(result.refusal == example.refusal, "\(result.log)")
        if example.refusal != nil {
            #expect(try ledger.supply == before)
            #expect(
                try ledger.record(AccountRecord.self, at: StateKey.account(ledger.accounts[0].address))?.sequence == 0)
        }
    }

    @Test("The mempool says the same before any block", arguments: forms + signatures)
    func refusesInMempool(_ example: Case) throws {
        let ledger = try TestLedger()
        let result = ledger.app.checkTransaction(try example.bytes(ledger), isRecheck: false)
        #expect(result.refusal == example.refusal, "\(result.log)")
    }

    @Test("What was verified beforehand changes no answer", arguments: forms + signatures)
    func refusesWhatWasVerified(_ example: Case) throws {
        let ledger = try TestLedger()
        let bytes = try example.bytes(ledger)
        let verifier = try #require(ledger.app.verifier)
        let found = verifier.verify(bytes)
        if example.refusal == nil { #expect(found?.hash == .sha256(bytes)) }
        ledger.app.adopt(found.map { [$0] } ?? [])
        #expect(ledger.app.checkTransaction(bytes, isRecheck: false).refusal == example.refusal)
        ledger.app.adopt(found.map { [$0] } ?? [])
        #expect(try ledger.block([bytes]).transactionResults[0].refusal == example.refusal)
    }

    @Test("Nothing is found of a signature that does not verify")
    func findsNothingOfForgeries() throws {
        let ledger = try TestLedger()
        let verifier = try #require(ledger.app.verifier)
        var raw = try TransactionRaw.decode(try Self.draft(ledger).signed(by: ledger.accounts[0].key))
        #expect(verifier.verify(raw.encoded()) != nil)
        raw.signatures[0][5] ^= 1
        #expect(verifier.verify(raw.encoded()) == nil)
    }

    @Test("What a verifier found for another account number does not count")
    func verifiesAgainForAnotherNumber() throws {
        let (ledger, other) = (try TestLedger(), try TestLedger())
        let (early, late) = (TestAccount("early"), TestAccount("late"))
        for (ledger, receivers) in [(ledger, [early, late]), (other, [late, early])] {
            let payer = ledger.accounts[0]
            for receiver in receivers {
                let gift = MsgSend(from: payer.address, to: receiver.address, amount: Amount(Amount.ngonkaPerGNK))
                #expect(try ledger.run(gift, by: payer).isAccepted)
            }
        }
        let message = MsgSend(from: early.address, to: late.address, amount: Amount(1))
        let bytes = try ledger.sign([message], by: early)
        let found = try #require(ledger.app.verifier?.verify(bytes))
        other.app.adopt([found])
        #expect(try other.block([bytes]).transactionResults[0].refusal == Refusal("sdk", 4))
    }

    @Test("The high-s twin of a signature is refused")
    func refusesMalleableSignatures() throws {
        let ledger = try TestLedger()
        var raw = try TransactionRaw.decode(try Self.draft(ledger).signed(by: ledger.accounts[0].key))
        let order = try #require(Hex.decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))
        var borrow = 0
        for index in (0..<32).reversed() {
            let difference = Int(order[index]) - Int(raw.signatures[0][32 + index]) - borrow
            raw.signatures[0][32 + index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        #expect(try ledger.block([raw.encoded()]).transactionResults[0].refusal == Refusal("sdk", 4))
    }

    @Test("A timeout height is the last block that takes it")
    func timesOut() throws {
        let ledger = try TestLedger()
        try ledger.advance(to: 5)
        for (timeout, refusal) in [(5, Refusal("sdk", 30)), (7, nil)] as [(UInt64, Refusal?)] {
            var draft = try Self.draft(ledger)
            draft.body.timeoutHeight = timeout
            let bytes = draft.signed(by: ledger.accounts[0].key)
            #expect(ledger.app.checkTransaction(bytes, isRecheck: false).refusal == refusal)
            #expect(try ledger.block([bytes]).transactionResults[0].refusal == refusal)
        }
    }

    @Test("The key may be left out once it is known")
    func remembersKeys() throws {
        let ledger = try TestLedger()
        try ledger.block([Self.draft(ledger).signed(by: ledger.accounts[0].key)])
        var draft = try Self.draft(ledger)
        draft.authentication.signerInfos[0].publicKey = nil
        #expect(try ledger.block([draft.signed(by: ledger.accounts[0].key)]).transactionResults[0].isAccepted)
    }
}
