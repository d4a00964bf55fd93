import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

enum HostsReads {
    static func host(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> HostRecord? {
        try context.read(HostRecord.self, at: StateKey.host(address))
    }

    /// The host whose operator key has this account, if any.
    static func host(ofOperator account: Address, in context: ExecutionContext) throws(LedgerError) -> Address? {
        guard let bytes = context.state.value(for: HostsKeys.operatorIndex(account)) else { return nil }
        guard let host = Address(bytes) else { throw .broken("the operator index of \(account.bech32) is damaged") }
        return host
    }

    static func weight(of host: Address, model: String, in context: ExecutionContext) throws(LedgerError) -> UInt64 {
        try context.read(WeightRecord.self, at: StateKey.weight(model: model, host: host))?.weight ?? 0
    }

    /// The active hosts that list `model`, with their weights for it, ascending by address.
    static func drawable(
        model: String, among allowed: [Address], in context: ExecutionContext
    ) throws(LedgerError) -> [DrawEntry] {
        var entries: [DrawEntry] = []
        let prefix = StateKey.weights(model: model)
        for entry in context.state.scan(prefix: prefix, limit: Limits.hostsPerModelMax) {
            guard let address = Address(Bytes(entry.key.dropFirst(prefix.count))) else {
                throw .broken("the weight at \(Hex.encode(entry.key)) is damaged")
            }
            guard allowed.isEmpty || allowed.contains(address) else { continue }
            guard try context.expect(HostRecord.self, at: StateKey.host(address)).state == .active else { continue }
            entries.append(DrawEntry(address: address, weight: try weight(of: address, model: model, in: context)))
        }
        return entries
    }
}
