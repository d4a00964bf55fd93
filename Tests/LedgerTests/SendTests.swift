import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Sending coins")
struct SendTests {
    private static let stranger = TestAccount("stranger").address

    @Test("Coins move, the fee is burned, and a new account gets the next number")
    func movesCoins() throws {
        let ledger = try TestLedger()
        let (sender, supply) = (ledger.accounts[0], try ledger.supply)
        let before = try ledger.balance(of: sender.address)
        let transaction = try ledger.sign(
            [MsgSend(from: sender.address, to: Self.stranger, amount: Amount(5))], by: sender)
        let result = try ledger.block([transaction]).transactionResults[0]
        #expect(result.isAccepted)
        #expect(result.events.map(\.type) == ["coin_spent", "coin_received", "transfer"])
        #expect(result.gasUsed == UInt64(transaction.count))
        let fee = UInt64(transaction.count) * ledger.parameters.economy.feePerByteNgonka
        #expect(try ledger.balance(of: sender.address) == Amount(before.ngonka - 5 - fee))
        let account = try ledger.record(AccountRecord.self, at: StateKey.account(Self.stranger))
        #expect(account == AccountRecord(number: supply.accounts + 1, balance: Amount(5)))
        #expect(try ledger.supply.burned == Amount(fee))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal
        let coins: [Coin]

        init(_ name: String, _ refusal: Refusal, _ coins: [Coin]) {
            (testDescription, self.refusal, self.coins) = (name, refusal, coins)
        }
    }

    private static func coin(_ amount: String, _ denomination: String = "ngonka") -> Coin {
        var coin = Coin(.zero)
        (coin.amount, coin.denomination) = (amount, denomination)
        return coin
    }

    @Test(
        "What is not one coin above zero that the sender has is refused",
        arguments: [
            Case("none", Refusal("sdk", 10), []),
            Case("two", Refusal("sdk", 10), [coin("1"), coin("1")]),
            Case("zero", Refusal("sdk", 10), [coin("0")]),
            Case("another denomination", Refusal("sdk", 10), [coin("1", "uatom")]),
            Case("a leading zero", Refusal("sdk", 10), [coin("01")]),
            Case("a sign", Refusal("sdk", 10), [coin("+1")]),
            Case("a fraction", Refusal("sdk", 10), [coin("1.5")]),
            Case("negative", Refusal("sdk", 10), [coin("-1")]),
            Case("no digits", Refusal("sdk", 10), [coin("")]),
            Case("2⁶⁴", Refusal("sdk", 10), [coin("18446744073709551616")]),
            Case("more than there is", Refusal("sdk", 5), [coin("18446744073709551615")]),
        ])
    func refuses(_ example: Case) throws {
        let ledger = try TestLedger()
        let sender = ledger.accounts[0]
        var message = MsgSend(from: sender.address, to: Self.stranger, amount: .zero)
        message.coins = example.coins
        #expect(try ledger.run(message, by: sender).refusal == example.refusal)
        #expect(try ledger.balance(of: Self.stranger) == .zero)
    }

    @Test("Sending to oneself needs the coins too, and changes nothing")
    func sendsToItself() throws {
        let ledger = try TestLedger()
        let sender = ledger.accounts[0]
        let before = try ledger.balance(of: sender.address)
        let huge = MsgSend(from: sender.address, to: sender.address, amount: Amount(before.ngonka + 1))
        let refused = try ledger.run(huge, by: sender)
        #expect(refused.refusal == Refusal("sdk", 5))
        #expect(refused.events.isEmpty)
        let rest = try ledger.balance(of: sender.address)
        let burned = try ledger.supply.burned
        #expect(rest.ngonka + burned.ngonka == before.ngonka)
        #expect(
            try ledger.run(MsgSend(from: sender.address, to: sender.address, amount: Amount(7)), by: sender).isAccepted)
        #expect(try ledger.balance(of: sender.address).ngonka + ledger.supply.burned.ngonka == before.ngonka)
    }

    @Test("All messages of a transaction happen or none; a failing one costs fee and sequence")
    func isAtomic() throws {
        let ledger = try TestLedger()
        let sender = ledger.accounts[0]
        let good = MsgSend(from: sender.address, to: Self.stranger, amount: Amount(5))
        let bad = MsgSend(from: sender.address, to: Self.stranger, amount: Amount(.max))
        let before = try ledger.supply
        let transaction = try ledger.sign([good, bad], by: sender)
        let result = try ledger.block([transaction]).transactionResults[0]
        #expect(result.refusal == Refusal("sdk", 5))
        #expect(result.events.isEmpty)
        #expect(try ledger.record(AccountRecord.self, at: StateKey.account(Self.stranger)) == nil)
        #expect(try ledger.record(AccountRecord.self, at: StateKey.account(sender.address))?.sequence == 1)
        var after = before
        after.burned = Amount(UInt64(transaction.count) * ledger.parameters.economy.feePerByteNgonka)
        after.balances = Amount(before.balances.ngonka - after.burned.ngonka)
        #expect(try ledger.supply == after)
    }
}
