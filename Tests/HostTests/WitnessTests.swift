import Cryptography
import HTTPEdge
import LedgerClient
import Messages
import OpenAIWire
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@testable import HostRoles
@testable import HostServer

/// The first host of a ledger as a witness of what the second left unanswered. In a group of three both others are always drawn.
@Suite("Witnesses of unanswered requests") struct WitnessTests {
    static let path = "/v1/witness"

    /// A voucher of the payer for another host.
    static func voucher(
        _ scene: HostScene, executor: Int = 1, sequence: UInt64 = 1, change: (inout Voucher) -> Void = { _ in }
    ) async -> Signed<Voucher> {
        let address = await scene.ledger.run { $0.hosts[executor].address }
        return await scene.voucher(sequence: sequence) {
            $0.executor = address
            change(&$0)
        }
    }

    static func look(_ scene: HostScene, _ voucher: Signed<Voucher>) async throws -> Signed<MissStatement>? {
        let mandate = try await scene.witnesses.mandate(for: voucher)
        return try await scene.witnesses.look(Bytes(HostScene.question.utf8), for: mandate)
    }

    @Test("What both witnesses sign of a silent executor is a miss on the ledger", arguments: MissReason.allCases)
    func evidence(reason: MissReason) async throws {
        let forwarder = ScriptedForwarder { _, _ in reason == .silence ? .nothing : .status(503) }
        let first = try await HostScene(forwarder: forwarder)
        let second = try await HostScene(ledger: first.ledger, host: 2, forwarder: forwarder)
        let voucher = await Self.voucher(first)
        var statements: [Signed<MissStatement>] = []
        for host in [first, second] { statements.append(try #require(try await Self.look(host, voucher))) }
        #expect(statements.map(\.statement.reason) == [reason, reason])
        #expect(await forwarder.urls == ["http://127.0.0.1:8002", "http://127.0.0.1:8002"])
        let round = try await first.view.current().round
        let end = round.timetable.window(.commit).upperBound
        let (sorted, payer) = (statements, first.payer)
        let results = try await first.ledger.run { ledger in
            if reason == .load { try ledger.advance(to: end) }
            return try [sorted, sorted.reversed()].map { statements in
                let message = MsgReportMiss(
                    reporter: payer.address, round: round.id, voucher: voucher, statements: statements)
                return try ledger.run(message, by: payer)
            }
        }
        #expect(results.filter(\.isAccepted).count == 1, "in the order of the draw, and once")
    }

    @Test("An executor that answers, or finds the request at fault, missed nothing")
    func answers() async throws {
        for status in [200, 204, 301, 400, 401, 402, 403, 404, 413, 500] as [UInt] {
            let scene = try await HostScene(forwarder: ScriptedForwarder { _, _ in .status(status) })
            #expect(try await Self.look(scene, await Self.voucher(scene)) == nil, "\(status)")
        }
    }

    struct Case: Sendable {
        let code: OpenAIErrorCode
        var executor = 1
        var change: @Sendable (inout Voucher) -> Void = { _ in }
    }

    static let cases: [Case] = [
        Case(code: .voucherInvalid) { $0.chainID = "gonka-swift-test-2" },
        Case(code: .voucherInvalid) { $0.sequence = 0 },
        Case(code: .voucherInvalid) { $0.height += 1_000 },
        Case(code: .voucherTooOld) { $0.height = 1 },
        Case(code: .sessionNotFound) { $0.session = 99 },
        Case(code: .witnessNotDrawn, executor: 0),
        Case(code: .witnessNotDrawn) { $0.executor = PrivateKey.random().publicKey.address },
    ]

    @Test("Nothing is forwarded that the ledger would not count", arguments: cases)
    func refusals(_ example: Case) async throws {
        let forwarder = ScriptedForwarder()
        let scene = try await HostScene(forwarder: forwarder)
        try await scene.advance(to: 25)
        let voucher = await Self.voucher(scene, executor: example.executor, change: example.change)
        await #expect {
            try await Self.look(scene, voucher)
        } throws: {
            ($0 as? OpenAIError)?.code == example.code
        }
        #expect(await forwarder.urls == [])
    }

    @Test("Nothing is forwarded that the session's key did not sign, and no other body")
    func signature() async throws {
        let forwarder = ScriptedForwarder()
        let scene = try await HostScene(forwarder: forwarder)
        let voucher = await Self.voucher(scene)
        await #expect(throws: OpenAIError.voucherSignatureInvalid) {
            try await scene.witnesses.mandate(for: Signed(voucher.statement, by: PrivateKey.random()))
        }
        let mandate = try await scene.witnesses.mandate(for: voucher)
        await #expect(throws: OpenAIError.voucherDigestMismatch) {
            try await scene.witnesses.look(Bytes("{}".utf8), for: mandate)
        }
        #expect(await forwarder.urls == [])
    }

    @Test("Of a larger group two look, those that the ledger draws; a host outside the group never does")
    func draw() async throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 6
        plan.parameters.sessions.groupSizeDefault = 5
        let forwarder = ScriptedForwarder()
        let first = try await HostScene(plan: plan, forwarder: forwarder)
        let members = try #require(try await first.ledger.session(1)).members
        let hosts = await first.ledger.run { $0.hosts }
        let executor = try #require(hosts.firstIndex { $0.address == members[0] })
        let interval = try #require(
            MissRules.seedInterval(at: await first.ledger.run { $0.height }, of: plan.parameters.beaconSchedule))
        let seed = try #require(try await first.ledger.beaconSeed(interval)).seed
        for sequence in 1...4 as ClosedRange<UInt64> {
            let voucher = await Self.voucher(first, executor: executor, sequence: sequence)
            var looked: [Address] = []
            for number in hosts.indices {
                let host = try await HostScene(ledger: first.ledger, host: number, forwarder: forwarder)
                if (try? await Self.look(host, voucher)) != nil { looked.append(host.identity.address) }
            }
            let drawn = MissRules.witnesses(
                session: 1, sequence: sequence, executor: members[0], members: members, seed: seed)
            #expect(looked.sorted() == drawn.sorted() && looked.count == 2)
        }
    }

    @Test("An executor that has left is nobody's to ask")
    func retired() async throws {
        let forwarder = ScriptedForwarder()
        let scene = try await HostScene(forwarder: forwarder)
        try await scene.ledger.run { ledger in
            let host = ledger.hosts[1]
            let result = try ledger.run(MsgRetireHost(host: host.address), by: host.account)
            try #require(result.isAccepted)
        }
        try await scene.keeper.step()
        await #expect {
            try await Self.look(scene, await Self.voucher(scene))
        } throws: {
            ($0 as? OpenAIError)?.code == .witnessNotDrawn
        }
        #expect(await forwarder.urls == [])
    }

    @Test("A session may ask so often in a round and no more; the next round it may again")
    func rate() async throws {
        var limits = HostRoles.Limits()
        limits.witnessingPerSessionMax = 2
        let scene = try await HostScene(limits: limits)
        for sequence in 1...2 as ClosedRange<UInt64> {
            _ = try #require(try await Self.look(scene, await Self.voucher(scene, sequence: sequence)))
        }
        let third = await Self.voucher(scene, sequence: 3)
        await #expect {
            try await scene.witnesses.mandate(for: third)
        } throws: {
            ($0 as? OpenAIError)?.code == .rateLimitExceeded
        }
        #expect(try await Self.look(scene, await Self.voucher(scene) { $0.session = 2 }) != nil, "another session may")
        let round = try await scene.view.current().round
        try await scene.advance(to: round.timetable.nextOpeningHeight)
        #expect(try await Self.look(scene, await Self.voucher(scene, sequence: 3)) != nil)
    }

    @Test("So many are forwarded at once, for one session and in all; places come back")
    func atOnce() async throws {
        var limits = HostRoles.Limits()
        (limits.witnessingAtOnceMax, limits.witnessingAtOncePerSessionMax) = (3, 2)
        let turnstile = Turnstile()
        let forwarder = ScriptedForwarder { _, _ in
            try await turnstile.pass()
            return .nothing
        }
        let scene = try await HostScene(limits: limits, forwarder: forwarder)
        func refusal(session: UInt64) async -> OpenAIErrorCode? {
            let voucher = await Self.voucher(scene, sequence: 9) { $0.session = session }
            do { _ = try await scene.witnesses.mandate(for: voucher) } catch { return error.code }
            return nil
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            for (sequence, session) in [(1, 1), (2, 1)] as [(UInt64, UInt64)] {
                let voucher = await Self.voucher(scene, sequence: sequence) { $0.session = session }
                group.addTask { _ = try await Self.look(scene, voucher) }
            }
            await turnstile.waitForArrivals(2)
            #expect(await refusal(session: 1) == .overloaded)
            #expect(await refusal(session: 2) == nil)
            let voucher = await Self.voucher(scene, sequence: 3) { $0.session = 2 }
            group.addTask { _ = try await Self.look(scene, voucher) }
            await turnstile.waitForArrivals(3)
            #expect(await refusal(session: 2) == .overloaded)
            await turnstile.open()
        }
        #expect(await refusal(session: 1) == nil)
    }

    @Test("A witness signs nothing for a gateway that is gone")
    func gone() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            forwarder: ScriptedForwarder { _, _ in
                try? await turnstile.pass()
                return .nothing
            })
        let voucher = await Self.voucher(scene)
        let task = Task { try await Self.look(scene, voucher) }
        await turnstile.waitForArrivals(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
