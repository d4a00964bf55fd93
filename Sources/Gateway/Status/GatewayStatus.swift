import Cryptography
import Messages
import OpenAIWire
import Primitives
import WireFormat

/// The gateway's status page: its models, sessions and hosts, without anything about its clients.
struct GatewayStatus: Sendable {
    let pool: SessionPool
    let models: ModelDirectory
    let admission: RequestAdmission

    func json() async -> JSONValue {
        let obstacles = await pool.obstacles()
        let silence = await pool.ledgerSilence
        let sessions = await pool.sessionStatus()
        let ids = (try? models.descriptions().map(\.id)) ?? []
        return [
            "ready": .boolean(obstacles.isEmpty), "obstacles": .array(obstacles.map { .string($0) }),
            "ledger": [
                "height": await pool.chain.map { .number($0.height) } ?? .null,
                "age_seconds": silence.map { .number(UInt64(clamping: $0.components.seconds)) } ?? .null,
            ],
            "requests_open": .number(Int64(admission.countNow)),
            "models": .array(
                ids.map { id in
                    ["id": .string(id), "sessions": .array(sessions.filter { $0.model == id }.map(\.json))]
                }),
        ]
    }
}

/// One session of a gateway, as its status page shows it.
struct SessionStatus: Sendable {
    let id: UInt64
    let model: String
    let expiryHeight: UInt64
    let deposit: Amount
    /// What its hosts together may still take on.
    let available: Amount
    let isClosing: Bool
    let hosts: [Seat]

    struct Seat: Sendable {
        let address: String
        let url: String
        /// `good`, or `probation` where it failed lately and is tried last.
        let isOnProbation: Bool
        let failures: Int
        let openRequests: Int
        let allotment: Amount
        let available: Amount

        var json: JSONValue {
            [
                "address": .string(address), "url": .string(url), "state": isOnProbation ? "probation" : "good",
                "failures_in_a_row": .number(Int64(failures)), "requests_open": .number(Int64(openRequests)),
                "allotment_ngonka": .number(allotment.ngonka), "available_ngonka": .number(available.ngonka),
            ]
        }
    }

    var json: JSONValue {
        [
            "id": .number(id), "state": isClosing ? "closing" : "open", "expiry_height": .number(expiryHeight),
            "deposit_ngonka": .number(deposit.ngonka), "available_ngonka": .number(available.ngonka),
            "hosts": .array(hosts.map(\.json)),
        ]
    }
}

extension SessionPool {
    /// Where every session stands, ascending by id.
    func sessionStatus() -> [SessionStatus] {
        guard let book = chain?.book else { return [] }
        let now = configuration.now()
        return sessions.values.joined().sorted { $0.id < $1.id }.map { session in
            let seats = session.seats.map { seat in
                let account = book[session.key(seat)]
                let openRequests = account?.openRequests ?? 0
                let standing = board[HostBoard.Key(host: seat.host, model: session.record.model)]?.standing
                return SessionStatus.Seat(
                    address: seat.host.bech32, url: seat.url,
                    isOnProbation: standing?.grade(at: now, openRequests: openRequests) == .quarantined,
                    failures: standing?.failures ?? 0, openRequests: openRequests, allotment: seat.allotment,
                    available: account?.available ?? .zero)
            }
            return SessionStatus(
                id: session.id, model: session.record.model, expiryHeight: session.record.expiryHeight,
                deposit: session.record.deposit,
                available: seats.reduce(Amount.zero) { $0.clamped(plus: $1.available) }, isClosing: session.isClosing,
                hosts: seats)
        }
    }
}
