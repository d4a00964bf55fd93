import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

@Suite("Parameters that change while rounds run")
struct ChangingParametersTests {
    /// The seeds are the arguments, so that a failure names its own.
    @Test(
        "Whatever is changed at every height, windows of a round come in order, none is skipped, and it settles when it said",
        arguments: 1...6 as ClosedRange<UInt64>)
    func windowsInOrder(seed: UInt64) throws {
        var numbers = SplitMix64(seed: seed)
        var state = try TestLedger().app.state
        var seen: [UInt64: (timetable: RoundTimetable, phases: [RoundPhase])] = [:]
        var servingOpenings: [UInt64] = []
        var settled: Set<UInt64> = []
        for height in 1...400 as ClosedRange<UInt64> {
            let context = try block(height, over: state)
            let open = try RoundsReads.unsettled(in: context)
            for round in open {
                if round.timetable.openingHeight == height, round.timetable.kind == .serving {
                    servingOpenings.append(height)
                }
                var known = seen[round.id] ?? (round.timetable, [])
                #expect(known.timetable == round.timetable, "round \(round.id) changed at \(height)")
                let phase = try #require(round.timetable.phase(at: height))
                if known.phases.last != phase { known.phases.append(phase) }
                seen[round.id] = known
            }
            for (id, known) in seen where !open.contains(where: { $0.id == id }) && !settled.contains(id) {
                settled.insert(id)
                // It settles at the end of the first block in which it may.
                #expect(known.phases == RoundPhase.allCases.dropLast())
                #expect(known.timetable.settleHeight == height)
            }
            context.write(try changed(&numbers, context.block.parameters), at: StateKey.parameters)
            context.write(context.supply, at: StateKey.supply)
            state = StoredState(chainID: state.chainID, height: height, tree: context.state.finish().tree)
        }
        #expect(settled.count > 10)
        // Back to back: each opens in the block after the work window of the one before.
        let serving = seen.values.filter { $0.timetable.kind == .serving }.map(\.timetable)
            .sorted { $0.openingHeight < $1.openingHeight }
        #expect(serving.map(\.openingHeight) == servingOpenings)
        for (round, next) in zip(serving, serving.dropFirst()) {
            #expect(next.openingHeight == round.nextOpeningHeight)
        }
    }

    /// The modules' parts of a block, as `BlockExecution` calls them; what is returned can still be written to.
    private func block(_ height: UInt64, over state: StoredState) throws -> ExecutionContext {
        var context = try ExecutionContext.next(
            over: state, height: height, hash: .sha256(.bigEndian(height)), parentHash: .sha256(.bigEndian(height - 1)))
        try EpochsModule.beginBlock(in: &context)
        try BeaconModule.beginBlock(in: &context)
        try RoundsModule.beginBlock(in: &context)
        try RoundsModule.endBlock(in: &context)
        try BeaconModule.endBlock(in: &context)
        try EpochsModule.endBlock(in: &context)
        return context
    }

    /// Other lengths of all windows, as far as they may change.
    private func changed(_ numbers: inout SplitMix64, _ before: ProtocolParameters) throws -> ProtocolParameters {
        var parameters = before
        let windows: [WritableKeyPath<RoundParameters, UInt64>] = [
            \.servingWorkBlocks, \.sprintWorkBlocks, \.confirmationWorkBlocks, \.commitBlocks, \.auditBlocks,
            \.openBlocks, \.appealBlocks, \.appealOpenBlocks,
        ]
        for window in windows { parameters.rounds[keyPath: window] = 1 + numbers.next() % 7 }
        parameters.rounds.confirmationsPerEpoch = numbers.next() % 5
        parameters.rounds.settlementClaimsPerBlock = 1 + numbers.next() % 3
        try parameters.check()
        return parameters
    }
}
