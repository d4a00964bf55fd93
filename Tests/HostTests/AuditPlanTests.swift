import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import HostRoles

@Suite("What an auditor does when")
struct AuditPlanTests {
    static let hosts = (0..<4).map { TestHost("\($0)").address }
    /// Windows of 40 blocks for audits: turns at its first block, its 21st and its 31st.
    static let timetable: RoundTimetable = {
        var parameters = ProtocolParameters.devnet.rounds
        (parameters.auditBlocks, parameters.appealBlocks) = (40, 40)
        do {
            return try RoundTimetable(
                openingHeight: 1, kind: .serving, windows: parameters, beacon: BeaconSchedule(length: 4))
        } catch {
            preconditionFailure("small heights do not overflow")
        }
    }()
    static var audit: ClosedRange<UInt64> { timetable.window(.audit) }

    static func sample(_ number: UInt64, auditors: [Address]) -> AuditedSample {
        let entry = ClaimEntryReference(round: 7, claimant: hosts[0], model: "test-model")
        return AuditedSample(
            name: SampleName(round: 7, claimant: hosts[0], entry: 0, number: number),
            reference: SampleReference(entry: entry, number: number), point: 0, measure: .fee, excluded: [],
            auditors: auditors)
    }

    /// The duty of `host` in the list of a sample.
    static func duty(_ host: Int, _ number: UInt64 = 0, of auditors: [Int] = [1, 2, 3]) -> AuditDuty {
        let listed = auditors.map { hosts[$0] }
        let place = auditors.firstIndex(of: host) ?? 0
        let next = place + 1 < auditors.count ? AuditRules.turn(of: place + 1, in: audit) : nil
        return AuditDuty(
            sample: sample(number, auditors: listed), stage: .audit, before: Array(listed.prefix(place)),
            turn: AuditRules.turn(of: place, in: audit) ?? 0, end: next ?? audit.upperBound + 1,
            windowEnd: audit.upperBound + 1)
    }

    static let result = AuditResult(
        outcome: .scored, difference: 0, marginMicroNats: 1, matched: 1, fingerprint: [], freshFingerprint: [])

    static func finding(_ duty: AuditDuty) -> AuditFinding {
        AuditFinding(duty.name, stage: duty.stage, result: result)
    }

    static func plan(
        _ host: Int, at height: UInt64, _ standings: [AuditPlan.Standing], stage: AuditStage = .audit
    ) -> AuditPlan {
        AuditPlan(host: hosts[host], timetable: timetable, stage: stage, height: height, standings: standings)
    }

    static func standing(
        _ duty: AuditDuty, _ audits: [AuditRecord] = [], _ finding: AuditFinding? = nil
    ) -> AuditPlan.Standing {
        AuditPlan.Standing(duty: duty, audits: audits, finding: finding)
    }

    @Test("The first begins with the window, the second in its middle, the third in its last quarter")
    func turns() {
        for (host, offset) in [(1, 0), (2, 20), (3, 30)] as [(Int, UInt64)] {
            let standing = Self.standing(Self.duty(host))
            let first = Self.audit.lowerBound + offset
            #expect(Self.plan(host, at: first - 2, [standing]).toExamine.isEmpty)
            #expect(Self.plan(host, at: first - 1, [standing]).toExamine.count == 1)
        }
    }

    @Test("Before its turn a later one begins only when all before it found nothing to score")
    func takingOver() {
        let height = Self.audit.lowerBound + 3
        let gone = AuditRecord(auditor: Self.hosts[1], outcome: .unavailable)
        let unable = AuditRecord(auditor: Self.hosts[2], outcome: .cannotCheck)
        #expect(Self.plan(2, at: height, [Self.standing(Self.duty(2))]).toExamine.isEmpty)
        #expect(Self.plan(2, at: height, [Self.standing(Self.duty(2), [gone])]).toExamine.count == 1)
        #expect(Self.plan(3, at: height, [Self.standing(Self.duty(3), [gone])]).toExamine.isEmpty)
        #expect(Self.plan(3, at: height, [Self.standing(Self.duty(3), [gone, unable])]).toExamine.count == 1)
    }

    @Test("Where somebody committed to a result, nobody else's is wanted")
    func taken() {
        let scored = AuditRecord(auditor: Self.hosts[1], outcome: .scored, digest: .zero)
        for height in Self.audit {
            let plan = Self.plan(2, at: height, [Self.standing(Self.duty(2), [scored], Self.finding(Self.duty(2)))])
            #expect(plan.toExamine.isEmpty && plan.toGiveUp.isEmpty && plan.commitments.isEmpty)
        }
    }

    @Test("One message says all that is due; it does not wait beyond the deadline")
    func together() {
        let (found, open) = (Self.duty(1, 0), Self.duty(1, 1))
        let standings = [Self.standing(found, [], Self.finding(found)), Self.standing(open)]
        let deadline = found.deadline
        #expect(deadline == Self.audit.lowerBound + 20 - 3, "two blocks of twenty for what may go wrong")
        #expect(Self.plan(1, at: deadline - 1, standings).commitments.isEmpty)
        #expect(Self.plan(1, at: deadline, standings).commitments.count == 1)
        let both = [Self.standing(open, [], Self.finding(open)), standings[0]]
        let all = Self.plan(1, at: Self.audit.lowerBound, both).commitments
        #expect(all.map(\.number) == [0, 1], "ascending")
        #expect(all.allSatisfy { $0.outcome == .scored && $0.digest != nil })
    }

    @Test("What was not found in time is given up, and then said openly")
    func givingUp() {
        let duty = Self.duty(1)
        #expect(Self.plan(1, at: duty.deadline, [Self.standing(duty)]).toGiveUp.isEmpty)
        let late = Self.plan(1, at: duty.deadline + 1, [Self.standing(duty)])
        #expect((late.toGiveUp.count, late.toExamine.count) == (1, 0))
        let finding = AuditFinding(duty.name, stage: .audit, without: .unavailable)
        let said = Self.plan(1, at: duty.deadline + 1, [Self.standing(duty, [], finding)]).commitments
        #expect(said.map(\.outcome) == [.unavailable])
        #expect(said.first?.digest == nil)
    }

    @Test("Who has spoken says nothing more, and outside the window nobody does anything")
    func done() {
        let duty = Self.duty(1)
        let own = AuditRecord(auditor: Self.hosts[1], outcome: .unavailable)
        let spoken = Self.standing(duty, [own], AuditFinding(duty.name, stage: .audit, without: .unavailable))
        #expect(Self.plan(1, at: Self.audit.lowerBound + 1, [spoken]).commitments.isEmpty)
        for height in [Self.audit.lowerBound - 2, Self.audit.upperBound] {
            let plan = Self.plan(1, at: height, [Self.standing(duty, [], Self.finding(duty))])
            #expect(plan.commitments.isEmpty && plan.toExamine.isEmpty && plan.toGiveUp.isEmpty)
        }
    }

    @Test("Only what the ledger has a commitment of is opened, once, and only with the same finding")
    func opening() throws {
        let duty = Self.duty(1)
        let finding = Self.finding(duty)
        let digest = try #require(finding.digest(of: duty.sample.reference, by: Self.hosts[1]))
        let committed = AuditRecord(auditor: Self.hosts[1], outcome: .scored, digest: digest)
        let height = Self.timetable.window(.open).lowerBound
        let standing = Self.standing(duty, [committed], finding)
        #expect(Self.plan(1, at: height - 2, [standing]).openings.isEmpty)
        #expect(Self.plan(1, at: height - 1, [standing]).openings.map(\.salt) == [finding.salt])
        #expect(Self.plan(1, at: Self.timetable.window(.open).upperBound, [standing]).openings.isEmpty)
        #expect(Self.plan(1, at: height, [Self.standing(duty, [], finding)]).openings.isEmpty)
        #expect(Self.plan(1, at: height, [Self.standing(duty, [committed], Self.finding(duty))]).openings.isEmpty)
        let opened = AuditRecord(auditor: Self.hosts[1], outcome: .scored, digest: digest, result: Self.result)
        #expect(Self.plan(1, at: height, [Self.standing(duty, [opened], finding)]).openings.isEmpty)
    }

    @Test("A dispute is what the ledger says it is")
    func disputes() {
        let sample = Self.sample(0, auditors: [Self.hosts[1], Self.hosts[2]])
        func auditor(
            _ audits: [AuditRecord], opened: Bytes? = [0, 0, 0, 0], observed: Bool = false
        ) -> Address? {
            AuditDispute.auditor(
                disputing: sample, audits: audits,
                opened: opened.map { OpenedItemRecord(index: 0, outputTokens: 1, fingerprint: $0) },
                model: RoundModelRecord(
                    model: "test-model", coefficientPartsPerMillion: 1, thresholds: .smolLM2, isObserved: observed,
                    fee: .zero, tokens: 0, dustTokens: 0))
        }
        func word(_ host: Int, _ outcome: AuditOutcome, _ values: Bytes, margin: UInt64 = 0) -> AuditRecord {
            var result = Self.result
            (result.outcome, result.fingerprint, result.marginMicroNats) = (outcome, values, margin)
            return AuditRecord(auditor: Self.hosts[host], outcome: .scored, digest: .zero, result: result)
        }
        #expect(auditor([word(1, .scored, [0, 0, 0, 0])]) == nil)
        #expect(auditor([word(1, .differs, [])]) == Self.hosts[1])
        #expect(auditor([word(1, .scored, [0x80, 0, 0, 0])]) == Self.hosts[1])
        #expect(auditor([word(1, .scored, [0, 0, 0, 0], margin: 3_001)]) == Self.hosts[1])
        #expect(auditor([word(1, .scored, [])]) == Self.hosts[1], "values at other positions")
        #expect(
            auditor([word(2, .differs, []), word(1, .scored, [0, 0, 0, 0])]) == nil, "the first of the list counts")
        #expect(auditor([word(1, .differs, [])], opened: nil) == nil)
        #expect(auditor([word(1, .differs, [])], observed: true) == nil)
        #expect(auditor([AuditRecord(auditor: Self.hosts[1], outcome: .scored, digest: .zero)]) == nil)
    }
}
