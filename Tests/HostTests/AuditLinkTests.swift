import EngineAPI
import FaultyLink
import LedgerClient
import Messages
import NIOCore
import Primitives
import ProtocolRules
import Synchronization
import Testing

@testable import HostRoles
@testable import HostServer

/// What an auditor finds of an honest claimant whose connection breaks off, falls silent or lies.
@Suite("Audits over faulty links", .serialized, .timeLimit(.minutes(3)))
struct AuditLinkTests {
    /// A claim in its audit window, an auditor that looks at it over HTTP, and a link to the claimant.
    private struct Scene {
        let audit: AuditRouteTests.Scene
        let link: FaultyLink
        let source: HTTPAuditSource
        let duties: [AuditDuty]
        private let obstacles = Obstacles()

        private final class Obstacles: Sendable {
            let all = Mutex<[AuditExaminer.Obstacle]>([])
        }

        /// Who kept the auditor from finding something, each time.
        var claimantBlamed: Int { obstacles.all.withLock { $0.count { $0 == .claimant } } }

        init(_ audit: AuditRouteTests.Scene, _ link: FaultyLink, _ source: HTTPAuditSource) async throws {
            (self.audit, self.link, self.source) = (audit, link, source)
            duties = AuditDuty.audits(of: audit.claim, by: audit.auditor.identity.address)
            try await audit.auditor.view.refresh()
            var record = try #require(try await audit.crowd.ledger.host(audit.claimant.identity.address))
            record.url = link.url
            await audit.crowd.ledger.replace(StateKey.host(record.address), with: record)
        }

        func examine(_ number: Int = 0) async throws -> AuditFinding? {
            let duty = try #require(duties.indices.contains(number) ? duties[number] : nil)
            let auditor = audit.auditor
            let examiner = AuditExaminer(
                identity: auditor.identity, engines: [auditor.engine], ledger: audit.crowd.ledger, view: auditor.view,
                source: source, gate: AttemptGate(places: 1), limits: HostCrowd.limits, clock: ContinuousClock(),
                logger: auditor.logger)
            return await examiner.examine(duty, of: audit.claim, panelSeed: nil) { obstacle in
                obstacles.all.withLock { $0.append(obstacle) }
            }
        }
    }

    private static func run(
        source: HTTPAuditSource = HTTPAuditSource(), _ body: (Scene) async throws -> Void
    ) async throws {
        var limits = HostCrowd.limits
        limits.auditAnswersMax = 1_000
        let audit = try await AuditRouteTests.Scene(limits: limits)
        try await ServerTests.serving(audit.claimant) { client in
            try await FaultyLink.to(client.url) { link in
                let scene = try await Scene(audit, link, source)
                do { try await body(scene) } catch {
                    try await source.close()
                    throw error
                }
                try await source.close()
            }
        }
    }

    /// Bytes of the request that the item is for: each is bound by a digest in the item, and the item by the claim.
    private static let lie = LinkFault.replaces("Say hello", with: "Say jello")

    @Test("An item that comes damaged or cut is fetched again, and found to be what it is")
    func damagedOnce() async throws {
        try await Self.run { scene in
            let clean = try #require(try await scene.examine())
            #expect(clean.outcome == .scored && clean.result?.difference == 0)
            #expect(scene.link.exchanges == 1)
            let faults: [LinkFault] = [
                .cutsRequest(after: 0), .cutsRequest(after: 150), .cutsAnswer(.byte(0)), .cutsAnswer(.byte(30)),
                .cutsAnswer(.after("\r\n\r\n", 200)), Self.lie, .changes(.after("\r\n\r\n", 2)),
                .changes(.after("\r\n\r\n", 100)),
            ]
            for (count, fault) in faults.enumerated() {
                let before = scene.link.exchanges
                scene.link.next([fault])
                let finding = try #require(try await scene.examine())
                #expect(finding.result == clean.result, "\(fault)")
                #expect(scene.link.exchanges > before + 1)
                #expect(scene.claimantBlamed == count + 1, "until it is asked again, it has handed nothing out")
            }
        }
    }

    @Test("A claimant that falls silent before its answer, or in the middle of it, is asked again")
    func silentOnce() async throws {
        try await Self.run(source: HTTPAuditSource(timeout: .seconds(1))) { scene in
            for fault in [LinkFault.silences(.byte(0)), .silences(.after("\r\n\r\n", 200))] {
                let blamed = scene.claimantBlamed
                scene.link.next([fault])
                let finding = try #require(try await scene.examine())
                #expect(finding.outcome == .scored && finding.result?.difference == 0)
                #expect(scene.claimantBlamed > blamed)
            }
        }
    }

    @Test("Another sample's item, word for word, is not taken for the claimant's answer")
    func replayed() async throws {
        try await Self.run { scene in
            let clean = try #require(try await scene.examine())
            var other = 0
            repeat {
                other += 1
                _ = try #require(try await scene.examine(other))
            } while scene.link.answer(other).suffix(300) == scene.link.answer(0).suffix(300)
            scene.link.next([.replays(scene.link.answer(other))])
            let finding = try #require(try await scene.examine())
            #expect(finding.result == clean.result)
            #expect(scene.claimantBlamed == 1)
        }
    }

    @Test(
        "A claimant that cannot be reached is the obstacle, and nothing is said of its item", arguments: [true, false])
    func never(isSilent: Bool) async throws {
        try await Self.run(source: HTTPAuditSource(timeout: .milliseconds(200))) { scene in
            scene.link.always(isSilent ? .silences(.byte(0)) : .cutsAnswer(.byte(40)))
            let (told, tell) = AsyncStream<Void>.makeStream()
            let examination = Task {
                defer { tell.finish() }
                return try await scene.examine()
            }
            while scene.claimantBlamed < 2 { await Task.yield() }
            examination.cancel()
            for await _ in told {}
            let finding = try await examination.value
            #expect(finding == nil)
        }
    }

    /// The protocol's own limit: over plain HTTP nobody can tell a claimant from who sits on the way to it.
    @Test("What is changed in the same way each time is the claimant's word, and differs")
    func changedAlways() async throws {
        try await Self.run { scene in
            scene.link.always(Self.lie)
            let finding = try #require(try await scene.examine())
            #expect(finding.result == AuditResult(differs: .request))
            #expect(scene.link.exchanges == 2)
        }
    }
}
