import Cryptography
import Messages
import Primitives
import StateStore

enum HostsInvariants {
    /// Recounts all bonds and checks that indexes and listings say what the hosts' records say; tests and audits use it, a
    /// block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var bonds = UInt128(0)
        var (serving, retiring, listings) = (0, 0, 0)
        try context.forEach(HostRecord.self, in: .hosts) { (host) throws(LedgerError) in
            bonds += UInt128(host.bond.ngonka)
            guard host.state != .retired else {
                guard host.bond == .zero else { throw .broken("\(host.address.bech32) is retired with a bond") }
                return
            }
            serving += 1
            try check(host, in: context)
            if host.state == .active { listings += host.models.count } else { retiring += 1 }
        }
        guard bonds == UInt128(context.supply.bonds.ngonka) else {
            throw .broken("hosts put down \(bonds) ngonka, but the supply record says \(context.supply.bonds)")
        }
        var keys = 0
        try context.forEach(ConsensusKeyRecord.self, in: .consensusKeys) { if $0.untilHeight == 0 { keys += 1 } }
        guard keys == serving else { throw .broken("\(keys) consensus keys of \(serving) hosts") }
        try context.expect(retiring, in: .retirements)
        try context.expect(listings, in: .weights)
    }

    private static func check(_ host: HostRecord, in context: ExecutionContext) throws(LedgerError) {
        let owner = try HostsReads.consensusKey(try host.consensusAddress, in: context)
        guard let owner, owner.host == host.address, owner.untilHeight == 0 else {
            throw .broken("the consensus key of \(host.address.bech32) is not its own")
        }
        guard host.state == .active else {
            let key = HostsKeys.retirement(round: host.retiresAfterRound, host: host.address)
            guard context.state.value(for: key) != nil else { throw .broken("\(host.address.bech32) never retires") }
            return
        }
        for model in host.models {
            let key = StateKey.weight(model: model, host: host.address)
            let listing = try context.expect(WeightRecord.self, at: key)
            guard listing.host == host.address else { throw .broken("the listing at \(Hex.encode(key)) is another's") }
        }
    }
}
