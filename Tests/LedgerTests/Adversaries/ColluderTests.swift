import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

/// 20 hosts of equal weight, two, four or six of which collude: 10, 20 and 30 %.
@Suite("Adversaries that collude")
struct ColluderTests {
    @Test(
        "A ring that whispers its fingerprints is convicted, earns a tenth at most, and gets no honest host convicted",
        arguments: [2, 4, 6])
    func whispering(ring: Int) throws {
        let network = try AdversaryScene.whispering.run(hosts: 20, adversaries: ring, epochs: 2)
        try network.expectNoHarm(except: 0..<ring)
        let honest = try network.honest
        let all = try (0..<ring).map { try network.earnings(of: $0) }
        for cheat in all { #expect(cheat.convictions > 0 && cheat.gain < -20_000_000_000) }
        #expect(all.reduce(0) { $0 + $1.received } * 10 < honest.received * UInt64(ring))
        #expect(all.reduce(0) { $0 + $1.sprintTokens } * 10 < honest.sprintTokens * UInt64(ring))
    }

    /// Nobody is paid to be covered: the one that cheats in a fifth of its items still loses more than a fifth.
    @Test(
        "One that cheats in a fifth of its items under cover of a ring loses more than it saves", arguments: [2, 4, 6])
    func covered(ring: Int) throws {
        let network = try AdversaryScene.covered(badPercent: 20).run(hosts: 20, adversaries: ring, epochs: 3)
        try network.expectNoHarm(except: 0..<1)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        let work = cheat.received + cheat.sprintTokens
        #expect(work * 100 < (honest.received + honest.sprintTokens) * 80)
        #expect(cheat.gain < 0)
    }

    @Test(
        "A ring that hands its items to itself alone is not convicted, and loses more than it saves",
        arguments: [2, 4, 6])
    func hiding(ring: Int) throws {
        let network = try AdversaryScene.hiding.run(hosts: 20, adversaries: ring, epochs: 3)
        try network.expectNoHarm(except: 0..<ring)
        let honest = try network.honest
        let all = try (0..<ring).map { try network.earnings(of: $0) }
        #expect(all.reduce(0) { $0 + $1.received } * 2 < honest.received * UInt64(ring))
        #expect(all.reduce(0) { $0 + $1.sprintTokens } * 2 < honest.sprintTokens * UInt64(ring))
        // What they take from others is the duty of auditors to whom they were unreachable: they may not be punished for it
        // beyond what a third of the duties is worth.
        for place in ring..<20 {
            let host = try network.earnings(of: place)
            #expect(host.dutiesDone * 3 > host.duties * 2)
        }
    }
}
