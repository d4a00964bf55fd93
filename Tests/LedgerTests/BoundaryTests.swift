import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@testable import Ledger

/// Nothing that can be sent ends the process or stops a block.
@Suite("Every field at its edges")
struct BoundaryTests {
    /// A message that is accepted as it is, with who sends it, in a ledger made ready for it.
    private static func sample(_ kind: MessageKind) throws -> (TestLedger, any LedgerMessage, TestAccount) {
        let ledger = try TestLedger()
        ledger.audits = false
        let (payer, host) = (ledger.accounts[0], ledger.hosts[0])
        try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil)
        let coins = Amount(1_000 * Amount.ngonkaPerGNK)
        let newcomer = TestHost("newcomer")
        let gifts = ([newcomer.address] + ledger.hosts.map(\.operatorAccount.address)).map {
            MsgSend(from: payer.address, to: $0, amount: coins)
        }
        try ledger.block([ledger.sign(gifts, by: payer)])
        let key = payer.key.publicKey.compressed
        switch kind {
        case .send: return (ledger, MsgSend(from: payer.address, to: host.address, amount: Amount(1)), payer)
        case .registerHost: return (ledger, newcomer.registration(models: [ledger.model]), newcomer.account)
        case .updateHost:
            return (ledger, MsgUpdateHost(host: host.address, url: "http://h", models: [ledger.model]), host.account)
        case .rotateOperatorKey:
            return (ledger, MsgRotateOperatorKey(host: host.address, operatorKey: key), host.account)
        case .retireHost: return (ledger, MsgRetireHost(host: host.address), host.account)
        case .openSession:
            let message = MsgOpenSession(
                payer: payer.address, model: ledger.model, deposit: Amount(10_000_000), sessionKey: key, groupSize: 2,
                expiryEpochs: 3, allowedHosts: ledger.hosts.map(\.address).sorted(), isUnproven: true,
                keyHolder: host.address)
            return (ledger, message, payer)
        case .topUpSession:
            let move = AllotmentMove(from: host.address, to: ledger.hosts[1].address, amount: Amount(5))
            return (ledger, MsgTopUpSession(payer: payer.address, session: 1, amount: coins, moves: [move]), payer)
        case .closeSession: return (ledger, MsgCloseSession(payer: payer.address, session: 1), payer)
        case .commitClaim: return (ledger, try claim(of: host, by: payer, in: ledger), host.operatorAccount)
        case .commitAudit: return try duty(MsgCommitAudit.self, in: .audit, ledger)
        case .openAudit: return try duty(MsgOpenAudit.self, in: .open, ledger)
        case .openItems: return try duty(MsgOpenItems.self, in: .open, ledger)
        case .beacon: return try duty(MsgBeacon.self, in: nil, ledger)
        case .depositCollateral, .withdrawCollateral, .reportMiss, .reportEquivocation:
            return try economy(kind, ledger)
        }
    }

    private static func economy(
        _ kind: MessageKind, _ ledger: TestLedger
    ) throws -> (TestLedger, any LedgerMessage, TestAccount) {
        let (payer, host) = (ledger.accounts[0], ledger.hosts[0])
        let deposit = MsgDepositCollateral(host: host.address, amount: Amount(5))
        switch kind {
        case .withdrawCollateral:
            try ledger.run(deposit, by: host.account)
            return (ledger, MsgWithdrawCollateral(host: host.address, amount: Amount(5)), host.account)
        case .reportMiss: return (ledger, try ledger.miss(executor: host, by: payer), payer)
        case .reportEquivocation: return (ledger, try ledger.equivocation(by: host, reporter: payer), payer)
        default: return (ledger, deposit, host.account)
        }
    }

    /// A claim of two items in the first serving round, whose commit window begins.
    private static func claim(
        of host: TestHost, by payer: TestAccount, in ledger: TestLedger
    ) throws -> MsgCommitClaim {
        try ledger.advanceToCommit(of: 1)
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 2, fee: Amount(3),
            voucher: ledger.voucher(session: 1, executor: host.address, amount: Amount(9), by: payer))
        return ledger.claim(host, round: 1, sessions: [part])
    }

    /// A duty of some host, in a ledger in which it is due and nothing is sent by itself.
    private static func duty<Message: LedgerMessage>(
        _ type: Message.Type, in phase: RoundPhase?, _ ledger: TestLedger
    ) throws -> (TestLedger, any LedgerMessage, TestAccount) {
        let duties = try #require(ledger.duties)
        if let phase {
            let (payer, host) = (ledger.accounts[0], ledger.hosts[0])
            try ledger.run(claim(of: host, by: payer, in: ledger), by: host.operatorAccount, fee: .zero)
            let window = try #require(try ledger.round(1)).timetable.window(phase)
            try ledger.advance(to: window.lowerBound - 1)
        } else {
            duties.feedsBeacon = true
            try ledger.advance(to: 5)
        }
        let due = try #require(try duties.due(in: ledger).first { $0.message is Message })
        ledger.duties = nil
        return (ledger, due.message, due.host.operatorAccount)
    }

    @Test("A message's neighbours are executed or refused, and every sum still holds", arguments: MessageKind.allCases)
    func survivesMessages(_ kind: MessageKind) throws {
        var (ledger, message, signer) = try Self.sample(kind)
        let original = message.packed
        let variants = WireVariants.of(original.value)
        #expect(variants.count > 5)
        for (index, value) in ([original.value] + variants).enumerated() {
            if index > 0 && index.isMultiple(of: 40) { (ledger, message, signer) = try Self.sample(kind) }
            var draft = try ledger.draft([message], by: signer)
            draft.body.messages = [AnyMessage(typeURL: original.typeURL, value: value)]
            draft.offer(perByte: ledger.parameters.economy.feePerByteNgonka)
            let bytes = draft.signed(by: signer.key)
            let checked = ledger.app.checkTransaction(bytes, isRecheck: false)
            let result = try ledger.block([bytes]).transactionResults[0]
            if !checked.isAccepted { #expect(result.refusal == checked.refusal) }
            if index == 0 { #expect(result.isAccepted, "\(result.log)") }
            if index % 40 == 39 { try ledger.app.audit() }
        }
        try ledger.app.audit()
    }

    @Test("A transaction's neighbours are refused alike by mempool and block, or executed")
    func survivesTransactions() throws {
        let (ledger, message, signer) = try Self.sample(.send)
        let original = try ledger.sign([message], by: signer)
        for bytes in WireVariants.of(original) {
            let checked = ledger.app.checkTransaction(bytes, isRecheck: false)
            let result = try ledger.block([bytes]).transactionResults[0]
            #expect(result.refusal == checked.refusal)
        }
        try ledger.app.audit()
    }

    @Test("Random bytes and flipped bits", arguments: 1...4 as ClosedRange<UInt64>)
    func survivesNoise(seed: UInt64) throws {
        var numbers = SplitMix64(seed: seed)
        let (ledger, message, signer) = try Self.sample(.openSession)
        let original = try ledger.sign([message], by: signer)
        var transactions: [Bytes] = []
        for _ in 0..<500 {
            var bytes = original
            for _ in 0...numbers.next() % 4 {
                bytes[Int(numbers.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: numbers.next())
            }
            transactions.append(bytes)
            transactions.append((0..<numbers.next() % 64).map { _ in UInt8(truncatingIfNeeded: numbers.next()) })
        }
        let results = try ledger.block(transactions).transactionResults
        #expect(results.filter(\.isAccepted).count <= 1)
        try ledger.app.audit()
    }
}
