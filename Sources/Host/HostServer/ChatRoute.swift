import HTTPEdge
import HTTPTypes
import HostRoles
import Hummingbird
import Messages
import NIOCore
import OpenAIWire
import Primitives
import WireFormat

/// `POST /v1/chat/completions`: a request with its voucher in, an answer with its receipt out.
struct ChatRoute: Sendable {
    static let voucherHeader: HTTPField.Name? = HTTPField.Name(VoucherHeader.name)

    let executor: Executor
    /// Where this host's links begin.
    let hostURL: String
    let bodies: BodyBudget

    /// Credentials come before the body: who may not ask learns nothing about what would be wrong with it, and takes no
    /// memory for it. The body counts against the budget until its answer is over, as the answer's item holds it, too.
    func handle(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let measure = RequestMeasure(executor.metrics)
        do { return try await answer(request, context, measure) } catch {
            measure.end(error)
            throw error
        }
    }

    private func answer(
        _ request: Request, _ context: EdgeContext, _ measure: RequestMeasure
    ) async throws -> Response {
        let voucher = try VoucherHeader.parse(Self.voucherHeader.flatMap { request.headers[$0] })
        try await executor.checkSigner(of: voucher)
        let share = bodies.share()
        defer { withExtendedLifetime(share) {} }
        let signed = SignedRequest(body: try await request.collectJSON(share: share), voucher: voucher)
        let executor = executor
        let answer = try await context.whileClientIsConnected {
            defer { measure.endIfCancelled() }
            return try await executor.answer(signed)
        }
        measure.firstToken()
        guard answer.streams || Self.wantsEvents(request) else {
            let hostURL = hostURL
            let body = try await context.whileClientIsConnected {
                defer { measure.endIfCancelled() }
                return try await Self.plain(answer, hostURL)
            }
            measure.end(.answered)
            return .json(body)
        }
        return stream(answer, context, measure, holding: share)
    }

    /// A gateway takes every answer as it is made, also for a client that wants it in one piece.
    private static func wantsEvents(_ request: Request) -> Bool { request.headers[.accept] == "text/event-stream" }

    /// The whole answer at once.
    private static func plain(_ answer: LiveAnswer, _ hostURL: String) async throws -> Bytes {
        var choices = Array(repeating: AssembledChoice(), count: Int(answer.choices))
        var ended: [ChatCompletionResponse.Choice?] = Array(repeating: nil, count: Int(answer.choices))
        var usage = UsageSum()
        var gonka: [JSONValue] = []
        for try await event in answer.events {
            switch event {
            case .piece(let piece, let choice): try choices[Int(choice)].add(piece)
            case .finished(let item, let reason):
                let choice = item.serving?.choice ?? 0
                ended[Int(choice)] = choices[Int(choice)].ended(choice, reason)
                usage.add(item.item)
                gonka.append(ReceiptField.json(item, hostURL: hostURL))
            }
        }
        let whole = ended.compactMap { $0 }
        guard whole.count == choices.count else { throw OpenAIError.internalError }
        return ChatCompletionResponse(
            id: answer.id, created: answer.created, model: answer.model, systemFingerprint: answer.systemFingerprint,
            choices: whole, usage: usage.usage,
            gonka: gonka.count == 1 ? gonka[0] : .array(gonka)
        ).encoded()
    }

    /// Server-sent events, written as fast as the client takes them; what waits is at most the answer itself.
    private func stream(
        _ answer: LiveAnswer, _ context: EdgeContext, _ measure: RequestMeasure, holding share: BodyBudget.Share
    ) -> Response {
        let events = EventForm(
            stream: ChatCompletionStream(
                id: answer.id, created: answer.created, model: answer.model,
                systemFingerprint: answer.systemFingerprint, includesUsage: answer.includesUsage),
            hostURL: hostURL, choices: answer.choices)
        let body = ResponseBody { writer in
            // Whoever cannot be written to any more gives the answer up, too.
            defer {
                answer.cancel()
                withExtendedLifetime(share) {}
            }
            try await context.whenClientLeaves({ answer.cancel() }) {
                try await Self.write(answer, events, measure, to: &writer)
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"], body: body)
    }

    /// Writes what is there together together: an engine may be faster than a connection.
    private static func write(
        _ answer: LiveAnswer, _ form: EventForm, _ measure: RequestMeasure, to writer: inout any ResponseBodyWriter
    ) async throws {
        var usage = UsageSum()
        var iterator = answer.events.makeAsyncIterator()
        var outgoing = form.opening
        var some: [LiveAnswer.Event]? = iterator.ready()
        do {
            while let events = some {
                for event in events {
                    if case .finished(let item, _) = event {
                        usage.add(item.item)
                        // Before it goes out: whoever has read an answer finds it counted.
                        if usage.count == answer.choices { measure.end(item) }
                    }
                    outgoing += form.bytes(of: event)
                }
                // The stream's end follows the last receipt at once, and goes out with it.
                if usage.count < answer.choices {
                    try await writer.write(ByteBuffer(bytes: outgoing))
                    outgoing = []
                }
                some = try await iterator.nextAll()
            }
            outgoing += form.ending(usage.usage)
        } catch let error as OpenAIError {
            measure.end(error)
            outgoing += SSEEncoder.event(error.encoded())
        }
        try await writer.write(ByteBuffer(bytes: outgoing))
    }
}

/// What each event of an answer is in a stream.
private struct EventForm: Sendable {
    let stream: ChatCompletionStream
    let hostURL: String

    let choices: UInt32

    var opening: Bytes { (0..<choices).flatMap { SSEEncoder.event(stream.opening(choice: $0).encoded()) } }

    func bytes(of event: LiveAnswer.Event) -> Bytes {
        switch event {
        case .piece(let piece, let choice): return SSEEncoder.event(stream.piece(piece, choice: choice).encoded())
        case .finished(let item, let reason):
            let last = stream.finish(
                reason, choice: item.serving?.choice ?? 0, gonka: ReceiptField.json(item, hostURL: hostURL))
            return SSEEncoder.event(last.encoded())
        }
    }

    /// What follows the last choice's end.
    func ending(_ usage: ChatCompletionUsage) -> Bytes {
        (stream.usage(usage).map { SSEEncoder.event($0.encoded()) } ?? []) + SSEEncoder.done
    }
}

/// The tokens of all choices together: they answer the same prompt, which counts once, as with OpenAI.
private struct UsageSum {
    private(set) var count: UInt32 = 0
    private var prompt: UInt64 = 0
    private var cached: UInt64 = 0
    private var output: UInt64 = 0

    mutating func add(_ item: WorkItem) {
        count += 1
        if item.serving?.choice ?? 0 == 0 { (prompt, cached) = (item.promptTokens, item.cachedTokens) }
        output = output.addingReportingOverflow(item.outputTokens).partialValue
    }

    var usage: ChatCompletionUsage {
        ChatCompletionUsage(promptTokens: prompt, cachedTokens: cached, completionTokens: output)
    }
}
