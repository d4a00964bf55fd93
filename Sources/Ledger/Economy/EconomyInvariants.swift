import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

enum EconomyInvariants {
    /// Recounts collateral, vesting, emission, rewards and reports; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        try recountCollateral(in: context)
        try recountVesting(in: context)
        try recountEmission(in: context)
        try recountMisses(in: context)
    }

    /// What hosts put down and what is on its way back is the purse; a retired host has put down nothing, and what is on its way
    /// is where convictions look for it.
    private static func recountCollateral(in context: ExecutionContext) throws(LedgerError) {
        var sum = UInt128(0)
        try context.forEach(HostRecord.self, in: .hosts) { (host) throws(LedgerError) in
            sum += UInt128(host.collateral.ngonka)
            guard host.state != .retired || host.collateral == .zero else {
                throw .broken("\(host.address.bech32) is retired with collateral")
            }
            guard host.state != .retired else { return }
            let key = StateKey.operatorKey(host.address, key: host.operatorKey)
            guard try context.expect(OperatorKeyRecord.self, at: key).untilHeight == 0 else {
                throw .broken("the operator key of \(host.address.bech32) is noted as replaced")
            }
        }
        let open = try Collateral.openEpochs(in: context)
        try context.forEach(WithdrawalRecord.self, in: .withdrawals) { (record) throws(LedgerError) in
            sum += UInt128(record.amount.ngonka)
            guard open.contains(record.epoch) else {
                throw .broken("\(record.host.bech32) waits for epoch \(record.epoch), out of a conviction's reach")
            }
        }
        guard sum == UInt128(context.supply.collateral.ngonka) else {
            throw .broken("hosts have \(sum) ngonka of collateral, but the supply says \(context.supply.collateral)")
        }
    }

    /// What accounts wait for is the purse, and all of it comes from the next epoch on.
    private static func recountVesting(in context: ExecutionContext) throws(LedgerError) {
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
        var sum = UInt128(0)
        try context.forEach(VestingRecord.self, in: .vesting) { (record) throws(LedgerError) in
            sum += record.amounts.reduce(UInt128(0)) { $0 + UInt128($1) }
            guard record.epoch == max(1, epoch) + 1, !record.amounts.isEmpty else {
                throw .broken("\(record.account.bech32) waits for epoch \(record.epoch), and this is \(epoch)")
            }
        }
        guard sum == UInt128(context.supply.vesting.ngonka) else {
            throw .broken("accounts wait for \(sum) ngonka, but the supply says \(context.supply.vesting)")
        }
    }

    /// Every epoch's emission went to hosts and pool, all together is what was minted, and payouts are what shares leave.
    private static func recountEmission(in context: ExecutionContext) throws(LedgerError) {
        var minted = UInt128(0)
        try context.forEach(EpochRecord.self, in: .epochs) { (epoch) throws(LedgerError) in
            minted += UInt128(epoch.emission.ngonka)
            var (paid, hosts) = (UInt128(0), UInt64(0))
            try context.forEachEntry(under: StateKey.hostEpochs(epoch.epoch)) { (entry) throws(LedgerError) in
                guard let payout = try context.decode(HostEpochRecord.self, entry).payout else { return }
                let parts = [
                    payout.unconfirmed, payout.undutiful, payout.missed, payout.withheld, payout.convicted, payout.paid,
                ]
                let sum = parts.reduce(UInt128(0)) { $0 + UInt128($1.ngonka) }
                guard sum == UInt128(payout.share.ngonka) else {
                    throw .broken("the payout at \(Hex.encode(entry.key)) does not add up")
                }
                paid += UInt128(payout.paid.ngonka)
                hosts += 1
            }
            let whole = UInt128(epoch.paid.ngonka) + UInt128(epoch.pooled.ngonka)
            guard whole == UInt128(epoch.emission.ngonka), paid == UInt128(epoch.paid.ngonka), hosts == epoch.hosts
            else { throw .broken("epoch \(epoch.epoch) does not say what its hosts were paid") }
        }
        guard minted == UInt128(context.supply.minted.ngonka), context.supply.minted <= EmissionSchedule.cap else {
            throw .broken("epochs minted \(minted) ngonka, but the supply says \(context.supply.minted)")
        }
    }

    /// A miss is counted once.
    private static func recountMisses(in context: ExecutionContext) throws(LedgerError) {
        var counted = UInt64(0)
        try context.forEach(HostEpochRecord.self, in: .hostEpochs) { counted &+= $0.requestsMissed }
        try context.expect(Int(clamping: counted), in: .misses)
    }
}
