import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

/// Each message of rounds and beacon, wrong in every way that a rule names: refused with its code, and nothing changed.
@Suite("What rounds and the beacon refuse")
struct RefusalTests {
    private static func rounds(_ code: UInt32) -> Refusal { Refusal("rounds", code) }

    @Test("An auditor's commitment that is doubled, foreign or of no sample is refused")
    func commitments() throws {
        let scene = try RefusalScene(before: .audit)
        let (host, message) = try scene.duty(MsgCommitAudit.self) { $0.round == scene.round.id }
        let signer = host.operatorAccount
        func refuse(_ code: UInt32, _ what: String, _ change: (inout AuditCommitment) -> Void) throws {
            var changed = message
            changed.commitments = [changed.commitments[0]]
            change(&changed.commitments[0])
            try scene.expect(Self.rounds(code), of: changed, by: signer, what)
        }
        try refuse(9, "a claimant without a claim") { $0.claimant = scene.network.payer.address }
        try refuse(10, "an entry that is none") { $0.entry = 7 }
        try refuse(10, "a sample that is none") { $0.number = 8 }
        try refuse(10, "a number that fits no table") { $0.number = .max }
        var unknown = message
        unknown.round = 99
        try scene.expect(Self.rounds(9), of: unknown, by: signer, "an unknown round")
        try scene.expect(Self.rounds(14), of: message, by: signer, after: [(message, signer)], "the same twice")
        var cold = message
        cold.operatorAccount = host.address
        try scene.expect(Refusal("sdk", 4), of: cold, by: host.account, "the cold key")
        var foreign = message
        foreign.host = try scene.host(besides: [host.address]).address
        try scene.expect(Refusal("sdk", 4), of: foreign, by: signer, "another host's name")
    }

    @Test("An auditor's commitment that is malformed is refused")
    func malformedCommitments() throws {
        let scene = try RefusalScene(before: .audit)
        let (host, message) = try scene.duty(MsgCommitAudit.self) {
            $0.round == scene.round.id && $0.commitments.count > 1
        }
        func refuse(_ what: String, _ change: (inout MsgCommitAudit) -> Void) throws {
            var changed = message
            change(&changed)
            try scene.expect(Self.rounds(16), of: changed, by: host.operatorAccount, what)
        }
        try refuse("no samples") { $0.commitments = [] }
        try refuse("samples that descend") { $0.commitments.reverse() }
        try refuse("a sample twice") { $0.commitments.insert($0.commitments[0], at: 0) }
        try refuse("too many samples") { changed in
            let first = changed.commitments[0]
            changed.commitments = (0..<1_025).map { number in
                AuditCommitment(
                    claimant: first.claimant, entry: 0, number: number, outcome: .scored, digest: first.digest)
            }
        }
        try refuse("a score without a digest") { $0.commitments[0].digest = nil }
        try refuse("a digest of nothing scored") { $0.commitments[0].outcome = .unavailable }
        try refuse("a difference in the open") {
            ($0.commitments[0].outcome, $0.commitments[0].digest) = (.differs, nil)
        }
    }

    @Test("Who is not drawn for a sample, or not yet, is refused")
    func turns() throws {
        let scene = try RefusalScene(before: .audit)
        let (first, message) = try scene.duty(MsgCommitAudit.self) { $0.round == scene.round.id }
        var one = message
        one.commitments = [one.commitments[0]]
        let claimant = one.commitments[0].claimant
        var codes: [UInt32: Int] = [:]
        for host in scene.ledger.hosts where host.address != first.address {
            one.host = host.address
            one.operatorAccount = host.operatorAccount.address
            let code: UInt32 = try scene.isListed(host.address, for: one.commitments[0]) ? 12 : 11
            codes[code, default: 0] += 1
            #expect(code == 11 || host.address != claimant)
            try scene.expect(Self.rounds(code), of: one, by: host.operatorAccount, "not drawn, or not its turn")
        }
        #expect(codes == [12: 2, 11: 5])
    }

    @Test(
        "Commitments outside their windows are refused", arguments: [RoundPhase.draw, .open, .appealDraw, .appealOpen])
    func commitmentsOutside(phase: RoundPhase) throws {
        let scene = try RefusalScene(before: phase)
        let claimant = try scene.host(besides: [])
        let host = try scene.host(besides: [claimant.address])
        let message = MsgCommitAudit(
            operatorAccount: host.operatorAccount.address, host: host.address, round: scene.round.id,
            commitments: [
                AuditCommitment(claimant: claimant.address, entry: 0, number: 0, outcome: .unavailable)
            ])
        try scene.expect(Self.rounds(2), of: message, by: host.operatorAccount, "a commitment in \(phase)")
    }

    @Test("Panels are refused where nobody disputes, and so is who is not of the panel")
    func panels() throws {
        let scene = try RefusalScene(before: .appeal)
        let (host, message) = try scene.duty(MsgCommitAudit.self) { $0.round == scene.round.id }
        var quiet = message
        quiet.commitments = [quiet.commitments[0]]
        quiet.commitments[0].claimant = try scene.host(besides: [scene.network.host(0), host.address]).address
        try scene.expect(Self.rounds(13), of: quiet, by: host.operatorAccount, "nobody's dispute")
        let claimant = scene.ledger.hosts[0]
        var own = message
        (own.host, own.operatorAccount) = (claimant.address, claimant.operatorAccount.address)
        try scene.expect(Self.rounds(11), of: own, by: claimant.operatorAccount, "the claimant's own word")
        let accuser = try scene.accuser(over: message.commitments[0])
        own.commitments = [own.commitments[0]]
        (own.host, own.operatorAccount) = (accuser.address, accuser.operatorAccount.address)
        try scene.expect(Self.rounds(11), of: own, by: accuser.operatorAccount, "the word that is disputed, again")
        try scene.expect(
            Self.rounds(14), of: message, by: host.operatorAccount, after: [(message, host.operatorAccount)], "twice")
    }

    @Test("An opening that is not what was committed to, or comes twice, early or late, is refused")
    func openings() throws {
        let scene = try RefusalScene(before: .open)
        let (host, message) = try scene.duty(MsgOpenAudit.self) { $0.round == scene.round.id }
        let signer = host.operatorAccount
        func refuse(_ code: UInt32, _ what: String, _ change: (inout AuditOpening) -> Void) throws {
            var changed = message
            changed.openings = [changed.openings[0]]
            change(&changed.openings[0])
            try scene.expect(Self.rounds(code), of: changed, by: signer, what)
        }
        try refuse(15, "another salt") { $0.salt[3] ^= 1 }
        try refuse(15, "a short salt") { $0.salt.removeLast() }
        try refuse(15, "a long salt") { $0.salt.append(0) }
        try refuse(15, "another margin") { $0.result.marginMicroNats += 1 }
        try refuse(15, "another value") { $0.result.fingerprint[5] ^= 1 }
        try refuse(16, "an outcome that is not opened") { $0.result.outcome = .unavailable }
        try refuse(16, "a difference without a number") { $0.result.outcome = .differs }
        try refuse(16, "a number without a difference") { $0.result.difference = 3 }
        try refuse(16, "half a value") { $0.result.fingerprint.removeLast() }
        try refuse(16, "values at 17 positions") { $0.result.fingerprint += [0, 0, 0, 0] }
        try refuse(16, "fresh values from an auditor") { $0.result.freshFingerprint = [0, 0, 0, 0] }
        try refuse(9, "another claimant") { $0.claimant = scene.network.payer.address }
        try refuse(10, "another entry") { $0.entry = 1 }
        try scene.expect(Self.rounds(14), of: message, by: signer, after: [(message, signer)], "the same twice")
        let other = try scene.host(besides: [host.address])
        var stolen = message
        stolen.openings = [stolen.openings[0]]
        (stolen.host, stolen.operatorAccount) = (other.address, other.operatorAccount.address)
        try scene.expect(Self.rounds(15), of: stolen, by: other.operatorAccount, "another's result")
        var empty = message
        empty.openings = []
        try scene.expect(Self.rounds(16), of: empty, by: signer, "nothing")
    }

    @Test("Opened items that do not prove what was claimed are refused")
    func items() throws {
        let scene = try RefusalScene(before: .open)
        let (host, message) = try scene.duty(MsgOpenItems.self) {
            $0.round == scene.round.id && $0.entries[0].items.count > 1
        }
        let signer = host.operatorAccount
        func refuse(_ code: UInt32, _ what: String, _ change: (inout MsgOpenItems) -> Void) throws {
            var changed = message
            change(&changed)
            try scene.expect(Self.rounds(code), of: changed, by: signer, what)
        }
        try refuse(18, "no entries") { $0.entries = [] }
        try refuse(18, "an entry twice") { $0.entries.append($0.entries[0]) }
        try refuse(18, "an entry that is none") { $0.entries[0].entry = 1 }
        try refuse(18, "an item less than places") { $0.entries[0].items.removeLast() }
        try refuse(18, "items at each other's places") { $0.entries[0].items.swapAt(0, 1) }
        try refuse(18, "another salt") { $0.entries[0].items[0].salt[0] ^= 1 }
        try refuse(18, "another value") { $0.entries[0].items[0].fingerprint[0] ^= 1 }
        try refuse(18, "no values") { $0.entries[0].items[0].fingerprint = [] }
        try refuse(18, "an item of another host") { $0.entries[0].items[0].item.seed = .zero }
        try refuse(18, "a proof without its siblings") {
            $0.entries[0].proof = SumTreeMultiProof(indices: $0.entries[0].proof.indices, siblings: [])
        }
        try refuse(9, "an unknown round") { $0.round = 99 }
        try scene.expect(Self.rounds(17), of: message, by: signer, after: [(message, signer)], "the same twice")
    }

    @Test("Items and results are opened in their window alone", arguments: [RoundPhase.audit, .appealDraw, .appeal])
    func openingsOutside(phase: RoundPhase) throws {
        let scene = try RefusalScene(before: phase)
        let host = try scene.host(besides: [])
        let claim = try #require(
            try scene.ledger.record(
                ClaimRecord.self, at: StateKey.claim(round: scene.round.id, host: host.address)))
        let entry = try #require(scene.network.duties.entry(claim.entries[0].root)?.opened(0, at: [0]))
        let items = MsgOpenItems(
            operatorAccount: host.operatorAccount.address, host: host.address, round: scene.round.id, entries: [entry])
        try scene.expect(Self.rounds(2), of: items, by: host.operatorAccount, "items in \(phase)")
        let other = try scene.host(besides: [host.address])
        let result = MsgOpenAudit(
            operatorAccount: other.operatorAccount.address, host: other.address, round: scene.round.id,
            openings: [
                AuditOpening(
                    claimant: host.address, entry: 0, number: 0, salt: Bytes(repeating: 0, count: 16),
                    result: AuditResult(
                        outcome: .scored, difference: 0, marginMicroNats: 0, matched: 0, fingerprint: [],
                        freshFingerprint: []))
            ])
        try scene.expect(Self.rounds(2), of: result, by: other.operatorAccount, "a result in \(phase)")
    }

    @Test("A claim of synthetic work that is late, early, doubled, empty or does not add up is refused")
    func claims() throws {
        let scene = try RefusalScene(before: .commit)
        let (host, message) = try scene.duty(MsgCommitClaim.self)
        let signer = host.operatorAccount
        func refuse(_ code: UInt32, _ what: String, _ change: (inout MsgCommitClaim) -> Void) throws {
            var changed = message
            change(&changed)
            try scene.expect(Self.rounds(code), of: changed, by: signer, what)
        }
        try refuse(1, "an unknown round") { $0.round = 99 }
        try refuse(4, "no models") { $0.entries = [] }
        try refuse(4, "a model twice") { $0.entries.append($0.entries[0]) }
        try refuse(4, "no items") { $0.entries[0].count = 0 }
        try refuse(4, "a fee") { $0.entries[0].fee = Amount(1) }
        try refuse(5, "tokens that are no whole items") { $0.entries[0].tokens += 1 }
        try refuse(5, "items without tokens") { $0.entries[0].count += 1 }
        var huge = message
        huge.entries[0].count = .max
        try scene.expect(Refusal("ledger", 1), of: huge, by: signer, "more tokens than fit")
        var unknown = message
        unknown.entries[0].model = "no-model"
        try scene.expect(Refusal("models", 1), of: unknown, by: signer, "a model that is none")
        try scene.expect(Self.rounds(3), of: message, by: signer, after: [(message, signer)], "the same twice")
        let atWork = try #require(
            try scene.ledger.unsettledRounds().last { $0.timetable.phase(at: scene.ledger.height + 1) == .work })
        var early = message
        early.round = atWork.id
        try scene.expect(Self.rounds(2), of: early, by: signer, "a claim before the window")
        let late = try RefusalScene(before: .draw)
        try late.expect(Self.rounds(2), of: message, by: signer, "a claim after the window")
    }

    @Test("A reveal of another interval, of nobody, doubled or with another secret is refused")
    func beacon() throws {
        let scene = try RefusalScene(before: .commit)
        let ledger = scene.ledger
        while !ledger.parameters.beaconSchedule.isLast(ledger.height + 1) { try scene.network.step() }
        let due = try scene.network.duties.due(in: ledger)
        let duty = try #require(due.first { $0.message is MsgBeacon })
        let message = try #require(duty.message as? MsgBeacon)
        let signer = duty.host.operatorAccount
        func refuse(_ code: UInt32, _ what: String, _ change: (inout MsgBeacon) -> Void) throws {
            var changed = message
            change(&changed)
            try scene.expect(Refusal("beacon", code), of: changed, by: signer, what)
        }
        try refuse(1, "the interval before") { $0.interval -= 1 }
        try refuse(1, "the interval after") { $0.interval += 1 }
        try refuse(4, "another secret") { $0.secret[0] ^= 1 }
        try refuse(4, "a short secret") { $0.secret.removeLast() }
        try scene.expect(Refusal("beacon", 3), of: message, by: signer, after: [(message, signer)], "twice")
        let newcomer = TestHost("newcomer")
        for message: any LedgerMessage in [
            MsgSend(from: scene.network.payer.address, to: newcomer.address, amount: Amount(200 * Amount.ngonkaPerGNK)),
            MsgSend(
                from: scene.network.payer.address, to: newcomer.operatorAccount.address,
                amount: Amount(Amount.ngonkaPerGNK)),
        ] { #expect(try ledger.run(message, by: scene.network.payer).isAccepted) }
        let registration = newcomer.registration(models: [ledger.model])
        #expect(try ledger.run(registration, by: newcomer.account).isAccepted)
        let interval = ledger.parameters.beaconSchedule.index(at: ledger.height + 1)
        let stranger = MsgBeacon(
            operatorAccount: newcomer.operatorAccount.address, host: newcomer.address, interval: interval, secret: [],
            nextCommitment: .zero)
        try scene.expect(Refusal("beacon", 2), of: stranger, by: newcomer.operatorAccount, "no validator's reveal")
    }

    @Test("A reveal where nothing stands is refused")
    func firstReveal() throws {
        let ledger = try TestLedger()
        let host = ledger.hosts[1]
        let message = MsgBeacon(
            operatorAccount: host.operatorAccount.address, host: host.address, interval: 1,
            secret: Bytes(repeating: 1, count: 32), nextCommitment: .zero)
        let result = try ledger.run(message, by: host.operatorAccount, fee: .zero)
        #expect(result.refusal == Refusal("beacon", 5))
    }
}
