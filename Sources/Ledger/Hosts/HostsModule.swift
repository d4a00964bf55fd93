import Cryptography
import Messages
import Primitives
import StateStore

/// Who serves: registration against a bond, keys, models served, and leaving. Read this first.
///
/// A host is active → retiring → retired; what it put down is on its way back then, and still answers for what it signed. A record
/// for each consensus key keeps those unique, and tells whose it was when the host is gone. Operator keys need not be unique: every
/// message names the host it speaks for, and a key that anybody could take first would be a way to keep others out.
enum HostsModule {
    /// The host, active or retiring.
    static func servingHost(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> HostRecord {
        guard let host = try HostsReads.host(address, in: context), host.state != .retired else {
            throw HostsRejection.notAHost(address).error
        }
        return host
    }

    static func activeHost(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> HostRecord {
        let host = try servingHost(address, in: context)
        guard host.state == .active else { throw HostsRejection.notActive(address).error }
        return host
    }

    /// Ends hosts that were leaving until a serving round up to `settled`.
    static func retireDue(
        servingSettled settled: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let table = StateTable.retirements.prefix
        for entry in context.state.scan(prefix: table, limit: Limits.retirementsPerBlockMax) {
            guard let serial = UInt64(bigEndianBytes: entry.key.dropFirst(table.count).prefix(8)) else {
                throw .broken("the retirement at \(Hex.encode(entry.key)) is damaged")
            }
            guard serial <= settled else { return }
            guard let address = Address(Bytes(entry.key.suffix(Address.length))) else {
                throw .broken("the retirement at \(Hex.encode(entry.key)) is damaged")
            }
            context.state.delete(entry.key)
            try context.contain("retirement of \(address.bech32)") { (context) throws(LedgerError) in
                try retire(address, in: &context)
            }
        }
    }

    /// Nothing that it served is left to pay. What it signed as a validator may still come to light, so bond and collateral wait as
    /// long as any collateral that is withdrawn.
    private static func retire(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try context.expect(HostRecord.self, at: StateKey.host(address))
        let (bond, collateral) = (host.bond, host.collateral)
        (host.bond, host.collateral) = (.zero, .zero)
        host.state = .retired
        context.write(host, at: StateKey.host(address))
        let key = StateKey.consensusKey(try host.consensusAddress)
        var owner = try context.expect(ConsensusKeyRecord.self, at: key)
        owner.untilHeight = context.block.height
        context.write(owner, at: key)
        try BankModule.move(bond, from: .bonds, to: .collateral, in: &context)
        let leaving = try checked { () throws(ArithmeticError) in try bond.adding(collateral) }
        let epoch = try Collateral.giveBack(leaving, to: address, in: &context)
        context.emit(
            "host_retired", ("host", address.bech32), ("bond", bond.description),
            ("collateral", collateral.description), ("paid_in_epoch", "\(epoch)"))
    }
}
