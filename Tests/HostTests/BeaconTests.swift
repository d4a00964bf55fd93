import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing

@testable import HostRoles

@Suite("The host's part of the beacon")
struct BeaconTests {
    private static func duty(_ scene: HostScene) -> BeaconDuty {
        BeaconDuty(identity: scene.identity, ledger: scene.ledger, logger: scene.logger)
    }

    @Test(
        "Secrets follow from the operator key alone: one for each interval, other ones on another chain or with another key"
    )
    func secrets() async throws {
        let scene = try await HostScene()
        let other = try await HostScene(host: 1)
        let secrets = BeaconSecrets(scene.identity)
        #expect(secrets.secret(of: 7) == BeaconSecrets(scene.identity).secret(of: 7))
        #expect(secrets.secret(of: 7).count == 32)
        #expect(secrets.secret(of: 7) != secrets.secret(of: 8))
        #expect(secrets.secret(of: 7) != BeaconSecrets(other.identity).secret(of: 7))
        let elsewhere = HostIdentity(
            chainID: "gonka-swift-test-2", address: scene.identity.address, operatorKey: scene.identity.operatorKey,
            url: "")
        #expect(secrets.secret(of: 7) != BeaconSecrets(elsewhere).secret(of: 7))
        #expect(Hash32.sha256(secrets.secret(of: 7)) == secrets.commitment(of: 7))
    }

    @Test("The first message commits; the next reveals what stands and commits anew; nothing is sent twice")
    func messages() async throws {
        let scene = try await HostScene()
        let duty = Self.duty(scene)
        let first = try #require(duty.message(4, nil))
        #expect(first.secret.isEmpty)
        let part = BeaconPartRecord(standing: first.nextCommitment, committedIn: 4, revealedIn: 0, secret: [])
        #expect(duty.message(4, part) == nil)
        let next = try #require(duty.message(9, part))
        #expect(Hash32.sha256(next.secret) == first.nextCommitment)
        #expect(next.nextCommitment != first.nextCommitment)
        #expect(Self.duty(try await scene.restarted()).message(9, part) == next, "a restart changes nothing")
    }

    @Test("A commitment of another key is not revealed, and a new one is given")
    func foreignCommitment() async throws {
        let scene = try await HostScene()
        let part = BeaconPartRecord(standing: .sha256(utf8: "lost"), committedIn: 4, revealedIn: 4, secret: [])
        let message = try #require(Self.duty(scene).message(5, part))
        #expect(message.secret.isEmpty)
        #expect(message.nextCommitment == BeaconSecrets(scene.identity).commitment(of: 5))
    }

    @Test("Validators reveal in every interval and miss nothing, whatever restarts between")
    func wholeLoop() async throws {
        var crowd = try await HostCrowd()
        let schedule = HostCrowd.plan(hostCount: 3).parameters.beaconSchedule
        for interval in 2...5 as ClosedRange<UInt64> {
            try await crowd.advance(to: try schedule.heights(of: interval).upperBound)
            crowd.hosts[1] = try await crowd.hosts[1].restarted()
        }
        for host in crowd.hosts {
            let part = try await crowd.ledger.beaconPart(of: host.identity.address)
            #expect(part?.revealedIn == 5)
            let missed = try await crowd.ledger.run { ledger in
                let key = StateKey.hostEpoch(1, host: host.identity.address)
                return try ledger.record(HostEpochRecord.self, at: key)
            }
            #expect((missed?.drawnBeaconsMissed ?? 0, missed?.idleBeaconsMissed ?? 0) == (0, 0))
        }
        #expect(try await crowd.ledger.beaconSeed(5)?.reveals == 3)
    }

    @Test("Nothing is offered where the next block is of another interval, or to a host that is no validator")
    func notDue() async throws {
        var plan = TestLedgerPlan()
        plan.parameters.chain.beaconIntervalBlocks = 5
        plan.parameters.beacon.validatorsMax = 1
        let scenes = [try await HostScene(plan: plan), try await HostScene(plan: plan, host: 1)]
        var offers = 0
        for scene in scenes {
            let schedule = plan.parameters.beaconSchedule
            let next = schedule.index(at: await scene.ledger.run { $0.height }) + 1
            try await scene.advance(to: try schedule.heights(of: next).lowerBound)
            if try await Self.duty(scene).offer(try await scene.view.refresh()) != nil { offers += 1 }
            try await scene.advance(to: try schedule.heights(of: next).upperBound)
            #expect(try await Self.duty(scene).offer(try await scene.view.refresh()) == nil)
        }
        #expect(offers <= 1)
    }
}
