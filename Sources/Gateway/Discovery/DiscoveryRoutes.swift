import Cryptography
import HTTPEdge
import HTTPTypes
import Hummingbird
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import WireFormat

/// The public pages by which clients of the network find where to send signed requests. No key is needed, and a request for one
/// of them may carry any `Authorization`: nobody looks at it.
struct DiscoveryRoutes: Sendable {
    let directory: NetworkDirectory
    let transferAgent: Address
    /// Signs the identity; nil where the transfer agent is another account than the payer.
    let signer: PrivateKey?
    /// How others reach this gateway, without `/v1`; nil for the name that a request asked for.
    let publicURL: String?
    /// What this program is, for example `0.3.0`.
    let version: String
    let clock: WallClock

    static let paths = [
        "/v1/epochs/latest", "/v1/epochs/:epoch/participants", "/v1/identity", "/v1/governance/models", "/v1/pricing",
        "/v1/governance/pricing", "/v1/participants", "/v1/participants/:address", "/v1/status", "/v1/versions",
        "/chain-api/productscience/inference/inference/params",
    ]

    func add(to router: Router<EdgeContext>) {
        router.get("/v1/epochs/latest") { request, _ in
            json(pages(request).latestEpoch(try await directory.current()))
        }
        router.get("/v1/epochs/:epoch/participants") { request, context in
            json(try await participants(of: context.parameters.get("epoch") ?? "", pages(request)))
        }
        router.get("/v1/identity") { request, _ in
            let height = try await directory.current().status.height
            return json(pages(request).identity(height: height, seconds: clock.seconds, signer: signer))
        }
        router.get("/v1/governance/models") { request, _ in json(pages(request).models(try await directory.current())) }
        for path in ["/v1/pricing", "/v1/governance/pricing"] as [RouterPath] {
            router.get(path) { request, _ in json(pages(request).pricing(try await directory.current())) }
        }
        router.get("/v1/participants") { request, _ in json(try await participantList(pages(request))) }
        router.get("/v1/participants/:address") { request, context in
            json(try await account(context.parameters.get("address") ?? "", pages(request)))
        }
        router.get("/chain-api/productscience/inference/inference/params") { request, _ in
            json(pages(request).parameters(try await directory.current()))
        }
        router.get("/v1/status") { _, _ in json(["status": "ok"]) }
        router.get("/v1/versions") { _, _ in json(try await versions()) }
    }

    private func json(_ value: JSONValue) -> Response { .json(value.encoded()) }

    private func pages(_ request: Request) -> DiscoveryPages {
        DiscoveryPages(
            transferAgent: transferAgent, url: publicURL ?? "http://\(request.head.authority ?? "localhost")")
    }

    private func participants(of text: String, _ pages: DiscoveryPages) async throws(OpenAIError) -> JSONValue {
        let view = try await directory.current()
        if text == "current" { return pages.currentParticipants(view) }
        guard let epoch = UInt64(text), epoch > 0 else { throw .invalidEpoch }
        if epoch == view.epoch { return pages.currentParticipants(view) }
        guard epoch < view.epoch, let hosts = try await directory.hosts(of: epoch) else { throw .noSuch("epoch") }
        return pages.participants(of: epoch, hosts, view)
    }

    private func participantList(_ pages: DiscoveryPages) async throws(OpenAIError) -> JSONValue {
        let view = try await directory.current()
        let balances = try await directory.reading { (ledger) throws(LedgerAccessError) in
            var balances: [Address: Amount] = [:]
            for host in view.hosts.prefix(Limits.balancesShownMax) {
                balances[host.address] = try await ledger.account(host.address)?.balance
            }
            return balances
        }
        return pages.participantList(view, balances: balances)
    }

    private func account(_ text: String, _ pages: DiscoveryPages) async throws(OpenAIError) -> JSONValue {
        guard let address = Address(bech32: text) else { throw .noSuch("account") }
        let account = try await directory.reading { (ledger) throws(LedgerAccessError) in
            try await ledger.account(address)
        }
        guard let account else { throw .noSuch("account") }
        return pages.account(account)
    }

    private func versions() async throws(OpenAIError) -> JSONValue {
        let status = try await directory.current().status
        return [
            "timestamp": .string(UTCDate.timestamp(seconds: clock.seconds)),
            "api_version": ["name": "gonka-swift", "version": .string(version)],
            "node_version": ["network": .string(status.chainID), "block_height": .number(status.height)],
        ]
    }
}
