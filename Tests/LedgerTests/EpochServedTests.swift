import Messages
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

/// Devnet's sprint has eight blocks, its first serving round fifteen with the same beginning.
@Suite("What served tokens add to a sprint")
struct EpochServedTests {
    private static let serving: UInt64 = 2

    /// A first epoch in which hosts proved and served these tokens.
    private func scene(_ proven: [UInt64], _ served: [UInt64]) throws -> EpochScene {
        let scene = try EpochScene()
        try scene.open(Self.serving, .serving, at: 1)
        for (host, tokens) in proven.enumerated() { try scene.prove(host, tokens) }
        for (host, tokens) in served.enumerated() { try scene.serve(host, tokens, in: Self.serving) }
        return scene
    }

    @Test("What the model's hosts usually serve counts for all of them, and nothing beyond it")
    func countsTheUsual() throws {
        // 150 tokens in fifteen blocks are 80 in the sprint's eight.
        let scene = try scene([400, 400, 400, 400], [150, 150, 150, 1_500])
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [480, 480, 480, 480])
        #expect(try scene.epoch.weight == 1_920)
    }

    @Test("Traffic that hardly anybody has adds nothing in a first epoch")
    func refusesOddTraffic() throws {
        let scene = try scene([400, 400, 400, 400], [0, 0, 0, 150])
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [400, 400, 400, 400])
    }

    @Test("It is at most a fifth of the sum")
    func isCapped() throws {
        let scene = try scene([400, 400, 400, 400], [1_500, 1_500, 1_500, 1_500])
        try scene.close()
        #expect(try (0..<4).map { try scene.weight($0) } == [500, 500, 500, 500])
    }

    @Test("Rounds on both sides of a boundary add up, by the blocks that each shares with the sprint")
    func addsRounds() throws {
        let scene = try scene([400, 400, 400, 400], [])
        // The window of the second begins with the sprint's seventh block.
        try scene.open(3, .serving, at: 7)
        for host in 0..<4 {
            try scene.serve(host, 75, in: Self.serving)
            try scene.serve(host, 75, in: 3)
        }
        try scene.close()
        // ⌊75 · 8 ÷ 15⌋ + ⌊75 · 2 ÷ 15⌋.
        #expect(try scene.weight(0) == 450)
    }

    @Test("An undecided or an empty sprint gets nothing from it, and confirmations are held against what was proven")
    func countsBesideProvenWorkOnly() throws {
        let scene = try scene([400, 400, 400], [150, 150, 0, 150])
        try scene.prove(3, 0, claimed: 90, isDecided: false)
        try scene.open(4, .confirmation, at: 20)
        // 50 tokens a block were proven, 60 counted; a confirmation of four blocks has 200.
        for host in 0..<2 { try scene.confirm(host, 200, in: 4) }
        try scene.close()
        #expect(try scene.weight(3) == 90)
        #expect(try scene.payout(0)?.confirmedPartsPerMillion == 1_000_000)
        #expect(try scene.epoch.medianPartsPerMillion == 1_000_000)
        let noted = try scene.context.expect(
            HostEpochRecord.self, at: StateKey.hostEpoch(1, host: scene.hosts[0])
        ).sprint
        #expect(noted.map(\.served) == [80])
    }
}

extension EpochScene {
    /// What a host served in a round beside the sprint.
    fileprivate func serve(_ host: Int, _ tokens: UInt64, in round: UInt64) throws {
        let work = ProvenWork(
            round: round, model: models[0], workBlocks: parameters.rounds.servingWorkBlocks, epoch: 1,
            claimed: tokens, counted: tokens, isDecided: true)
        try note(host) { $0.served.append(work) }
    }
}
