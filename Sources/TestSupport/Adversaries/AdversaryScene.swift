import Ledger
import Messages
import Primitives
import ProtocolRules

/// A network in which the first hosts are adversaries of one kind and all others honest, on equal hardware. Tests run it with few
/// hosts, `make adversaries` with many.
public struct AdversaryScene: Sendable {
    /// An adversary at a place, of `count` at the first places.
    public typealias Behaviour =
        @Sendable (_ network: SimulatedNetwork, _ place: Int, _ count: Int) -> any HostBehaviour

    /// What the adversaries do, in a few words.
    public let name: String
    private let behaviour: Behaviour

    public init(_ name: String, _ behaviour: @escaping Behaviour) {
        self.name = name
        self.behaviour = behaviour
    }

    /// The network when `epochs` are over, with every coin where the ledger says.
    ///
    /// - Parameter count: hosts that are adversaries, at most `hosts`.
    public func run(hosts: Int, adversaries count: Int = 1, epochs: UInt64) throws -> SimulatedNetwork {
        let network = try SimulatedNetwork(hostCount: hosts)
        for place in 0..<count { network.behave(place, behaviour(network, place, count)) }
        try network.run(epochs: epochs)
        try network.ledger.app.audit()
        return network
    }
}

/// Adversaries that serve.
extension AdversaryScene {
    /// For comparison: all are honest.
    public static let nobody = AdversaryScene("nobody") { _, _, _ in HonestHost() }

    public static let wrongModel = AdversaryScene("another model") { _, _, _ in WrongModelExecutor() }

    public static func draftModel(visiblePercent: UInt64) -> AdversaryScene {
        AdversaryScene("draft model, \(visiblePercent) % visible") { _, place, _ in
            DraftModelExecutor(visiblePercent: visiblePercent, seed: visiblePercent + UInt64(place))
        }
    }

    public static func tampered(_ difference: AuditDifference) -> AdversaryScene {
        AdversaryScene("tampered \(difference)") { _, _, _ in PromptTamperer(difference) }
    }

    public static func overclaiming(factor: UInt64) -> AdversaryScene {
        AdversaryScene("overclaiming, \(factor)-fold") { _, _, _ in OverclaimingExecutor(factor: factor) }
    }

    public static func concealing(badPercent: UInt64) -> AdversaryScene {
        AdversaryScene("\(badPercent) % concealed") { network, place, _ in
            ConcealingExecutor(network.duties, badPercent: badPercent, seed: UInt64(place) + 1)
        }
    }

    public static let repeating = AdversaryScene("one answer billed many times") { network, _, _ in
        ItemRepeater(network.duties)
    }

    public static func belowDrift(badPercent: UInt64) -> AdversaryScene {
        AdversaryScene("another model in \(badPercent) %") { _, place, _ in
            BelowDriftCheater(badPercent: badPercent, seed: UInt64(place))
        }
    }

    public static func notOpening(badPercent: UInt64) -> AdversaryScene {
        AdversaryScene("\(badPercent) % bad, not opened") { network, place, _ in
            SelectiveOpener(network, badPercent: badPercent, seed: UInt64(place) + 1)
        }
    }

    public static func evadingPanels(badPercent: UInt64) -> AdversaryScene {
        AdversaryScene("\(badPercent) % bad, kept from panels") { _, place, _ in
            PanelEvader(badPercent: badPercent, seed: UInt64(place) + 1)
        }
    }

    public static let silent = AdversaryScene("all withheld") { _, _, _ in SilentHost() }

    public static let sprintOnly = AdversaryScene("machines for the sprint alone") { _, _, _ in SprintOnlyHost() }
}

/// Adversaries that audit, and those that collude.
extension AdversaryScene {
    public static func lazy(_ trick: LazyAuditor.Trick) -> AdversaryScene {
        AdversaryScene("auditor that \(trick.words)") { _, _, _ in LazyAuditor(trick) }
    }

    public static let liars = AdversaryScene("auditors that accuse all others") { network, _, count in
        LyingAuditor(ring(in: network, count))
    }

    public static let whispering = AdversaryScene("ring that whispers fingerprints") { network, place, count in
        Colluder(ring(in: network, count), seed: UInt64(place))
    }

    public static let hiding = AdversaryScene("ring that hands items to itself") { network, place, count in
        Colluder(ring(in: network, count), manner: .hides, seed: UInt64(place))
    }

    /// Only the first of the ring cheats.
    public static func covered(badPercent: UInt64) -> AdversaryScene {
        AdversaryScene("\(badPercent) % bad, under a ring's cover") { network, place, count in
            Colluder(ring(in: network, count), badPercent: place == 0 ? badPercent : 0, seed: 3)
        }
    }

    private static func ring(in network: SimulatedNetwork, _ count: Int) -> Set<Address> {
        Set((0..<count).map(network.host))
    }
}

extension LazyAuditor.Trick {
    fileprivate var words: String {
        switch self {
        case .guesses: "guesses"
        case .neverOpens: "never opens"
        case .blamesClaimant: "blames the claimant"
        case .excusesItself: "excuses itself"
        }
    }
}
