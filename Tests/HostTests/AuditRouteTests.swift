import Cryptography
import HTTPEdge
import HTTPOutbound
import LedgerClient
import Messages
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import Synchronization
import TestSupport
import Testing
import WireFormat

@testable import HostRoles
@testable import HostServer

@Suite("Handing items to auditors over HTTP")
struct AuditRouteTests {
    private static let path = "/v1/audits"
    private static let type = "application/octet-stream"

    /// A claim of the first host in its audit window, which has not been looked at.
    struct Scene {
        let crowd: HostCrowd
        let claimant: HostScene
        let round: RoundRecord
        let claim: AuditedClaim
        let sample: AuditedSample

        init(limits: HostRoles.Limits = HostCrowd.limits) async throws {
            crowd = try await HostCrowd(limits: limits) { _ in ScriptedEngine(model: "test-model") }
            claimant = crowd.hosts[0]
            round = try await claimant.view.current().round
            for sequence in 1...6 {
                try await claimant.ask(AuditLoopTests.question, sequence: UInt64(sequence), amount: 500_000_000)
            }
            let claimant = claimant
            try await Scene.advance(claimant, to: round.timetable.window(.audit).lowerBound)
            let audited = try #require(await claimant.duties.book.rounds.first { $0.claims.count > 0 })
            claim = try #require(audited.claims.first)
            sample = try #require(claim.samples.first)
        }

        /// Goes on without anybody who audits.
        static func advance(_ host: HostScene, to height: UInt64) async throws {
            while await host.ledger.run({ $0.height }) < height {
                _ = try await host.ledger.run { _ = try $0.block() }
                try await host.keeper.step()
                try await host.duties.step()
            }
            try await host.view.refresh()
        }

        /// The host that is first on the sample's list, and one that is on none.
        var auditor: HostScene { host(sample.auditors[0]) }

        func host(_ address: Address) -> HostScene {
            crowd.hosts.first { $0.identity.address == address } ?? crowd.hosts[0]
        }

        func request(
            by host: HostScene? = nil, key: PrivateKey? = nil, _ change: (inout AuditRequest) -> Void = { _ in }
        ) async -> Signed<AuditRequest> {
            let host = host ?? auditor
            var request = AuditRequest(
                chainID: TestLedger.chainID, auditor: host.identity.address, claimant: claimant.identity.address,
                round: claim.claim.round, entry: 0, number: sample.name.number,
                height: await crowd.ledger.run { $0.height })
            change(&request)
            return Signed(request, by: key ?? host.identity.operatorKey)
        }
    }

    @Test(
        "An auditor gets its item over the real route, with all that the checks need and nothing that tells the fingerprint"
    )
    func wholeWay() async throws {
        let scene = try await Scene()
        try await ServerTests.serving(scene.claimant) { client in
            let source = HTTPAuditSource()
            let bytes = try await source.fetch(await scene.request(), from: client.url)
            try await source.close()
            let payload = try AuditPayload.decode(bytes)
            let entry = try #require(scene.claim.entry(of: scene.sample.name))
            let interval = try payload.proof.verify(payload.item.leaf, in: entry.entry.treeClaim)
            #expect(interval.contains(scene.sample.point, by: scene.sample.measure))
            #expect(Hash32.sha256(payload.body) == payload.item.serving?.requestDigest)
            let serving = try #require(payload.item.serving)
            let kept = try #require(try await scene.claimant.store.item(serving.session, number: serving.number))
            #expect(!ItemStoreTests.contains(bytes, kept.answer.fingerprint))
            #expect(!ItemStoreTests.contains(bytes, kept.answer.salt))
        }
    }

    @Test("Whoever is not entitled gets nothing")
    func refusals() async throws {
        let scene = try await Scene()
        let stranger = PrivateKey.random()
        let cases: [(status: UInt, code: OpenAIErrorCode, request: Signed<AuditRequest>)] = [
            (403, .auditNotEntitled, await scene.request(by: scene.claimant)),
            (403, .auditNotEntitled, await scene.request(key: stranger) { $0.auditor = stranger.publicKey.address }),
            (403, .auditNotEntitled, await scene.request { $0.number = 99 }),
            (403, .auditNotEntitled, await scene.request { $0.entry = 1 }),
            (403, .auditNotEntitled, await scene.request { $0.round += 1 }),
            (401, .auditSignatureInvalid, await scene.request(key: stranger)),
            (400, .auditRequestInvalid, await scene.request { $0.chainID = "gonka-swift-test-2" }),
            (400, .auditRequestInvalid, await scene.request { $0.claimant = $0.auditor }),
            (400, .auditRequestInvalid, await scene.request { $0.height += 17 }),
            (400, .auditRequestInvalid, await scene.request { $0.height -= 17 }),
        ]
        try await ServerTests.serving(scene.claimant) { client in
            for one in cases {
                let answer = try await client.post(one.request.encoded(), to: Self.path, contentType: Self.type)
                #expect(answer.status == one.status)
                #expect(answer.errorCode == one.code.rawValue)
            }
            let close = try await client.post(
                await scene.request { $0.height += 16 }.encoded(), to: Self.path, contentType: Self.type)
            #expect(close.status == 200, "a clock that is a little off does no harm")
        }
    }

    @Test("Requests are bounded in form and size")
    func form() async throws {
        let scene = try await Scene()
        let good = await scene.request().encoded()
        try await ServerTests.serving(scene.claimant) { client in
            for (body, type, status) in [
                (Bytes(repeating: 0, count: 100), Self.type, 400), (good + [0], Self.type, 400), ([], Self.type, 400),
                (good, "application/json", 400), (Bytes(repeating: 1, count: 5_000), Self.type, 413),
            ] as [(Bytes, String, UInt)] {
                let answer = try await client.post(body, to: Self.path, contentType: type)
                #expect(answer.status == status)
            }
        }
    }

    @Test("The same auditor may ask again, but not without end")
    func rate() async throws {
        var limits = HostRoles.Limits()
        limits.auditAnswersMax = 2
        let scene = try await Scene(limits: limits)
        let request = await scene.request().encoded()
        let desk = scene.claimant.duties.auditDesk
        for _ in 0..<2 { _ = try await desk.answer(request) }
        await #expect {
            try await desk.answer(request)
        } throws: {
            ($0 as? OpenAIError)?.code == .rateLimitExceeded
        }
    }

    @Test("More auditors at once than a host answers are told to come again")
    func load() async throws {
        var limits = HostRoles.Limits()
        limits.auditAnswersAtOnceMax = 0
        let scene = try await Scene(limits: limits)
        await #expect {
            try await scene.claimant.duties.auditDesk.answer(await scene.request().encoded())
        } throws: {
            ($0 as? OpenAIError)?.status == 503
        }
    }

    @Test("A claimant that sends more than an item can be has handed out nothing")
    func oversized() async throws {
        let request = await (try Scene()).request()
        try await ZeroClaimant(pieces: 64, bytesPerPiece: 1 << 16).serving { url in
            let source = HTTPAuditSource(bytesMax: 1 << 20)
            await #expect(throws: BodyFault.tooLong) { try await source.fetch(request, from: url) }
            try await source.close()
        }
    }

    @Test("A claimant whose item dribbles in for longer than a whole item may take has handed out nothing")
    func dribbling() async throws {
        let request = await (try Scene()).request()
        try await ZeroClaimant(pieces: 3, bytesPerPiece: 1).serving { url in
            let calls = Mutex<Int64>(0)
            // Each look at the clock finds it 20 s later.
            let source = HTTPAuditSource(timeout: .seconds(30)) {
                .uptimeNanoseconds(NIODeadline.now().uptimeNanoseconds)
                    + .seconds(
                        20
                            * calls.withLock { (calls: inout Int64) in
                                calls += 1
                                return calls
                            })
            }
            await #expect(throws: BodyFault.tooSlow) { try await source.fetch(request, from: url) }
            try await source.close()
        }
    }

    @Test("Before the window and after it nobody gets the item, whoever is listed")
    func window() async throws {
        let scene = try await Scene()
        let end = scene.round.timetable.window(.audit).upperBound
        try await Scene.advance(scene.claimant, to: end + 1)
        await #expect(throws: OpenAIError.auditNotEntitled) {
            try await scene.claimant.duties.auditDesk.answer(await scene.request().encoded())
        }
    }

    @Test("A claimant that answers with too much, with nothing, or from elsewhere has handed out nothing")
    func badClaimants() async throws {
        let source = HTTPAuditSource()
        let scene = try await Scene()
        let request = await scene.request()
        for url in ["ftp://127.0.0.1:1", "http://user@127.0.0.1:1", "http://127.0.0.1:1/?x", "nowhere"] {
            await #expect(throws: HTTPAuditSource.Refusal.unusableURL) { try await source.fetch(request, from: url) }
        }
        await #expect(throws: (any Error).self) { try await source.fetch(request, from: "http://127.0.0.1:1") }
        try await ServerTests.serving(scene.claimant) { client in
            let foreign = await scene.request { $0.number = 99 }
            await #expect(throws: HTTPAuditSource.Refusal.refused(status: 403, code: .auditNotEntitled)) {
                try await source.fetch(foreign, from: client.url)
            }
        }
        try await source.close()
    }
}
