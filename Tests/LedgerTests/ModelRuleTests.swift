import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("Which models count, and for how much")
struct ModelRuleTests {
    private static var unanchored: ModelRecord {
        var model = TestLedgerPlan.model("zz-new-model")
        model.isAnchored = false
        return model
    }

    @Test("A model that fewer than three confirmed hosts audited does not count")
    func needsThreeAuditors() throws {
        let scene = try EpochScene()
        for host in 0..<4 { try scene.prove(host, 100) }
        scene.audit("test-model", by: [0, 1])
        try scene.close()
        #expect(try scene.epoch.isProven == false)
        let enough = try EpochScene()
        for host in 0..<4 { try enough.prove(host, 70) }
        enough.audit("test-model", by: [0, 1, 2])
        try enough.close()
        #expect(try enough.weight(0) == 70)
    }

    @Test("Auditors without confirmed weight do not make a model count")
    func ignoresNewAuditors() throws {
        let scene = try EpochScene(weights: [100, 100, 100, 0, 0])
        for host in 0..<5 { try scene.prove(host, 70) }
        scene.audit("test-model", by: [0, 1, 3, 4])
        try scene.close()
        #expect(try scene.epoch.isProven == false)
    }

    @Test("A host that is gone is not waited for")
    func doesNotWaitForTheAbsent() throws {
        let scene = try EpochScene(weights: [100, 100, 100])
        for host in 0..<2 { try scene.prove(host, 70) }
        scene.audit("test-model", by: [0, 1])
        try scene.close()
        #expect(try (0..<3).map { try scene.weight($0) } == [70, 70, 0])
    }

    @Test("A model without an anchor counts for twice what its auditors have in anchored ones")
    func capsUnanchoredModels() throws {
        let scene = try EpochScene(models: [TestLedgerPlan.model("test-model"), Self.unanchored])
        for host in 0..<4 { try scene.prove(host, 100) }
        try scene.prove(0, 3_000, model: 1)
        try scene.prove(1, 1_000, model: 1)
        scene.audit("zz-new-model", by: [1, 2, 3])
        try scene.close()
        // Three auditors of 100 each make 600 of 4 000.
        #expect(try scene.weight(0, model: 1) == 450 && scene.weight(1, model: 1) == 150)
        #expect(try scene.epoch.weight == 1_000)
    }

    @Test("Identities without proven work cannot vouch for one another")
    func refusesAnEmptyModel() throws {
        let scene = try EpochScene(
            weights: [100, 100, 100, 0, 0, 0],
            models: [
                TestLedgerPlan.model("test-model"), Self.unanchored,
            ])
        for host in 0..<3 { try scene.prove(host, 100) }
        for host in 3..<6 { try scene.prove(host, 1_000_000, model: 1) }
        scene.audit("zz-new-model", by: [3, 4, 5])
        try scene.close()
        #expect(try (3..<6).map { try scene.weight($0, model: 1) } == [0, 0, 0])
        #expect(try scene.epoch.weight == 300)
    }
}
