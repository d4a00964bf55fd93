import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// The ledger's records as JSON: names as in `Messages`, amounts as decimal texts of ngonka, hashes and keys in hexadecimal,
/// accounts in bech32.
protocol JSONRecord {
    var json: JSONValue { get }
}

extension Amount {
    /// 64-bit amounts do not fit the numbers of every JSON reader.
    var json: JSONValue { .string(String(ngonka)) }
}

extension AccountRecord: JSONRecord {
    var json: JSONValue {
        [
            "number": .number(number), "sequence": .number(sequence), "public_key": .string(Hex.encode(publicKey)),
            "balance_ngonka": balance.json,
        ]
    }
}

extension SupplyRecord: JSONRecord {
    var json: JSONValue {
        [
            "genesis_ngonka": genesis.json, "minted_ngonka": minted.json, "burned_ngonka": burned.json,
            "balances_ngonka": balances.json, "bonds_ngonka": bonds.json, "deposits_ngonka": deposits.json,
            "pool_ngonka": pool.json, "collateral_ngonka": collateral.json, "vesting_ngonka": vesting.json,
        ]
    }
}

extension HostRecord: JSONRecord {
    var json: JSONValue {
        [
            "address": .string(address.bech32), "url": .string(url), "state": .string(state.name),
            "models": .array(models.map { .string($0) }), "bond_ngonka": bond.json,
            "operator_key": .string(Hex.encode(operatorKey)), "consensus_key": .string(Hex.encode(consensusKey)),
            "registered_height": .number(registeredHeight), "collateral_ngonka": collateral.json,
            "barred_until_epoch": .number(barredUntilEpoch),
        ]
    }
}

extension ModelRecord: JSONRecord {
    var json: JSONValue {
        [
            "id": .string(id), "state": .string(state.name), "file_hash": .string(fileHash.description),
            "cache_type": .string(cacheType), "chat_template": .string(chatTemplate),
            "vocabulary": .number(vocabulary), "context_tokens": .number(contextTokens),
            "prices_millionths_ngonka_per_1000_tokens": prices.json,
        ]
    }
}

extension TokenPrices: JSONRecord {
    var json: JSONValue {
        [
            "input": .string(String(input)), "cached_input": .string(String(cachedInput)),
            "output": .string(String(output)),
        ]
    }
}

extension SessionRecord: JSONRecord {
    var json: JSONValue {
        [
            "id": .number(id), "state": .string(state.name), "payer": .string(payer.bech32), "model": .string(model),
            "deposit_ngonka": deposit.json, "paid_ngonka": paid.json, "refunded_ngonka": refunded.json,
            "members": .array(members.map { .string($0.bech32) }), "opened_height": .number(openedHeight),
            "expiry_height": .number(expiryHeight), "closes_after_round": .number(closesAfterRound),
            "serving_tax_parts_per_million": .number(servingTaxPartsPerMillion), "unproven": .boolean(isUnproven),
            "prices_millionths_ngonka_per_1000_tokens": prices.json,
        ]
    }
}

extension MemberRecord: JSONRecord {
    var json: JSONValue {
        [
            "allotment_ngonka": allotment.json, "settled_fees_ngonka": settledFees.json,
            "received_ngonka": received.json, "last_number": .number(lastNumber),
        ]
    }
}

extension RoundRecord: JSONRecord {
    var json: JSONValue {
        var windows = JSONObject()
        for phase in RoundPhase.allCases where phase != .settle {
            let window = timetable.window(phase)
            windows.append("\(phase)", [.number(window.lowerBound), .number(window.upperBound)])
        }
        return [
            "id": .number(id), "kind": .string(timetable.kind.name), "serial": .number(serial),
            "epoch": .number(epoch), "windows": .object(windows),
            "settle_height": .number(timetable.settleHeight), "settled": .boolean(isSettled),
            "claims": .number(claims), "settled_claims": .number(settledClaims), "paid_ngonka": paid.json,
        ]
    }
}

extension ClaimRecord: JSONRecord {
    var json: JSONValue {
        [
            "host": .string(host.bech32), "round": .number(round), "state": .string(state.name),
            "committed_height": .number(committedHeight), "entries": .array(entries.map(\.json)),
            "payments": .array(payments.map(\.json)), "audit_round": .number(auditRound), "carries": .number(carries),
            "outcomes": .array(outcomes.map(\.json)),
        ]
    }
}

extension EntryOutcome: JSONRecord {
    var json: JSONValue {
        [
            "state": .string(state.name), "samples": .number(tally.drawn), "scored": .number(tally.counted),
            "bad": .number(tally.bad), "abandoned": .number(tally.abandoned), "borne_out_tokens": .number(tokens),
        ]
    }
}

extension ProvenWork: JSONRecord {
    var json: JSONValue {
        [
            "round": .number(round), "model": .string(model), "claimed_tokens": .number(claimed),
            "counted_tokens": .number(counted), "work_blocks": .number(workBlocks), "decided": .boolean(isDecided),
            "served_tokens": .number(served),
        ]
    }
}

extension HostEpochRecord: JSONRecord {
    var json: JSONValue {
        let fixed: JSONValue = [
            "host": .string(host.bech32), "epoch": .number(epoch), "sprint": .array(sprint.map(\.json)),
            "confirmations": .array(confirmations.map(\.json)), "served": .array(served.map(\.json)),
            "duties": .number(duties),
            "duties_done": .number(dutiesDone), "drawn_beacons_missed": .number(drawnBeaconsMissed),
            "idle_beacons_missed": .number(idleBeaconsMissed), "requests_served": .number(requestsServed),
            "requests_missed": .number(requestsMissed), "convicted": .boolean(isConvicted),
        ]
        var object = fixed.object ?? JSONObject()
        if let payout {
            object.append("weight", .number(payout.weight))
            object.append("share_ngonka", payout.share.json)
            object.append("paid_ngonka", payout.paid.json)
        }
        return .object(object)
    }
}

extension ClaimEntry: JSONRecord {
    var json: JSONValue {
        [
            "model": .string(model), "root": .string(root.description), "items": .number(count),
            "tokens": .number(tokens), "fee_ngonka": fee.json,
            "sessions": .array(
                sessions.map {
                    [
                        "session": .number($0.session), "first_number": .number($0.firstNumber),
                        "items": .number($0.count), "fee_ngonka": $0.fee.json,
                        "voucher_amount_ngonka": $0.voucher.statement.amount.json,
                    ]
                }),
        ]
    }
}

extension SessionPayment: JSONRecord {
    var json: JSONValue {
        [
            "session": .number(session), "fee_ngonka": fee.json, "received_ngonka": received.json,
            "tax_ngonka": tax.json,
        ]
    }
}

extension ProtocolParameters: JSONRecord {
    var json: JSONValue {
        var object = JSONObject()
        for parameter in ProtocolParameter.all {
            object.append(parameter.name, .number(self[keyPath: parameter.keyPath]))
        }
        return .object(object)
    }
}

extension JSONValue {
    /// A record for people: one `name: value` a line, nested values as JSON.
    var lines: String {
        guard let object else { return text + "\n" }
        let width = object.members.map(\.key.count).max() ?? 0
        return object.members.map { member in
            "\(member.key):\(String(repeating: " ", count: width - member.key.count + 1))\(member.value.text)\n"
        }.joined()
    }

    private var text: String { string ?? String(decoding: encoded(), as: UTF8.self) }
}
