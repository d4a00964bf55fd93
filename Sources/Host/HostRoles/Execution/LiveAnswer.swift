import Messages
import OpenAIWire
import Primitives
import WireFormat

/// An answer that is being given, or is given again.
public struct LiveAnswer: Sendable {
    /// What happens, in order of each choice: pieces, then exactly one `finished`, unless the stream fails with an
    /// `OpenAIError`. Choices come side by side.
    public enum Event: Sendable {
        /// The next piece, not empty.
        case piece(AnswerPiece, choice: UInt32)
        /// A choice is complete, and its item is durable.
        case finished(FinishedItem, ChatFinishReason)
    }

    public let id: String
    /// Seconds since 1970-01-01 UTC.
    public let created: UInt64
    public let model: String
    /// What it was made with: the model's file.
    public let systemFingerprint: String
    /// How many answers come side by side.
    public let choices: UInt32
    /// How the request wants it: as a stream, and with a count of tokens at the end of it.
    public let streams: Bool
    public let includesUsage: Bool
    /// At most as many events as the answer has tokens. Leaving the stream gives the request up.
    public let events: AnswerEvents
    private let giveUp: @Sendable () -> Void

    init(
        plan: AnswerPlan, fingerprint: String, events: AnswerEvents,
        giveUp: @escaping @Sendable () -> Void
    ) {
        id = plan.id
        created = plan.created
        model = plan.request.model
        systemFingerprint = fingerprint
        choices = plan.request.choices
        (streams, includesUsage) = (plan.request.streams, plan.request.includesUsage)
        self.events = events
        self.giveUp = giveUp
    }

    /// An answer from the log, at once.
    ///
    /// - Parameter items: at least one, ascending by choice; a choice that came to nothing is missing, and ends it with an error.
    init(stored items: [FinishedItem], fingerprint: String, for request: ChatCompletionRequest) {
        systemFingerprint = fingerprint
        (streams, includesUsage, choices) = (request.streams, request.includesUsage, request.choices)
        id = items.first?.answer.id ?? ""
        created = items.first?.answer.created ?? 0
        model = request.model
        giveUp = {}
        let (events, source) = AnswerEvents.make()
        self.events = events
        for item in items {
            let choice = item.serving?.choice ?? 0
            var shaper = AnswerShaper(id: item.answer.id, choice: choice, mayCall: request.form.mayCall)
            for piece in Self.pieces(of: item, for: request, through: &shaper) where !piece.isEmpty {
                source.yield(.piece(piece, choice: choice))
            }
            source.yield(.finished(item, ChatFinishReason(item.item.finishReason, calls: shaper.hasWholeCalls)))
        }
        let isWhole = items.count == Int(request.choices)
        source.finish(throwing: isWhole ? nil : OpenAIError.engineFailed)
    }

    /// A stored answer in pieces that an event holds: first its text, then the log-probabilities that were kept.
    private static func pieces(
        of item: FinishedItem, for request: ChatCompletionRequest, through shaper: inout AnswerShaper
    ) -> [AnswerPiece] {
        var pieces: [AnswerPiece] = []
        var rest = item.answer.text[...]
        while !rest.isEmpty {
            let slice = rest.prefix(Limits.storedPieceCharacters)
            pieces.append(shaper.append(String(slice)))
            rest = rest.dropFirst(slice.count)
        }
        pieces.append(shaper.finish())
        guard request.topLogprobs != nil, !item.answer.extra.isEmpty else { return pieces }
        var limits = JSONLimits()
        limits.bytesMax = item.answer.extra.count
        limits.valuesMax = item.answer.extra.count
        var entries = ((try? JSONParser.parse(item.answer.extra, limits: limits))?.array ?? [])[...]
        while !entries.isEmpty {
            pieces.append(AnswerPiece(logprobs: Array(entries.prefix(Limits.storedPieceLogprobs))))
            entries = entries.dropFirst(Limits.storedPieceLogprobs)
        }
        return pieces
    }

    /// Ends the generation: nobody waits for it any more. What was made up to then becomes an item.
    public func cancel() { giveUp() }
}
