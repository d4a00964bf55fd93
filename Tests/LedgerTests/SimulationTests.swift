import Ledger
import Messages
import Primitives
import StateStore
import TestSupport
import Testing

@Suite("Thousands of random blocks")
struct SimulationTests {
    /// The seeds are the arguments, so that a failure names its own. 8 · 300 blocks, recounted after each.
    @Test(
        "Whatever is sent, blocks go on, every coin is somewhere, and a replay agrees",
        arguments: 1...8 as ClosedRange<UInt64>)
    func holds(seed: UInt64) throws {
        var simulation = try Simulation(seed: seed)
        var watch = LifeWatch()
        for _ in 0..<300 {
            try simulation.step()
            try watch.look(at: simulation.ledger)
        }
        let ledger = simulation.ledger
        #expect(try ledger.replayedAppHash() == ledger.appHash)
        #expect(try ledger.replayedAppHash() == ledger.appHash)

        // It is worth nothing if it does nothing.
        let kinds = [
            MsgSend.typeURL, MsgOpenSession.typeURL, MsgTopUpSession.typeURL, MsgCloseSession.typeURL,
            MsgCommitClaim.typeURL,
        ]
        for kind in kinds { #expect(simulation.acceptedTypes[kind, default: 0] >= 6, "\(kind)") }
        #expect(simulation.refusals.count >= 8)
        #expect(try ledger.supply.pool > .zero)

        // Left alone, every session ends and every deposit returns.
        ledger.audits = false
        while try ledger.supply.deposits > .zero {
            try #require(ledger.height < 3_000, "a deposit is stuck")
            try ledger.block()
        }
        try ledger.app.audit()
    }
}
