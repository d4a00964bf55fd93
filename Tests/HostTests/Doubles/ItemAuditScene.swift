import Cryptography
import EngineAPI
import Messages
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

/// One claimed item and what an auditor gets of it. The claimant may have lied before it claimed, or may lie when it hands out.
struct ItemAuditScene {
    let scene: HostScene
    let honest: ClaimedItem
    let session: SessionRecord

    init(
        _ body: String = HostScene.question, serving: Bool = true,
        engine: any Engine = ScriptedEngine(model: "test-model", answer: "Hello there")
    ) async throws {
        let plan = SprintTests.plan()
        scene = try await HostScene(engine: engine, plan: plan)
        session = try await scene.view.membership(1).session
        if serving {
            honest = ClaimedItem(try await scene.ask(body, amount: 500_000_000).item)
        } else {
            let task = try await ItemAuditScene.sprintTask(scene)
            honest = ClaimedItem(try await task.item(0, on: scene.engine))
        }
    }

    static func sprintTask(_ scene: HostScene) async throws -> SprintTask {
        let round = try await SprintTests.sprint(scene)
        let model = SprintTests.plan().models[0]
        return try #require(SprintTask(round, model: model, host: scene.identity.address, contextTokens: 2_048))
    }

    /// What a check of the item says.
    ///
    /// - Parameters:
    ///   - claims: changes the item before it is claimed.
    ///   - number: what the claim says the item's number is.
    ///   - handsOut: changes what is handed out.
    func check(
        engine: (any Engine)? = nil, claims: (inout WorkItem) -> Void = { _ in },
        number: UInt64 = 1, handsOut: (inout AuditPayload) throws -> Void = { _ in }
    ) async throws -> Result<ScoreRequest, ItemAudit.Failure> {
        var item = honest.item
        claims(&item)
        let tree = try SumTree([item.leaf])
        var payload = honest.payload(proof: try #require(tree.proof(at: 0)))
        payload.item = item
        try handsOut(&payload)
        let claim = try await claim(item, tree, number: number)
        let sample = try #require(claim.samples.first)
        let entry = try #require(claim.entry(of: sample.name))
        let audit = ItemAudit(
            chainID: scene.identity.chainID, claim: claim, sample: sample, entry: entry,
            model: SprintTests.plan().models[0], session: entry.entry.sessions.isEmpty ? nil : session,
            maxTokensDefault: 256, engine: engine ?? scene.engine)
        do throws(ItemAudit.Failure) { return .success(try await audit.check(payload)) } catch {
            return .failure(error)
        }
    }

    private func claim(_ item: WorkItem, _ tree: SumTree, number: UInt64) async throws -> AuditedClaim {
        let isServing = honest.voucher != nil
        let round = isServing ? try await scene.view.current().round : try await SprintTests.sprint(scene)
        var sessions: [SessionClaim] = []
        if let voucher = honest.voucher {
            sessions = [
                SessionClaim(session: 1, firstNumber: number, count: 1, fee: tree.sums.fee, voucher: voucher)
            ]
        }
        let claimed = ClaimEntry(
            model: "test-model", root: tree.claim.root, count: 1, tokens: tree.sums.tokens, fee: tree.sums.fee,
            sessions: sessions)
        let record = ClaimRecord(
            host: scene.identity.address, round: round.id, committedHeight: 1, entries: [claimed])
        let model = RoundModelRecord(
            model: "test-model", coefficientPartsPerMillion: 1_000_000, thresholds: .smolLM2, isObserved: false,
            fee: tree.sums.fee, tokens: tree.sums.tokens, dustTokens: 0)
        let auditors = DrawEntries([DrawEntry(address: TestHost("1").address, weight: 1)])
        return AuditedClaim(
            claim: record, round: round, windows: round.timetable, seed: .sha256(utf8: "seed"),
            entries: [
                AuditedClaim.Entry(entry: claimed, model: model, auditors: auditors, sessions: [1: session])
            ])
    }
}
