import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// The JSON of the network's public pages, as its clients and dashboards read it: numbers are numbers.
struct DiscoveryPages: Sendable {
    /// Whom requests are signed for: the only account that clients may choose.
    let transferAgent: Address
    /// Where it is asked, without `/v1`.
    let url: String

    // MARK: Participants

    /// The epoch that runs. This gateway stands first: clients choose it, by the list of allowed transfer agents.
    func currentParticipants(_ view: NetworkView) -> JSONValue {
        let models = view.models.filter { $0.state == .active }.map(\.id)
        let gateway = Participant(address: transferAgent, consensusKey: [], weight: 0, models: models)
        return participants([gateway] + view.participants, epoch: view.epoch, excluded: view.excluded, view)
    }

    /// An epoch that is over, by what its hosts proved.
    func participants(of epoch: UInt64, _ hosts: [HostEpochRecord], _ view: NetworkView) -> JSONValue {
        let known = Dictionary(view.hosts.map { ($0.address, $0) }) { first, _ in first }
        let listed = hosts.map { host in
            Participant(
                address: host.host, consensusKey: known[host.host]?.consensusKey ?? [],
                weight: host.payout?.weight ?? 0, models: host.sprint.map(\.model))
        }
        return participants(listed, epoch: epoch, excluded: [], view)
    }

    private func participants(
        _ participants: [Participant], epoch: UInt64, excluded: [HostRecord], _ view: NetworkView
    ) -> JSONValue {
        let heights = try? view.parameters.epochSchedule.heights(of: epoch)
        let active = ActiveParticipants(
            participants: participants, epoch: epoch, startHeight: heights?.lowerBound ?? 0, inferenceURL: url)
        return [
            "active_participants": active.json,
            "addresses": .array(participants.compactMap(\.consensusAddress).map { .string($0) }),
            "active_participants_bytes": .string(Hex.encode(active.bytes)), "proof_ops": ["ops": []],
            "validators": [], "block": block(view),
            "excluded_participants": .array(
                excluded.map {
                    [
                        "address": .string($0.address.bech32), "reason": "convicted",
                        "exclusion_block_height": 0,
                    ]
                }),
        ]
    }

    private func block(_ view: NetworkView) -> JSONValue {
        let status = view.status
        return [
            "header": [
                "chain_id": .string(status.chainID), "height": .number(status.height),
                "app_hash": .string(Hex.encode(status.appHash.bytes).uppercased()),
            ], "data": ["txs": []], "last_commit": [:],
        ]
    }

    /// All hosts, whatever their state, at the addresses that the ledger has.
    func participantList(_ view: NetworkView, balances: [Address: Amount]) -> JSONValue {
        let lines = view.hosts.map { host -> JSONValue in
            let isBarred = host.barredUntilEpoch > view.epoch
            return [
                "id": .string(host.address.bech32), "url": .string(host.url), "coins_owed": 0, "refunds_owed": 0,
                "balance": .number((balances[host.address] ?? .zero).ngonka),
                "voting_power": .number(view.weights[host.address] ?? 0), "reputation": isBarred ? 0 : 100,
                "state": .string(host.state.name),
            ]
        }
        return ["participants": .array(lines), "block_height": .number(view.status.height)]
    }

    func account(_ account: AccountRecord) -> JSONValue {
        [
            "pubkey": .string(Base64.encode(account.publicKey)), "balance": .number(account.balance.ngonka),
            "denom": .string(Amount.denomination),
        ]
    }

    // MARK: Parameters, models and prices

    /// In the chain's form. An empty list of transfer agents would mean all to the chain and none to the client.
    func parameters(_ view: NetworkView) -> JSONValue {
        let parameters = view.parameters
        return [
            "params": [
                "epoch_params": ["epoch_length": .number(parameters.chain.epochBlocks)],
                "validation_params": [
                    "timestamp_expiration": .number(Limits.signatureAgeMax / WallClock.nanosecondsPerSecond),
                    "timestamp_advance": .number(Limits.signatureAdvanceMax / WallClock.nanosecondsPerSecond),
                ],
                "transfer_agent_access_params": [
                    "allowed_transfer_addresses": [.string(transferAgent.bech32)]
                ],
            ]
        ]
    }

    func models(_ view: NetworkView) -> JSONValue {
        let models = view.models.map { model -> JSONValue in
            [
                "id": .string(model.id), "units_of_compute_per_token": .number(Self.perToken(model.prices.output)),
                "context_length": .number(model.contextTokens), "state": .string(model.state.name),
                "file_hash": .string("\(model.fileHash)"),
                "coefficient_parts_per_million": .number(model.coefficientPartsPerMillion),
            ]
        }
        return ["models": .array(models)]
    }

    /// The prices of sessions that are opened now. A unit of compute is one ngonka here; the exact prices stand beside it.
    func pricing(_ view: NetworkView) -> JSONValue {
        let models = view.models.filter { $0.state == .active }.map { model -> JSONValue in
            [
                "id": .string(model.id), "units_of_compute_per_token": .number(Self.perToken(model.prices.output)),
                "price_per_token": .number(Self.perToken(model.prices.output)),
                "input_ngonka_per_billion_tokens": .number(model.prices.input),
                "cached_input_ngonka_per_billion_tokens": .number(model.prices.cachedInput),
                "output_ngonka_per_billion_tokens": .number(model.prices.output),
            ]
        }
        return ["unit_of_compute_price": 1, "models": .array(models), "dynamic_pricing_enabled": true]
    }

    /// Whole ngonka for one token, rounded up. A price counts 10⁻⁶ ngonka per 1 000 tokens.
    private static func perToken(_ price: UInt64) -> UInt64 {
        (try? price.dividedRoundingUp(by: TokenPrices.scale * 1_000)) ?? price
    }

    // MARK: Where the chain stands

    func latestEpoch(_ view: NetworkView) -> JSONValue {
        let stages: (UInt64) -> JSONValue = { epoch in
            guard let heights = try? view.parameters.epochSchedule.heights(of: epoch) else { return [:] }
            return [
                "epoch_index": .number(epoch), "poc_start": .number(heights.lowerBound),
                "next_poc_start": .number(heights.upperBound == .max ? .max : heights.upperBound + 1),
            ]
        }
        let heights = try? view.parameters.epochSchedule.heights(of: view.epoch)
        return [
            "block_height": .number(view.status.height),
            "latest_epoch": [
                "index": .number(view.epoch), "poc_start_block_height": .number(heights?.lowerBound ?? 0),
            ],
            "phase": "Inference", "epoch_stages": stages(view.epoch), "next_epoch_stages": stages(view.epoch + 1),
            "epoch_params": ["epoch_length": .number(view.parameters.chain.epochBlocks)],
        ]
    }

    /// - Parameters:
    ///   - signer: the transfer agent's key, where this gateway has it.
    ///   - seconds: the time, since 1970-01-01 UTC.
    func identity(height: UInt64, seconds: UInt64, signer: PrivateKey?) -> JSONValue {
        let data: JSONValue = [
            "address": .string(transferAgent.bech32), "block": .number(height),
            "timestamp": .string(UTCDate.timestamp(seconds: seconds)),
        ]
        let signature = signer.map { Base64.encode($0.sign(.sha256(data.encoded())).compact) }
        return ["data": data, "signature": .string(signature ?? "")]
    }
}
