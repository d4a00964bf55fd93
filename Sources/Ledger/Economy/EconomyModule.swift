import Messages
import Primitives
import ProtocolRules

/// What work is worth: weight, power, emission, vesting, collateral, prices. Read this first, then `EpochTransition`.
///
/// The formulas are in `ProtocolRules` (`WeightRules`, `ConfirmedRatio`, `RewardRules`, `VotingPowerRules`, `PriceRule`,
/// `EmissionSchedule`); this module reads what they need, and writes what follows.
enum EconomyModule {
    /// Pays out what is due; in the first block of an epoch closes the one before.
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let schedule = context.block.parameters.epochSchedule
        if schedule.isFirst(context.block.height), context.block.height > 1 {
            let epoch = schedule.index(at: context.block.height)
            var rewards: [Vesting.Grant] = []
            try context.contain("end of epoch \(epoch - 1)") { (context) throws(LedgerError) in
                rewards = try EpochTransition.run(epoch - 1, in: &context)
            }
            let parts = context.block.parameters.economy.vestingEpochs
            try Vesting.release(at: epoch, granting: rewards, over: parts, in: &context)
        }
        try Collateral.payDue(in: &context)
    }
}

enum EconomyGenesis {
    /// The first epoch's emission, the first powers, the community's pool, and what founders wait for.
    static func build(_ genesis: GenesisState, in context: inout ExecutionContext) throws(LedgerError) {
        context.write(EmissionRecord(EmissionSchedule()), at: StateKey.emission)
        try EpochPowers.begin(in: &context)
        try add(genesis.pool, to: .pool, in: &context)
        for account in genesis.accounts where account.vesting > .zero {
            guard (1...Vesting.epochsMax).contains(account.vestingEpochs) else {
                throw .broken("genesis: coins are released in 1 to \(Vesting.epochsMax) epochs")
            }
            try add(account.vesting, to: .vesting, in: &context)
            try Vesting.promise(account.vesting, to: account.address, over: account.vestingEpochs, in: &context)
        }
    }

    private static func add(
        _ amount: Amount, to purse: BankModule.Purse, in context: inout ExecutionContext
    ) throws(LedgerError) {
        try BankModule.mint(amount, to: purse, in: &context)
        // Minted counts what epochs mint.
        let genesis = context.supply.genesis
        context.supply.genesis = try checked { () throws(ArithmeticError) in try genesis.adding(amount) }
        context.supply.minted = .zero
    }
}
