import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport

/// Claims items that a model really made, and judges others' honestly.
final class RealHost: HostBehaviour {
    let making: Making
    private let address: Address
    private var made: [RealItems.Made] = []
    /// The round whose items these are; nil for items that are used in every round.
    private var round: UInt64?

    init(_ making: Making, at address: Address) {
        self.making = making
        self.address = address
    }

    /// An honest host whose numbers are those of a few items that all honest hosts share: to make them anew for each takes long, and
    /// shows the same.
    init(sharing made: [RealItems.Made], at address: Address) {
        making = .honest
        self.made = made
        self.address = address
    }

    static let itemsPerBlock: UInt64 = 2

    /// Makes the items of a round that takes claims in the next block.
    func work(in round: RoundRecord, on model: ModelRecord, _ items: RealItems) async throws {
        guard making != .honest else { return }
        let count = RealHost.itemsPerBlock * UInt64(round.timetable.window(.work).count)
        let requests = RealItems.requests(
            RealHost.work(of: round, address, model: model.id), count: count, ordinary: model.ordinaryTokens)
        made = try await items.make(making, requests)
        self.round = round.id
    }

    func itemsPerBlock(of kind: RoundKind) -> UInt64 { made.isEmpty ? 0 : RealHost.itemsPerBlock }

    func item(_ index: UInt64, of round: RoundRecord, from source: SyntheticSource, model: String) -> SimulatedItem {
        let work = RealHost.work(of: round, source.host, model: model)
        let place = making == .honest ? Int((index &+ source.host.place) % UInt64(made.count)) : Int(index)
        guard making == .honest || self.round == round.id,
            let item = made[place].item(index, of: round, work, model: model)
        else { preconditionFailure("nobody made item \(index) of round \(round.id)") }
        return item
    }

    private static func work(of round: RoundRecord, _ host: Address, model: String) -> SprintWork {
        SprintWork(
            workSeed: round.workSeed ?? .zero, host: host, model: model, promptTokens: round.terms.promptTokens,
            outputTokens: round.terms.outputTokens)
    }
}

extension Address {
    /// Somewhere among shared items.
    fileprivate var place: UInt64 { UInt64(bytes[0]) }
}
