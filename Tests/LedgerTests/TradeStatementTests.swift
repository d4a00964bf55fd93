import Cryptography
import Messages
import Primitives
import ProtocolRules
import Statements
import Testing

/// Both sides of an owner's trade from records.
@Suite struct TradeStatementTests {
    private static func address(_ byte: UInt8) throws -> Address {
        try #require(Address(Bytes(repeating: byte, count: Address.length)))
    }

    private static func session(_ id: UInt64, paid: UInt64, to members: [(Address, UInt64)]) throws -> (
        record: SessionRecord, members: [MemberRecord]
    ) {
        let message = MsgOpenSession(
            payer: try address(1), model: "m", deposit: Amount(1_000), sessionKey: Bytes(repeating: 2, count: 33))
        var record = SessionRecord(
            id: id, request: message, groupSize: 2, openedHeight: 1, expiryHeight: 2,
            prices: TokenPrices(input: 1, cachedInput: 1, output: 1), servingTaxPartsPerMillion: 0)
        record.paid = Amount(paid)
        return (
            record,
            members.map { host, received in
                var member = MemberRecord(host: host, allotment: Amount(500))
                member.received = Amount(received)
                return member
            }
        )
    }

    private static func claim(_ host: Address, _ round: UInt64, _ payments: [(UInt64, UInt64)]) -> ClaimRecord {
        var claim = ClaimRecord(host: host, round: round, committedHeight: 1, entries: [])
        claim.payments = payments.map {
            SessionPayment(session: $0.0, fee: Amount($0.1 + 1), received: Amount($0.1), tax: Amount(1))
        }
        return claim
    }

    @Test func whatGoesFromOnePocketIntoTheOtherIsTold() throws {
        let (payer, host, stranger) = (try Self.address(1), try Self.address(2), try Self.address(3))
        let statement = TradeStatement(
            hosts: [payer, host],
            sessions: [
                try Self.session(8, paid: 90, to: [(host, 40), (stranger, 50)]),
                try Self.session(7, paid: 10, to: [(stranger, 10)]),
            ],
            claims: [
                Self.claim(host, 5, [(8, 40), (99, 300)]), Self.claim(host, 4, [(98, 7), (97, 0)]),
                Self.claim(stranger, 5, [(8, 50)]),
            ])
        #expect(statement.bought.map(\.session) == [7, 8])
        #expect(statement.bought.map(\.toOwnHosts) == [.zero, Amount(40)])
        #expect(statement.sold.map(\.round) == [4, 5, 5])
        #expect(statement.sold.map(\.isOwn) == [false, true, false])
        #expect(statement.paid == Amount(100))
        #expect(statement.paidToOwnHosts == Amount(40))
        #expect(statement.receivedFromOthers == Amount(307))
        #expect(statement.receivedFromOwn == Amount(40))
    }

    @Test func nothingIsNothing() {
        let statement = TradeStatement(hosts: [], sessions: [], claims: [])
        #expect(statement.bought.isEmpty && statement.sold.isEmpty)
        #expect(statement.paid == .zero && statement.receivedFromOthers == .zero)
    }
}
