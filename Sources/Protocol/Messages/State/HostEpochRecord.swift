import Cryptography
import Primitives
import WireFormat

/// What a host did in one epoch, as far as weight and emission depend on it. Everything that a statement recomputes.
public struct HostEpochRecord: CanonicalMessage, Equatable {
    public var host: Address
    public var epoch: UInt64
    /// What its sprint proved, one for each model, ascending.
    public var sprint: [ProvenWork]
    /// What confirmations proved that settled in this epoch.
    public var confirmations: [ProvenWork]
    /// Samples of which it was the first auditor, settled in this epoch.
    public var duties: UInt64
    public var dutiesDone: UInt64
    /// Reveals missed of intervals that a round drew from.
    public var drawnBeaconsMissed: UInt64
    /// Other reveals missed.
    public var idleBeaconsMissed: UInt64
    /// Items of its settled claims.
    public var requestsServed: UInt64
    /// Proven by witnesses.
    public var requestsMissed: UInt64
    public var isConvicted: Bool
    /// What it came to; there once the epoch is over.
    public var payout: HostPayout?
    /// What it served in rounds whose work window shares blocks with the sprint's, settled in this epoch.
    public var served: [ProvenWork]

    public init(
        host: Address, epoch: UInt64, sprint: [ProvenWork], confirmations: [ProvenWork], duties: UInt64,
        dutiesDone: UInt64, drawnBeaconsMissed: UInt64, idleBeaconsMissed: UInt64, requestsServed: UInt64,
        requestsMissed: UInt64, isConvicted: Bool, payout: HostPayout? = nil, served: [ProvenWork] = []
    ) {
        self.host = host
        self.epoch = epoch
        self.sprint = sprint
        self.confirmations = confirmations
        self.duties = duties
        self.dutiesDone = dutiesDone
        self.drawnBeaconsMissed = drawnBeaconsMissed
        self.idleBeaconsMissed = idleBeaconsMissed
        self.requestsServed = requestsServed
        self.requestsMissed = requestsMissed
        self.isConvicted = isConvicted
        self.payout = payout
        self.served = served
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (epoch, sprint, confirmations, duties, dutiesDone, drawnBeaconsMissed) = (0, [], [], 0, 0, 0)
        (idleBeaconsMissed, requestsServed, requestsMissed, isConvicted, payout, served) = (0, 0, 0, false, nil, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: epoch = try decoder.unsigned()
            case 3: sprint.append(try decoder.message(ProvenWork.self, repeated: true))
            case 4: confirmations.append(try decoder.message(ProvenWork.self, repeated: true))
            case 5: duties = try decoder.unsigned()
            case 6: dutiesDone = try decoder.unsigned()
            case 7: drawnBeaconsMissed = try decoder.unsigned()
            case 8: idleBeaconsMissed = try decoder.unsigned()
            case 9: requestsServed = try decoder.unsigned()
            case 10: requestsMissed = try decoder.unsigned()
            case 11: isConvicted = try decoder.boolean()
            case 12: payout = try decoder.message(HostPayout.self)
            case 13: served.append(try decoder.message(ProvenWork.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(epoch, field: 2)
        encoder.write(repeated: sprint, field: 3)
        encoder.write(repeated: confirmations, field: 4)
        encoder.write(duties, field: 5)
        encoder.write(dutiesDone, field: 6)
        encoder.write(drawnBeaconsMissed, field: 7)
        encoder.write(idleBeaconsMissed, field: 8)
        encoder.write(requestsServed, field: 9)
        encoder.write(requestsMissed, field: 10)
        encoder.write(isConvicted, field: 11)
        encoder.write(payout, field: 12)
        encoder.write(repeated: served, field: 13)
    }
}

/// What one claim came to for one model: synthetic work, or serving beside a sprint.
public struct ProvenWork: CanonicalMessage, Equatable {
    public var round: UInt64
    public var model: String
    /// The length of the round's work window.
    public var workBlocks: UInt64
    /// The epoch in which the round opened.
    public var epoch: UInt64
    /// Tokens claimed.
    public var claimed: UInt64
    /// Tokens that count after audits.
    public var counted: UInt64
    /// False where too few samples were scored: nothing is proven, nothing held against it.
    public var isDecided: Bool
    /// Of a sprint: tokens served while it ran that count with those it proved; there once the epoch is over.
    public var served: UInt64

    public init(
        round: UInt64, model: String, workBlocks: UInt64, epoch: UInt64, claimed: UInt64, counted: UInt64,
        isDecided: Bool, served: UInt64 = 0
    ) {
        self.round = round
        self.model = model
        self.workBlocks = workBlocks
        self.epoch = epoch
        self.claimed = claimed
        self.counted = counted
        self.isDecided = isDecided
        self.served = served
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (round, model, workBlocks, epoch, claimed, counted) = (0, "", 0, 0, 0, 0)
        (isDecided, served) = (false, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: round = try decoder.unsigned()
            case 2: model = try decoder.identifier()
            case 3: workBlocks = try decoder.unsigned()
            case 4: epoch = try decoder.unsigned()
            case 5: claimed = try decoder.unsigned()
            case 6: counted = try decoder.unsigned()
            case 7: isDecided = try decoder.boolean()
            case 8: served = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(round, field: 1)
        encoder.write(model, field: 2)
        encoder.write(workBlocks, field: 3)
        encoder.write(epoch, field: 4)
        encoder.write(claimed, field: 5)
        encoder.write(counted, field: 6)
        encoder.write(isDecided, field: 7)
        encoder.write(served, field: 8)
    }
}

extension HostEpochRecord {
    /// A host that has done nothing yet.
    public init(empty host: Address, epoch: UInt64) {
        self.init(
            host: host, epoch: epoch, sprint: [], confirmations: [], duties: 0, dutiesDone: 0, drawnBeaconsMissed: 0,
            idleBeaconsMissed: 0, requestsServed: 0, requestsMissed: 0, isConvicted: false)
    }
}
