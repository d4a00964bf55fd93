import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("What epochs mint and release")
struct EmissionTests {
    @Test("Every epoch mints its emission, proven or not")
    func mintsEveryEpoch() throws {
        let ledger = try TestLedger()
        ledger.duties = nil
        var (schedule, minted) = (EmissionSchedule(), Amount.zero)
        for epoch in 1...3 as ClosedRange<UInt64> {
            try ledger.advance(to: epoch * ledger.parameters.chain.epochBlocks)
            #expect(try ledger.supply.minted == minted)
            try ledger.block()
            let emission = schedule.emission(after: minted)
            minted = try minted.adding(emission)
            schedule = try schedule.next()
            let record = try #require(try ledger.record(EpochRecord.self, at: StateKey.epoch(epoch)))
            #expect(record.emission == emission && record.pooled == emission && !record.isProven)
            #expect(try ledger.supply.minted == minted)
        }
    }

    @Test("Founders' coins are released in equal parts, one an epoch")
    func releasesFoundersCoins() throws {
        var plan = TestLedgerPlan()
        plan.accountCount = 1
        plan.change = { state in
            (state.accounts[0].vesting, state.accounts[0].vestingEpochs) = (Amount(1_000), 3)
            state.pool = Amount(77)
        }
        let ledger = try TestLedger(plan)
        ledger.duties = nil
        let start = try ledger.balance(of: ledger.accounts[0].address)
        let supply = try ledger.supply
        #expect(supply.vesting == Amount(1_000) && supply.pool == Amount(77) && supply.minted == .zero)
        for released in [334, 667, 1_000, 1_000] as [UInt64] {
            let epoch = ledger.parameters.epochSchedule.index(at: ledger.height + 1)
            try ledger.advance(to: epoch * ledger.parameters.chain.epochBlocks + 1)
            #expect(try ledger.balance(of: ledger.accounts[0].address) == start.adding(Amount(released)))
        }
        #expect(try ledger.supply.vesting == .zero)
    }

    @Test("Rewards are released over the epochs that the parameter says")
    func releasesRewards() throws {
        let scene = try EpochScene { $0.economy.vestingEpochs = 4 }
        for host in 0..<4 { try scene.prove(host, 100) }
        let before = try scene.balance(0)
        try scene.close()
        let paid = try #require(try scene.payout(0)).paid
        #expect(try scene.balance(0) == before && scene.payout(0)?.vestingEpochs == 4)
        for epoch in 3...6 as ClosedRange<UInt64> { try Vesting.release(at: epoch, in: &scene.context) }
        #expect(try scene.balance(0) == before.adding(paid) && scene.context.supply.vesting == .zero)
    }

    @Test("What several epochs promise adds up")
    func addsPromisesUp() throws {
        let scene = try EpochScene()
        let account = scene.hosts[0]
        let before = try scene.balance(0)
        try BankModule.mint(Amount(100), to: .pool, in: &scene.context)
        try scene.promise(10, to: account, over: 2)
        try scene.promise(31, to: account, over: 3)
        let record = try scene.context.expect(VestingRecord.self, at: StateKey.vesting(account))
        #expect(record.amounts == [16, 15, 10] && record.epoch == 3)
        try Vesting.release(at: 3, in: &scene.context)
        #expect(try scene.balance(0) == before.adding(Amount(16)))
    }

    @Test("A release and new promises together are what each of them makes of an account")
    func releasesAndPromises() throws {
        let scene = try EpochScene()
        try BankModule.mint(Amount(1_000), to: .pool, in: &scene.context)
        try scene.promise(10, to: scene.hosts[1], over: 2)
        try scene.promise(7, to: scene.hosts[2], over: 1)
        try scene.promise(9, to: scene.hosts[3], over: 1)
        let before = try (0..<4).map { try scene.balance($0) }
        // The first has waited for nothing, the last gets nothing more.
        scene.context = try scene.atStart(of: 3)
        try BankModule.move(Amount(60), from: .pool, to: .vesting, in: &scene.context)
        let grants = scene.hosts.prefix(3).map { Vesting.Grant(account: $0, amount: Amount(20)) }
        try Vesting.release(at: 3, granting: grants, over: 3, in: &scene.context)
        func record(_ host: Int) throws -> VestingRecord? {
            try scene.context.read(VestingRecord.self, at: StateKey.vesting(scene.hosts[host]))
        }
        #expect(try record(0)?.amounts == [8, 6, 6] && record(1)?.amounts == [13, 6, 6])
        #expect(try record(2)?.amounts == [8, 6, 6] && record(3) == nil)
        #expect(try (0..<3).allSatisfy { try record($0)?.epoch == 4 })
        let released = try (0..<4).map { try scene.balance($0).subtracting(before[$0]).ngonka }
        #expect(released == [0, 5, 7, 9] && scene.context.supply.vesting == Amount(65))
    }

    @Test("Genesis names no release that is longer than allowed, or of no epoch")
    func refusesWrongReleases() {
        for epochs in [0, 1_461] as [UInt64] {
            #expect(throws: (any Error).self) {
                var plan = TestLedgerPlan()
                plan.change = { ($0.accounts[0].vesting, $0.accounts[0].vestingEpochs) = (Amount(1), epochs) }
                _ = try TestLedger(plan)
            }
        }
    }
}
