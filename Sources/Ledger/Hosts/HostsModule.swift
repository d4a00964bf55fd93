import Cryptography
import Messages
import Primitives
import StateStore

/// Who serves: registration against a bond, keys, models served, and leaving. Read this first.
///
/// A host is active → retiring → retired. Two indexes keep keys unique: operator account → host, consensus key → host.
enum HostsModule {
    /// The host, active or retiring.
    static func servingHost(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> HostRecord {
        guard let host = try HostsReads.host(address, in: context), host.state != .retired else {
            throw HostsRejection.notAHost(address).error
        }
        return host
    }

    /// Returns the bonds of hosts that were leaving until a round that `isSettled`.
    static func retireDue(
        in context: inout ExecutionContext, isSettled: (UInt64, ExecutionContext) throws(LedgerError) -> Bool
    ) throws(LedgerError) {
        let table = StateTable.retirements.prefix
        for entry in context.state.scan(prefix: table, limit: Limits.retirementsPerBlockMax) {
            guard let round = UInt64(bigEndianBytes: entry.key.dropFirst(table.count).prefix(8)) else {
                throw .broken("the retirement at \(Hex.encode(entry.key)) is damaged")
            }
            guard try isSettled(round, context) else { return }
            guard let address = Address(Bytes(entry.key.suffix(Address.length))) else {
                throw .broken("the retirement at \(Hex.encode(entry.key)) is damaged")
            }
            try retire(address, in: &context)
            context.state.delete(entry.key)
        }
    }

    private static func retire(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try context.expect(HostRecord.self, at: StateKey.host(address))
        let bond = host.bond
        host.bond = .zero
        host.state = .retired
        context.write(host, at: StateKey.host(address))
        HostsWrites.releaseKeys(of: host, in: &context)
        try BankModule.move(bond, from: .bonds, to: .balance(address), in: &context)
        context.emit("host_retired", ("host", address.bech32), ("bond", bond.description))
    }
}
