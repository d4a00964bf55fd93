import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// What the discovery pages show of the ledger, read together.
struct NetworkView: Sendable {
    let status: LedgerStatus
    let parameters: ProtocolParameters
    /// Ascending by address.
    let hosts: [HostRecord]
    let models: [ModelRecord]
    /// What each active host weighs, all its models together.
    let weights: [Address: UInt64]

    /// The epoch of the next block.
    var epoch: UInt64 { parameters.epochSchedule.index(at: max(1, status.height)) }

    static func read(_ ledger: any LedgerAccess) async throws(LedgerAccessError) -> NetworkView {
        let status = try await ledger.status()
        let parameters = try await ledger.parameters()
        let hosts = try await ledger.hosts().elements
        let models = try await ledger.models().elements
        var weights: [Address: UInt64] = [:]
        for model in models where model.state == .active {
            for record in try await ledger.weights(of: model.id).elements {
                let (sum, overflow) = weights[record.host, default: 0].addingReportingOverflow(record.weight)
                weights[record.host] = overflow ? .max : sum
            }
        }
        return NetworkView(status: status, parameters: parameters, hosts: hosts, models: models, weights: weights)
    }

    /// Who takes part in the epoch that runs: active hosts with what they weigh, and without those that are barred.
    var participants: [Participant] {
        hosts.filter { $0.state == .active && $0.barredUntilEpoch <= epoch }
            .map { Participant(host: $0, weight: weights[$0.address] ?? 0) }
    }

    /// Active hosts that a conviction keeps out.
    var excluded: [HostRecord] { hosts.filter { $0.state == .active && $0.barredUntilEpoch > epoch } }
}

/// One line of an epoch's participants.
struct Participant: Equatable, Sendable {
    let address: Address
    /// 32 bytes, ed25519; empty for who validates nothing.
    let consensusKey: Bytes
    let weight: UInt64
    /// Ascending by bytes.
    let models: [String]

    init(address: Address, consensusKey: Bytes, weight: UInt64, models: [String]) {
        self.address = address
        self.consensusKey = consensusKey
        self.weight = weight
        self.models = models
    }

    init(host: HostRecord, weight: UInt64) {
        self.init(address: host.address, consensusKey: host.consensusKey, weight: weight, models: host.models)
    }

    /// The consensus address as CometBFT writes it; nil where there is no key.
    var consensusAddress: String? {
        ConsensusPublicKey(consensusKey).map { Hex.encode($0.address.bytes).uppercased() }
    }
}
