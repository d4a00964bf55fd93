import Cryptography
import Messages
import OrderingAPI
import Primitives
import TestSupport
import Testing

@testable import Ledger

/// The permission table, every cell of it, with real transactions.
@Suite("Who may send what")
struct PermissionsTests {
    struct Cell: Sendable, CustomTestStringConvertible {
        let kind: MessageKind
        let role: Role
        var testDescription: String { "\(kind) by \(role)" }
    }

    /// What the table must say, written out apart from the code that it checks.
    private static func isAllowed(_ cell: Cell) -> Bool {
        switch cell.kind {
        case .send, .openSession, .reportMiss, .reportEquivocation: true
        // In this scene the operator's and the payer's accounts are no hosts either.
        case .registerHost: [.outsider, .hostOperator, .payer].contains(cell.role)
        case .updateHost, .retireHost, .depositCollateral: cell.role == .activeHost
        case .rotateOperatorKey, .withdrawCollateral: cell.role == .activeHost || cell.role == .retiringHost
        case .topUpSession, .closeSession: cell.role == .payer
        case .commitClaim, .commitAudit, .openAudit, .openItems, .beacon: cell.role == .hostOperator
        }
    }

    private static let cells = MessageKind.allCases.flatMap { kind in
        Role.allCases.map { Cell(kind: kind, role: $0) }
    }

    @Test("A cell that is not granted is refused as not permitted, and one that is granted never so", arguments: cells)
    func holdsEveryCell(_ cell: Cell) throws {
        let scene = try Scene()
        let signer = scene.signer(cell.role)
        // Roles are towards a host or session: a payer's own message names its session, an operator's its host.
        let result = try scene.ledger.run(scene.message(cell.kind, by: signer), by: signer)
        let isDenied = result.refusal == Refusal("sdk", 4) && result.log.contains("may not send")
        #expect(isDenied == !Self.isAllowed(cell), "\(result.log)")
    }

    @Test("A role towards one host or session is none towards another", arguments: MessageKind.allCases)
    func bindsRolesToObjects(_ kind: MessageKind) throws {
        let scene = try Scene()
        let denied = Refusal("sdk", 4)
        switch kind {
        case .commitClaim, .commitAudit, .openAudit, .openItems, .beacon:
            let signer = scene.ledger.hosts[2].operatorAccount
            #expect(try scene.ledger.run(scene.message(kind, by: signer), by: signer).refusal == denied)
        case .topUpSession, .closeSession:
            let other = scene.ledger.accounts[1]
            try #require(try scene.ledger.openSession(by: other, deposit: Amount(1_000_000_000)) != nil)
            #expect(try scene.ledger.run(scene.message(kind, by: other), by: other).refusal == denied)
        default: break
        }
    }

    /// A ledger in which somebody has each role.
    private struct Scene {
        let ledger: TestLedger
        private let payer: TestAccount

        init() throws {
            ledger = try TestLedger()
            payer = ledger.accounts[0]
            try #require(try ledger.openSession(by: payer, deposit: Amount(1_000_000_000)) != nil)
            let leaving = ledger.hosts[1]
            try #require(try ledger.run(MsgRetireHost(host: leaving.address), by: leaving.account).isAccepted)
            let operatorAccount = ledger.hosts[0].operatorAccount.address
            let money = MsgSend(from: payer.address, to: operatorAccount, amount: Amount(1_000_000_000_000))
            let more = MsgSend(
                from: payer.address, to: ledger.hosts[2].operatorAccount.address, amount: Amount(1_000_000_000_000))
            try ledger.block([ledger.sign([money, more], by: payer)])
        }

        func signer(_ role: Role) -> TestAccount {
            switch role {
            case .outsider: ledger.accounts[2]
            case .activeHost: ledger.hosts[0].account
            case .retiringHost: ledger.hosts[1].account
            case .hostOperator: ledger.hosts[0].operatorAccount
            case .payer: payer
            }
        }

        /// A payer's session is 1 and an operator's host is the first; a host speaks for itself.
        func message(_ kind: MessageKind, by signer: TestAccount) -> any LedgerMessage {
            let key = signer.key.publicKey.compressed
            switch kind {
            case .send: return MsgSend(from: signer.address, to: ledger.accounts[1].address, amount: Amount(1))
            case .registerHost:
                var message = TestHost("somebody").registration(models: [])
                message.host = signer.address
                return message
            case .updateHost: return MsgUpdateHost(host: signer.address, url: "http://h", models: [])
            case .rotateOperatorKey: return MsgRotateOperatorKey(host: signer.address, operatorKey: key)
            case .retireHost: return MsgRetireHost(host: signer.address)
            case .openSession:
                return MsgOpenSession(
                    payer: signer.address, model: ledger.model, deposit: Amount(100_000_000), sessionKey: key)
            case .topUpSession: return MsgTopUpSession(payer: signer.address, session: 1, amount: Amount(1))
            case .closeSession: return MsgCloseSession(payer: signer.address, session: 1)
            case .commitClaim:
                return MsgCommitClaim(
                    operatorAccount: signer.address, host: ledger.hosts[0].address, round: 1, entries: [])
            case .commitAudit:
                return MsgCommitAudit(
                    operatorAccount: signer.address, host: ledger.hosts[0].address, round: 1, commitments: [])
            case .openAudit:
                return MsgOpenAudit(
                    operatorAccount: signer.address, host: ledger.hosts[0].address, round: 1, openings: [])
            case .openItems:
                return MsgOpenItems(
                    operatorAccount: signer.address, host: ledger.hosts[0].address, round: 1, entries: [])
            case .beacon:
                return MsgBeacon(
                    operatorAccount: signer.address, host: ledger.hosts[0].address, interval: 1, secret: [],
                    nextCommitment: .zero)
            case .depositCollateral, .withdrawCollateral, .reportMiss, .reportEquivocation:
                return economy(kind, by: signer)
            }
        }

        private func economy(_ kind: MessageKind, by signer: TestAccount) -> any LedgerMessage {
            let executor = ledger.hosts[0].address
            switch kind {
            case .withdrawCollateral: return MsgWithdrawCollateral(host: signer.address, amount: Amount(1))
            case .reportMiss:
                return MsgReportMiss(
                    reporter: signer.address, round: 1,
                    voucher: ledger.voucher(session: 1, executor: executor, amount: Amount(1), by: payer),
                    statements: [])
            case .reportEquivocation:
                let item = SimulatedItem.serving(
                    session: 1, number: 1, fee: Amount(1), host: executor, model: ledger.model
                ).item
                let receipt = Receipt(
                    chainID: TestLedger.chainID, executor: executor, operatorKey: signer.key.publicKey.compressed,
                    round: 1, item: item, answerDigest: .zero, isUnproven: false)
                return MsgReportEquivocation(reporter: signer.address, receipt: Signed(receipt, by: signer.key))
            default: return MsgDepositCollateral(host: signer.address, amount: Amount(1))
            }
        }
    }
}
