import Messages
import OrderingAPI
import Primitives
import StateStore
import WireFormat

/// Reads of committed state. Every record that the network agrees on is read by its key, so that any answer can carry a proof.
///
/// Paths: `/store` reads the key given as data (an empty value means that there is nothing, provably); `/range` reads the
/// records that a `StateRangeQuery` asks for, as many as `Limits` lets one answer hold.
struct LedgerQueries {
    let state: StoredState

    func answer(_ request: QueryRequest) -> QueryResponse {
        switch request.path {
        case "/store": store(request)
        case "/range": range(request)
        default: refuse(QueryRejection.unknownPath(request.path))
        }
    }

    private func store(_ request: QueryRequest) -> QueryResponse {
        var proof: Bytes = []
        if request.wantsProof {
            do throws(StateProofError) {
                proof = try state.tree.prove(request.data).encoded()
            } catch {
                return refuse(.unprovable("\(error)"))
            }
        }
        return QueryResponse(
            key: request.data, value: state.tree.value(for: request.data) ?? [], proof: proof, height: state.height,
            appHash: state.appHash)
    }

    private func range(_ request: QueryRequest) -> QueryResponse {
        let query: StateRangeQuery
        do throws(WireError) {
            query = try StateRangeQuery.decode(request.data)
        } catch {
            return refuse(.undecodable("\(error)"))
        }
        guard query.prefix.count >= 2 else { return refuse(.rangeTooWide) }
        var range = StateRange(records: [])
        var bytes = 0
        for entry in state.tree.scan(prefix: query.prefix, after: query.position) {
            bytes += entry.key.count + entry.value.count
            guard range.records.count < Limits.rangeRecordsMax, bytes <= Limits.rangeBytesMax else {
                range.hasMore = true
                break
            }
            range.records.append(StateRecord(key: entry.key, value: entry.value))
        }
        return QueryResponse(
            key: query.prefix, value: range.encoded(), height: state.height, appHash: state.appHash)
    }

    private func refuse(_ rejection: QueryRejection) -> QueryResponse {
        QueryResponse(
            code: rejection.code, codespace: QueryRejection.codespace, log: rejection.sentence, height: state.height,
            appHash: state.appHash)
    }
}

enum QueryRejection: RejectionReason {
    case unknownPath(String)
    case undecodable(String)
    case unprovable(String)
    case rangeTooWide

    static let codespace = "sdk"

    var code: UInt32 {
        switch self {
        case .unknownPath: 6
        case .undecodable, .unprovable, .rangeTooWide: 18
        }
    }

    var sentence: String {
        switch self {
        case .unknownPath(let path): "unknown query path \(path.prefix(128).debugDescription)"
        case .undecodable(let reason): "the query's data is not a range query: \(reason)"
        case .unprovable(let reason): "there is no proof for this key: \(reason)"
        case .rangeTooWide: "a range starts with the two bytes of a table"
        }
    }
}
