import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import WireFormat

/// What a test's ledger starts with.
public struct TestLedgerPlan: Sendable {
    public var parameters = ProtocolParameters.devnet
    /// Funded accounts besides the hosts'.
    public var accountCount = 3
    public var hostCount = 3
    public var balance = Amount(1_000_000 * Amount.ngonkaPerGNK)
    public var models = [TestLedgerPlan.model("test-model")]
    /// The genesis weight of each host, in order; hosts beyond the list have 100.
    public var weights: [UInt64] = []
    /// The models of each host, in order; hosts beyond the list serve all.
    public var listings: [[String]] = []

    /// A last change of the genesis.
    public var change: @Sendable (inout GenesisState) -> Void = { _ in }

    public init() {}

    /// A model that costs one GNK per million tokens, whatever kind.
    public static func model(_ id: String, state: ModelState = .active) -> ModelRecord {
        let price = 1_000_000 * TokenPrices.scale
        return ModelRecord(
            id: id, fileHash: .zero, vocabulary: 49_152, contextTokens: 8_192, coefficientPartsPerMillion: 1_000_000,
            prices: TokenPrices(input: price, cachedInput: price, output: price), thresholds: .smolLM2, state: state)
    }

    public var accounts: [TestAccount] { (0..<accountCount).map { TestAccount("\($0)") } }
    public var hosts: [TestHost] { (0..<hostCount).map { TestHost("\($0)") } }

    /// The genesis: accounts first, then the hosts' accounts.
    public var state: GenesisState {
        let all = models.map(\.id).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let holders = accounts.map(\.address) + hosts.map(\.address)
        return GenesisState(
            parameters: parameters, accounts: holders.map { GenesisAccount(address: $0, balance: balance) },
            models: models,
            hosts: hosts.enumerated().map { index, host in
                let weight = index < weights.count ? weights[index] : 100
                let modelIDs = index < listings.count ? listings[index] : all
                return GenesisHost(
                    registration: host.registration(url: "http://127.0.0.1:\(8001 + index)", models: modelIDs),
                    weights: modelIDs.map { GenesisWeight(model: $0, weight: weight) })
            })
    }

    public var request: InitChainRequest {
        var state = state
        change(&state)
        return InitChainRequest(
            chainID: TestLedger.chainID, genesisTimeMilliseconds: 1_700_000_000_000,
            applicationState: state.encoded())
    }
}
