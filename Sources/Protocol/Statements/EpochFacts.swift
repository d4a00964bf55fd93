import Cryptography
import Messages
import Primitives
import ProtocolRules

/// What the ledger shows to everybody of one closed epoch: all that a statement computes from, and all that it is held against.
public struct EpochFacts: Sendable {
    public let parameters: ProtocolParameters
    public let record: EpochRecord
    /// What each host did in the epoch, and in the one before, whose sprint late confirmations are held against.
    public let hosts: [HostEpochRecord]
    public let before: [HostEpochRecord]
    /// The rounds that these name, by id, and their models by round and model.
    public let rounds: [UInt64: RoundRecord]
    public let models: [RoundModel: RoundModelRecord]
    /// The sprint's claims, by host.
    public let sprintClaims: [Address: ClaimRecord]
    /// Those of the serving rounds beside the sprint (`servingRounds`), by round and host.
    public let servingClaims: [UInt64: [Address: ClaimRecord]]

    /// One model in one round.
    public struct RoundModel: Hashable, Sendable {
        public let round: UInt64
        public let model: String

        public init(round: UInt64, model: String) {
            self.round = round
            self.model = model
        }
    }

    public init(
        parameters: ProtocolParameters, record: EpochRecord, hosts: [HostEpochRecord], before: [HostEpochRecord],
        rounds: [UInt64: RoundRecord], models: [RoundModel: RoundModelRecord], sprintClaims: [Address: ClaimRecord],
        servingClaims: [UInt64: [Address: ClaimRecord]]
    ) {
        self.parameters = parameters
        self.record = record
        self.hosts = hosts
        self.before = before
        self.rounds = rounds
        self.models = models
        self.sprintClaims = sprintClaims
        self.servingClaims = servingClaims
    }

    /// The rounds and models that the records of hosts name: what is to be read for `rounds` and `models`.
    public static func named(by hosts: [HostEpochRecord]) -> Set<RoundModel> {
        Set(
            hosts.flatMap { $0.sprint + $0.confirmations + $0.served }.map {
                RoundModel(round: $0.round, model: $0.model)
            })
    }

    /// The serving rounds whose claims are to be read for `servingClaims`.
    public static func servingRounds(of hosts: [HostEpochRecord]) -> Set<UInt64> {
        Set(hosts.flatMap(\.served).map(\.round))
    }

    /// What tokens weigh in a round, as it froze it.
    func weight(of tokens: UInt64, _ work: ProvenWork) -> UInt64 {
        let model = models[RoundModel(round: work.round, model: work.model)]
        return WeightRules.weight(
            tokens: tokens, coefficientPartsPerMillion: model?.coefficientPartsPerMillion ?? 0)
    }
}
