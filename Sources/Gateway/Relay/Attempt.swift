import AsyncHTTPClient
import Cryptography
import Logging
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import WireFormat

/// One try of one request at one host, up to its first token, or to the end where the client wants it in one piece.
///
/// Hosts stream every answer to a gateway: so it is known that they work, however long an answer takes.
struct Attempt: Sendable {
    let request: RelayRequest
    let hold: EngagementHold
    let transport: any HostTransport
    let limits: AnswerLimits
    let logger: Logger
    /// Whether the answer is put together also where the client wants a stream.
    var isWhole = false
    /// By when its answer must have got how far; nil for as long as one request may take.
    var deadlines: AnswerDeadlines?

    enum Outcome: Sendable {
        case plain(ByteBuffer)
        case stream(HostStream)
        /// The host says that the request is at fault. Whether that is so, another host has to say.
        case claim(OpenAIError)
        case hostFault(HostFault)
        /// Not a byte of an answer came.
        case silence(HostFault)

        var fault: HostFault? {
            switch self {
            case .hostFault(let fault), .silence(let fault): fault
            default: nil
            }
        }

        /// Whether witnesses may see the same: no answer and no refusal, or a refusal for load.
        var isMiss: Bool {
            switch self {
            case .silence: true
            case .hostFault(let fault): fault.isRefusalForLoad
            default: false
            }
        }
    }

    /// Sends the request and takes the answer as far as this gateway needs it. Unless a stream comes back, the engagement has ended
    /// when this returns.
    ///
    /// - Throws: `CancellationError` where the client is gone.
    func run() async throws -> Outcome {
        let outcome = try await begin()
        guard case .stream(let stream) = outcome, isKept else { return outcome }
        return try await finish(stream)
    }

    /// Sends the request and waits for the first token. Unless that comes the engagement has ended when this returns.
    ///
    /// - Throws: `CancellationError` where the client is gone or another host was faster.
    func begin() async throws -> Outcome {
        let outcome: Outcome
        do {
            outcome = try await answer()
        } catch let fault as HostFault {
            outcome = .hostFault(fault)
        } catch {
            await hold.countCancelled()
            await hold.abandon(conduct: .unknown)
            throw error
        }
        if case .stream = outcome, isKept { return outcome }
        await end(outcome)
        return outcome
    }

    /// Reads an answer that has begun to its end, for a client that wants it in one piece.
    ///
    /// - Throws: `CancellationError` where the client is gone.
    func finish(_ stream: HostStream) async throws -> Outcome {
        let outcome: Outcome
        do {
            outcome = .plain(try await stream.whole())
        } catch let fault as HostFault {
            outcome = .hostFault(fault)
        } catch {
            hold.metrics.clientLeft()
            await hold.abandon(conduct: .unknown)
            throw error
        }
        await end(outcome)
        return outcome
    }

    /// Whether the answer is put together here.
    var isKept: Bool { isWhole || !request.completion.streams }

    private func end(_ outcome: Outcome) async {
        hold.metrics.tried(outcome)
        if case .claim = outcome { await hold.release(fee: .zero, conduct: .unknown) }
        guard let fault = outcome.fault else { return }
        let conduct = fault.conduct(for: request.digest)
        if fault.costsNothing {
            await hold.release(fee: .zero, conduct: conduct)
        } else {
            await hold.abandon(conduct: conduct)
        }
    }

    private func answer() async throws -> Outcome {
        let engagement = hold.engagement
        let deadlines = deadlines ?? limits.deadlines()
        let response: HTTPClientResponse
        request.bill?.begin()
        do {
            response = try await transport.send(
                HostRequest(
                    url: engagement.url, voucher: Base64.encode(engagement.voucher.encoded(), .urlSafe),
                    body: request.body, timeout: deadlines.firstToken.remaining))
        } catch let fault as HostFault {
            return .silence(fault)
        }
        let reader = AnswerReader(response.body)
        guard response.status == .ok else { return try await refusal(response.status, reader, by: deadlines) }
        guard Self.mediaType(response.headers) == "text/event-stream" else { throw HostFault.contentType }
        let stream = HostStream(
            hold, reader: reader, isKept: isKept, limits: limits, deadlines: deadlines, bill: request.bill,
            logger: logger)
        try await stream.begin()
        await hold.begin()
        return .stream(stream)
    }

    private func refusal(
        _ status: HTTPResponseStatus, _ reader: AnswerReader, by deadlines: AnswerDeadlines
    ) async throws -> Outcome {
        let fault = HostFault.status(Int(status.code))
        let body: Bytes
        do {
            body = Bytes(
                buffer: try await reader.rest(bytesMax: Limits.refusalBytesMax, by: deadlines.firstToken))
        } catch is HostFault {
            throw fault
        }
        guard let value = try? JSONParser.parse(body), let error = OpenAIError.parse(value),
            error.status == Int(status.code)
        else { throw fault }
        guard error.isClaimAboutRequest else { throw HostFault.refused(error) }
        return .claim(error)
    }

    /// The type without its parameters, in lower case.
    private static func mediaType(_ headers: HTTPHeaders) -> String? {
        headers.first(name: "content-type")?.prefix { $0 != ";" && $0 != " " }.lowercased()
    }
}
