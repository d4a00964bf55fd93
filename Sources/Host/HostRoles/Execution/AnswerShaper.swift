import Cryptography
import Grammar
import Messages
import OpenAIWire
import Primitives

/// Turns an answer's text as it grows into what a client gets: text, or calls of functions with their names and ids.
package struct AnswerShaper: Sendable {
    private let id: String
    private let choice: UInt32
    /// Nil where the request allows no calls.
    private var reader: ToolCallText?
    private var digestSoFar = AnswerDigest()
    /// Calls that were begun.
    private(set) var callCount: UInt32 = 0
    private var endedCount: UInt32 = 0

    /// Whether there are calls, and each of them is whole: a stop text can end one in the middle.
    var hasWholeCalls: Bool { callCount > 0 && endedCount == callCount }

    /// - Parameters:
    ///   - id: the completion's.
    ///   - mayCall: whether the text is read for calls.
    package init(id: String, choice: UInt32, mayCall: Bool) {
        self.id = id
        self.choice = choice
        reader = mayCall ? ToolCallText() : nil
    }

    /// The digest of what was given out so far.
    package var digest: Hash32 { digestSoFar.finalize() }

    /// - Parameter text: the next of the answer's text, whole characters.
    package mutating func append(_ text: String) -> AnswerPiece {
        guard var reader else {
            digestSoFar.add(text: text)
            return AnswerPiece(text: text)
        }
        let events = reader.append(text)
        self.reader = reader
        return piece(events)
    }

    /// What was held back, once no more text comes.
    package mutating func finish() -> AnswerPiece {
        guard var reader else { return AnswerPiece() }
        let events = reader.finish()
        self.reader = reader
        return piece(events)
    }

    private mutating func piece(_ events: [ToolCallText.Event]) -> AnswerPiece {
        var piece = AnswerPiece()
        for event in events {
            switch event {
            case .text(let text):
                // No grammar lets text follow a call; of an engine that keeps none, it is dropped.
                guard callCount == 0 else { continue }
                digestSoFar.add(text: text)
                piece.text += text
            case .callBegins(_, let name):
                digestSoFar.beginCall(name)
                piece.calls.append(
                    ToolCallDelta(index: callCount, opening: ToolCallDelta.Opening(id: callID(callCount), name: name)))
                callCount += 1
            case .arguments(_, let text):
                digestSoFar.add(arguments: text)
                piece.calls.append(ToolCallDelta(index: max(1, callCount) - 1, arguments: text))
            case .callEnds: endedCount += 1
            }
        }
        return piece
    }

    /// The same whenever the answer is given again.
    private func callID(_ index: UInt32) -> String {
        "call_" + Hex.encode(Hash32.sha256(utf8: "\(id)/\(choice)/\(index)").bytes.prefix(12))
    }
}

extension AnswerShaper {
    /// What a receipt says of an answer whose whole text this is.
    package static func digest(of text: String, mayCall: Bool) -> Hash32 {
        var shaper = AnswerShaper(id: "", choice: 0, mayCall: mayCall)
        _ = shaper.append(text)
        _ = shaper.finish()
        return shaper.digest
    }
}

extension ChatFinishReason {
    /// OpenAI's word for why an item ended. An answer whose client went away was cut, like one that reached its limit.
    ///
    /// - Parameter calls: whether the answer calls functions.
    init(_ reason: FinishReason, calls: Bool) {
        switch reason {
        case .stop: self = calls ? .toolCalls : .stop
        case .length, .cancelled: self = .length
        }
    }
}
