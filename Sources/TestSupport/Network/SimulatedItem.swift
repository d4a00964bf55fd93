import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// How an item was really made. Only the simulation knows; the ledger has to find out.
public enum ItemQuality: Equatable, Sendable {
    /// By the model of record.
    case honest
    /// By another model, with that model's numbers: the fingerprint is far off.
    case otherModel
    /// Tokens of another model with numbers of the model of record: the margin gives it away.
    case draft(marginMicroNats: UInt64)
    /// What is handed out is not what the item says.
    case tampered(AuditDifference)
    /// By a model that really ran, whichever: what is to be found was measured.
    case measured
}

/// One finished item with what its host knows of it, and what an honest scoring of it finds.
public struct SimulatedItem: Sendable {
    public let item: WorkItem
    public let quality: ItemQuality
    /// What the item commits to.
    public let fingerprint: Fingerprint
    public let salt: Bytes
    private let judge: Judge?

    /// What an honest scoring by a model that really ran finds.
    ///
    /// - Parameter panelSeed: for a panel's member; nil for an auditor.
    public typealias Judge = @Sendable (_ panelSeed: Hash32?, _ sample: SampleReference) -> AuditResult

    /// An item that a model really made.
    public init(_ item: WorkItem, fingerprint: Fingerprint, salt: Bytes, judge: @escaping Judge) {
        (self.item, self.fingerprint, self.salt, self.judge) = (item, fingerprint, salt, judge)
        quality = .measured
    }

    /// - Parameter make: builds the item around its commitment.
    public init(
        seed: Hash32, outputTokens: UInt64, quality: ItemQuality, _ make: (_ commitment: Hash32) -> WorkItem
    ) {
        self.quality = quality
        judge = nil
        let truth = SimulatedItem.values(seed: seed, tag: 0, outputTokens: outputTokens)
        let claimed = quality == .otherModel ? truth.map { $0 &- SimulatedItem.otherModelDistance } : truth
        guard let fingerprint = Fingerprint(values: claimed) else { preconditionFailure("at most 16 positions") }
        self.fingerprint = fingerprint
        salt = Bytes(Hash32.sha256(seed.bytes + Bytes("salt".utf8)).bytes.prefix(Fingerprint.saltLength))
        item = make(fingerprint.commitment(salt: salt) ?? .zero)
    }

    /// The leaf of the item.
    public var leaf: SumTreeNode {
        SumTreeNode(item: item.encoded(), sums: ItemSums(fee: item.fee, tokens: item.outputTokens))
    }

    /// What whoever runs the model of record finds.
    ///
    /// - Parameter panelSeed: for a panel's member; nil for an auditor.
    public func scored(panelSeed: Hash32? = nil, sample: SampleReference) -> AuditResult {
        if let judge { return judge(panelSeed, sample) }
        if case .tampered(let difference) = quality {
            return AuditResult(
                outcome: .differs, difference: difference.rawValue, marginMicroNats: 0, matched: 0, fingerprint: [],
                freshFingerprint: [])
        }
        let margin =
            switch quality {
            case .otherModel: UInt64(400_000)
            case .draft(let margin): margin
            case .honest, .tampered, .measured: UInt64(100)
            }
        let truth = SimulatedItem.values(seed: item.seed, tag: 0, outputTokens: item.outputTokens)
        return AuditResult(
            outcome: .scored, difference: 0, marginMicroNats: margin, matched: item.outputTokens,
            fingerprint: Fingerprint(values: truth)?.bytes ?? [],
            freshFingerprint: panelSeed.map { freshValues(panelSeed: $0) } ?? [])
    }

    private func freshValues(panelSeed: Hash32) -> Bytes {
        let seed = Hash32.sha256(item.seed.bytes + panelSeed.bytes)
        let values = SimulatedItem.values(seed: seed, tag: 1, outputTokens: item.outputTokens)
        return Fingerprint(values: values)?.bytes ?? []
    }

    /// 0.6 nats: as far as calibration.md found the nearest 4-bit copies.
    private static let otherModelDistance: Int16 = 307

    /// Log-probabilities as a model would give them: two for each position, in [−8, 0] nats.
    private static func values(seed: Hash32, tag: UInt8, outputTokens: UInt64) -> [Int16] {
        var numbers = SplitMix64(seed: Hash32.sha256(seed.bytes + [tag]).firstWord)
        let count = 2 * Int(min(UInt64(FingerprintPositions.maximumCount), outputTokens))
        return (0..<count).map { _ in -Int16(numbers.next() % 4_096) }
    }
}

/// The items of one entry of a claim, in their order, with their tree.
public struct SimulatedEntry {
    public let items: [SimulatedItem]
    public let tree: SumTree

    public init(_ items: [SimulatedItem]) throws {
        self.items = items
        tree = try SumTree(items.map(\.leaf))
    }

    /// What the claim says of it.
    public func entry(model: String, sessions: [SessionClaim]) -> ClaimEntry {
        let claim = tree.claim
        return ClaimEntry(
            model: model, root: claim.root, count: claim.count, tokens: claim.sums.tokens, fee: claim.sums.fee,
            sessions: sessions)
    }

    /// The items at `leaves`, opened as part of entry `index` of a claim; nil where there are none.
    public func opened(_ index: UInt64, at leaves: [UInt64]) -> OpenedEntry? {
        guard let proof = tree.proof(at: leaves) else { return nil }
        let opened = leaves.map { leaf in
            let item = items[Int(leaf)]
            return OpenedItem(item: item.item, fingerprint: item.fingerprint.bytes, salt: item.salt)
        }
        return OpenedEntry(entry: index, items: opened, proof: proof)
    }

    /// The item that a sample falls on.
    public func item(at point: UInt64, by measure: ItemMeasure) -> SimulatedItem? {
        tree.leafIndex(covering: point, by: measure).map { items[Int($0)] }
    }
}
