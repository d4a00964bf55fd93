import Cryptography
import Messages
import OrderingAPI
import Primitives
import TestSupport
import Testing

/// A fixed history with every message in it. Another build that executes it otherwise is another network.
@Suite("Golden: the ledger")
struct LedgerGoldenTests {
    @Test("The app hash after each block of a fixed history in which something happens, and what was announced")
    func executesTheSame() throws {
        let ledger = try TestLedger()
        var lines = ["0 \(ledger.appHash)"]
        func note() {
            guard let result = ledger.lastResult, !(result.transactionResults.isEmpty && result.events.isEmpty) else {
                return
            }
            lines.append("\(ledger.height) \(ledger.appHash)")
            for outcome in result.transactionResults {
                lines.append("  transaction \(outcome.codespace)/\(outcome.code) gas \(outcome.gasUsed)")
                lines.append(contentsOf: outcome.events.map { "    " + Self.text($0) })
            }
            lines.append(contentsOf: result.events.map { "  " + Self.text($0) })
        }
        func block(_ transactions: [Bytes]) throws {
            try ledger.block(transactions)
            note()
        }
        try Self.openAndRegister(ledger, block)
        try Self.serve(ledger, block)
        ledger.audits = false
        while try ledger.session(1)?.state != .closed { try block([]) }
        expectGolden("ledger/history", lines.joined(separator: "\n"))
    }

    private static func text(_ event: Event) -> String {
        event.type + event.attributes.map { " \($0.key)=\($0.value)" }.joined()
    }

    private static func openAndRegister(_ ledger: TestLedger, _ block: ([Bytes]) throws -> Void) throws {
        let (payer, newcomer) = (ledger.accounts[0], TestHost("newcomer"))
        let gift = MsgSend(
            from: payer.address, to: newcomer.address, amount: Amount(200 * Amount.ngonkaPerGNK))
        let opening = MsgOpenSession(
            payer: payer.address, model: ledger.model, deposit: Amount(3_000_000_001),
            sessionKey: payer.key.publicKey.compressed)
        try block([ledger.sign([gift], by: payer), ledger.sign([opening], by: payer)])
        try block([ledger.sign([newcomer.registration(models: [ledger.model])], by: newcomer.account)])
        let update = MsgUpdateHost(host: newcomer.address, url: "https://h.example", models: [])
        let rotation = MsgRotateOperatorKey(
            host: newcomer.address, operatorKey: newcomer.account.key.publicKey.compressed)
        try block([ledger.sign([update, rotation], by: newcomer.account)])
        let move = AllotmentMove(
            from: ledger.hosts[0].address, to: ledger.hosts[1].address, amount: Amount(300_000_000))
        let topUp = MsgTopUpSession(payer: payer.address, session: 1, amount: Amount(30_000_090), moves: [move])
        try block([
            ledger.sign([topUp], by: payer), ledger.sign([MsgRetireHost(host: newcomer.address)], by: newcomer.account),
        ])
        // Refused, each for a reason of its own.
        let other = ledger.accounts[1]
        try block([
            ledger.sign([MsgCloseSession(payer: other.address, session: 1)], by: other),
            ledger.sign([MsgSend(from: other.address, to: payer.address, amount: Amount(.max))], by: other), [1, 2, 3],
        ])
    }

    private static func serve(_ ledger: TestLedger, _ block: ([Bytes]) throws -> Void) throws {
        let payer = ledger.accounts[0]
        try ledger.advanceToCommit(of: 1)
        let claims = try ledger.hosts.enumerated().map { index, host in
            let part = SessionClaim(
                session: 1, firstNumber: 1, count: UInt64(index + 1), fee: Amount(UInt64(index + 1) * 450_000_000),
                voucher: ledger.voucher(
                    session: 1, executor: host.address, amount: Amount(1_200_000_000), by: payer))
            return try ledger.sign(
                [ledger.claim(host, round: 1, sessions: [part])], by: host.operatorAccount, fee: .zero)
        }
        try block(claims)
        try block([ledger.sign([MsgCloseSession(payer: payer.address, session: 1)], by: payer)])
    }
}
