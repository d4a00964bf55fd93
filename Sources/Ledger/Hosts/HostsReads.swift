import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

enum HostsReads {
    static func host(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> HostRecord? {
        try context.read(HostRecord.self, at: StateKey.host(address))
    }

    /// Whether `account` is that of the operator key in force of a host that is active or retiring.
    static func isOperator(
        _ account: Address, of host: Address, in context: ExecutionContext
    ) throws(LedgerError) -> Bool {
        guard let host = try HostsReads.host(host, in: context), host.state != .retired else { return false }
        return PublicKey(compressed: host.operatorKey)?.address == account
    }

    /// Whose consensus key it is or was last, by the address that consensus gives it.
    static func consensusKey(
        _ address: Address, in context: ExecutionContext
    ) throws(LedgerError) -> ConsensusKeyRecord? {
        try context.read(ConsensusKeyRecord.self, at: StateKey.consensusKey(address))
    }

    static func weight(of host: Address, model: String, in context: ExecutionContext) throws(LedgerError) -> UInt64 {
        try context.read(WeightRecord.self, at: StateKey.weight(model: model, host: host))?.weight ?? 0
    }

    /// Whether `host` is an active host that lists `model`.
    static func isListed(_ host: Address, model: String, in context: ExecutionContext) -> Bool {
        context.state.value(for: StateKey.weight(model: model, host: host)) != nil
    }

    /// The active hosts that list `model`, with their weights for it, ascending by address.
    static func drawable(model: String, in context: ExecutionContext) throws(LedgerError) -> [DrawEntry] {
        let listed = context.state.scan(prefix: StateKey.weights(model: model), limit: Limits.hostsPerModelMax)
        var entries: [DrawEntry] = []
        entries.reserveCapacity(listed.count)
        for entry in listed { entries.append(DrawEntry(try context.decode(WeightRecord.self, entry))) }
        return entries
    }

    /// The same for those of `allowed` alone.
    static func drawable(
        model: String, among allowed: [Address], in context: ExecutionContext
    ) throws(LedgerError) -> [DrawEntry] {
        var entries: [DrawEntry] = []
        for address in allowed {
            let key = StateKey.weight(model: model, host: address)
            if let record = try context.read(WeightRecord.self, at: key) { entries.append(DrawEntry(record)) }
        }
        return entries
    }
}

extension HostRecord {
    /// How consensus names its consensus key.
    var consensusAddress: Address {
        get throws(LedgerError) {
            guard let key = ConsensusPublicKey(consensusKey) else {
                throw .broken("the consensus key of \(address.bech32) is none")
            }
            return key.address
        }
    }
}

extension DrawEntry {
    init(_ record: WeightRecord) { self.init(address: record.host, weight: record.weight) }
}
