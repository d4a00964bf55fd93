import AsyncHTTPClient
import Messages
import NIOCore
import NIOHTTP1
import Primitives
import WireFormat

/// How a gateway asks witnesses: over HTTP; in tests by a script.
protocol WitnessTransport: Sendable {
    /// Asks the host at the request's URL to send the request to the executor that its voucher names.
    ///
    /// - Throws: `HostFault`, or `CancellationError`.
    func askWitness(_ request: HostRequest) async throws -> WitnessWord
}

/// What a witness says, unchecked.
enum WitnessWord: Sendable {
    case saw(Signed<MissStatement>)
    case executorAnswers
}

extension HTTPHostTransport: WitnessTransport {
    func askWitness(_ request: HostRequest) async throws -> WitnessWord {
        // The client's own timeout ends with the head, and a witness that dribbles would hold a place.
        let deadline = Deadline(in: Limits.witnessTimeout, on: limits.clock)
        let response = try await post(request, to: "witness", timeout: Limits.witnessTimeout)
        switch response.status {
        case .noContent: return .executorAnswers
        case .ok: break
        default: throw HostFault.status(Int(response.status.code))
        }
        let body = try await AnswerReader(response.body).rest(
            bytesMax: Limits.missStatementBytesMax, by: deadline)
        do { return .saw(try Signed<MissStatement>.decode(Bytes(buffer: body))) } catch {
            throw HostFault.broken("a witness's statement that does not decode")
        }
    }
}
