import Messages
import Primitives
import ProtocolRules

/// What every active host weighs for every model that it lists, read once.
struct WeightTable {
    /// Ascending by id.
    let models: [ModelRecord]
    /// For each model those who list it, ascending by address.
    let listed: [[DrawEntry]]
    private let places: [String: Int]
    /// The weights of each host added up over all models: its confirmed weight.
    let totals: [Address: UInt64]

    init(in context: ExecutionContext) throws(LedgerError) {
        models = try ModelsModule.all(in: context)
        var listed: [[DrawEntry]] = []
        var totals: [Address: UInt64] = [:]
        for model in models {
            let hosts = try HostsReads.drawable(model: model.id, in: context)
            totals.reserveCapacity(hosts.count)
            for host in hosts { totals[host.address, default: 0].addClamped(host.weight) }
            listed.append(hosts)
        }
        self.listed = listed
        self.totals = totals
        places = Dictionary(models.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
    }

    /// Where a model is among `models`.
    func place(of model: String) -> Int? { places[model] }

    /// 0 for a host that does not list it.
    func weight(of host: Address, for model: Int) -> UInt64 {
        let hosts = listed[model]
        var (low, high) = (0, hosts.count)
        while low < high {
            let middle = (low + high) / 2
            if hosts[middle].address < host { low = middle + 1 } else { high = middle }
        }
        return low < hosts.count && hosts[low].address == host ? hosts[low].weight : 0
    }

    /// What a host weighs for anchored models alone.
    func anchoredWeight(of host: Address) -> UInt64 {
        var sum: UInt64 = 0
        for (model, record) in models.enumerated() where record.isAnchored {
            sum = sum.addingClamped(weight(of: host, for: model))
        }
        return sum
    }
}
