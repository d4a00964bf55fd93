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

    static func weight(of host: Address, model: String, in context: ExecutionContext) throws(LedgerError) -> UInt64 {
        try context.read(WeightRecord.self, at: StateKey.weight(model: model, host: host))?.weight ?? 0
    }

    /// The hosts with the most power in consensus, strongest first, ties by address.
    static func strongestValidators(_ count: Int, in context: ExecutionContext) throws(LedgerError) -> [Address] {
        let entries = context.state.scan(prefix: StateTable.validators.prefix, limit: Limits.validatorsMax)
        var validators: [ValidatorRecord] = []
        for entry in entries { validators.append(try context.decode(ValidatorRecord.self, entry)) }
        let strongest = validators.filter { $0.power > 0 }.sorted {
            $0.power != $1.power ? $0.power > $1.power : $0.host < $1.host
        }
        return strongest.prefix(count).map(\.host)
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

extension DrawEntry {
    init(_ record: WeightRecord) { self.init(address: record.host, weight: record.weight) }
}
