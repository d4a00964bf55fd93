import Cryptography
import Ledger
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// The duties of all hosts of a test's ledger: what their daemons would send for the next block. It reads the ledger's public
/// records and evaluates the protocol's public rules; what the ledger decides it does not know.
public final class SimulatedDuties {
    /// Who is not honest, by address.
    public var behaviours: [Address: any HostBehaviour] = [:]
    /// Whether hosts also do synthetic work, and whether validators feed the beacon.
    public var works = false
    public var feedsBeacon = false
    private let honest = HonestHost()
    /// Items of all claims, by their entries' roots.
    private var entries: [Hash32: SimulatedEntry] = [:]
    /// What each host committed to, until it is opened.
    var commitments: [Commitment: AuditResult] = [:]
    private let hosts: [Address: TestHost]

    struct Commitment: Hashable {
        let sample: SampleName
        let stage: AuditStage
        let auditor: Address
    }

    public init(hosts: [TestHost]) {
        self.hosts = Dictionary(uniqueKeysWithValues: hosts.map { ($0.address, $0) })
    }

    public func behaviour(of host: Address) -> any HostBehaviour { behaviours[host] ?? honest }

    /// Keeps the items of a claim that was or will be sent.
    public func remember(_ entry: SimulatedEntry) { entries[entry.tree.claim.root] = entry }

    public func entry(_ root: Hash32) -> SimulatedEntry? { entries[root] }

    func host(_ address: Address) -> TestHost? { hosts[address] }

    /// A message and the operator whose duty it is.
    public typealias Duty = (host: TestHost, message: any LedgerMessage)

    /// What is due in the next block.
    public func due(in ledger: TestLedger) throws -> [Duty] {
        let height = ledger.height + 1
        var duties: [Duty] = []
        if feedsBeacon { duties += try SimulatedBeacon(duties: self, ledger: ledger).due(at: height) }
        for round in try ledger.unsettledRounds() {
            guard let phase = round.timetable.phase(at: height) else { continue }
            let window = round.timetable.window(phase)
            let isFirst = height == window.lowerBound
            switch phase {
            case .commit where isFirst && works && round.timetable.kind != .serving:
                duties += try synthetic(round, in: ledger)
            case .audit:
                let place = (0..<AuditRules.listedAuditors).first { AuditRules.turn(of: $0, in: window) == height }
                if let place { duties += try audits(round, place: place, in: ledger, height) }
            case .open where isFirst: duties += try openings(round, stage: .audit, in: ledger, height)
            case .appeal where isFirst: duties += try appeals(round, in: ledger, height)
            case .appealOpen where isFirst: duties += try openings(round, stage: .appeal, in: ledger, height)
            default: break
            }
        }
        if behaviours.isEmpty { return duties }
        let messages = duties.map(\.message)
        return duties.compactMap { duty in
            let behaviour = behaviour(of: duty.host.address)
            return behaviour.lastLook(at: duty.message, beside: messages).map { (duty.host, $0) }
        }
    }

    /// Every active host's synthetic work of the round.
    private func synthetic(_ round: RoundRecord, in ledger: TestLedger) throws -> [Duty] {
        guard let workSeed = round.workSeed else { return [] }
        let window = round.timetable.window(.work)
        return try hosts.values.sorted { $0.address < $1.address }.compactMap { host in
            guard let record = try ledger.host(host.address), record.state == .active else { return nil }
            let behaviour = behaviour(of: host.address)
            let count = behaviour.itemsPerBlock(of: round.timetable.kind) * UInt64(window.count)
            guard count > 0, behaviour.isPresent(at: window.upperBound) else { return nil }
            let source = behaviour.source(of: SyntheticSource(host: host.address, workSeed: workSeed))
            let claimed = try record.models.map { model in
                let entry = try SimulatedEntry(
                    (0..<count).map { index in
                        behaviour.item(index, of: round, from: source, model: model)
                    })
                remember(entry)
                return entry.entry(model: model, sessions: [])
            }
            return (
                host,
                MsgCommitClaim(
                    operatorAccount: host.operatorAccount.address, host: host.address, round: round.id,
                    entries: behaviour.claim(claimed, of: round))
            )
        }
    }
}

extension SimulatedItem {
    /// Item `index` of a sprint or confirmation.
    public static func synthetic(
        _ index: UInt64, of round: RoundRecord, from source: SyntheticSource, model: String, quality: ItemQuality
    ) -> SimulatedItem {
        let work = SprintWork(
            workSeed: source.workSeed, host: source.host, model: model, promptTokens: round.terms.promptTokens,
            outputTokens: round.terms.outputTokens)
        let seed = work.itemSeed(index).hash
        return SimulatedItem(seed: seed, outputTokens: round.terms.outputTokens, quality: quality) { commitment in
            WorkItem(
                kind: round.timetable.kind, model: model, promptDigest: .sha256(seed.bytes + [0]),
                sampling: SprintWork.sampling, seed: seed, outputDigest: .sha256(seed.bytes + [1]),
                promptTokens: round.terms.promptTokens, cachedTokens: 0, outputTokens: round.terms.outputTokens,
                finishReason: .length, fingerprintCommitment: commitment, serving: nil)
        }
    }

    /// Item `number` that a host served in a session.
    public static func serving(
        session: UInt64, number: UInt64, fee: Amount, host: Address, model: String, tokens: UInt64 = 16,
        quality: ItemQuality = .honest
    ) -> SimulatedItem {
        let seed = Hash32.sha256(.bigEndian(session) + host.bytes + .bigEndian(number))
        return SimulatedItem(seed: seed, outputTokens: tokens, quality: quality) { commitment in
            WorkItem(
                kind: .serving, model: model, promptDigest: .sha256(seed.bytes + [0]), sampling: .plain, seed: seed,
                outputDigest: .sha256(seed.bytes + [1]), promptTokens: 30, cachedTokens: 0, outputTokens: tokens,
                finishReason: .stop, fingerprintCommitment: commitment,
                serving: WorkItem.Serving(
                    session: session, number: number, sequence: number, voucherDigest: .zero, requestDigest: .zero,
                    fee: fee, choice: 0))
        }
    }
}
