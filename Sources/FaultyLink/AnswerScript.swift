/// How far one exchange has come: a state machine, bytes in, what to do with them out.
struct AnswerScript: Sendable {
    enum Action: Equatable, Sendable {
        case pass([UInt8])
        case cut
        /// To be done when it is released.
        indirect case hold(Action)
        case fallSilent
    }

    private let fault: LinkFault
    private var requestBytes = 0
    /// Bytes of the answer that came before `pending`.
    private var passed = 0
    /// What came of the answer and was not decided about.
    private var pending: [UInt8] = []
    /// Whether the fault has done what it does once.
    private var isOver = false
    /// Where the mark is, once its text has come.
    private var place: Int?

    init(_ fault: LinkFault) { self.fault = fault }

    mutating func request(_ bytes: [UInt8]) -> [Action] {
        guard case .cutsRequest(let limit) = fault else { return [.pass(bytes)] }
        let rest = max(0, limit - requestBytes)
        requestBytes += bytes.count
        return bytes.count < rest ? [.pass(bytes)] : [.pass(Array(bytes.prefix(rest))), .cut]
    }

    mutating func answer(_ bytes: [UInt8]) -> [Action] {
        if isOver { return isCutting ? [] : [.pass(bytes)] }
        pending += bytes
        switch fault {
        case .none, .cutsRequest: return [.pass(take(pending.count))]
        case .cutsAnswer(let mark, let onRelease):
            return acting(at: mark, reach: 0) { _ in [onRelease ? .hold(.cut) : .cut] }
        case .silences(let mark): return acting(at: mark, reach: 0) { _ in [.fallSilent] }
        case .changes(let mark):
            return acting(at: mark, reach: 1) { script in
                let byte = script.take(1)
                return [.pass(byte == [0x41] ? [0x42] : [0x41]), .pass(script.take(script.pending.count))]
            }
        case .replaces(let text, let other): return [.pass(replacing(Array(text.utf8), Array(other.utf8)))]
        case .replays(let answer):
            isOver = true
            return [.pass(AnswerScript.closing(answer)), .cut]
        case .holds(let size):
            var pieces: [Action] = []
            while !pending.isEmpty { pieces.append(.hold(.pass(take(min(size, pending.count))))) }
            return pieces
        }
    }

    /// Whether nothing follows on what the fault does.
    private var isCutting: Bool { if case .cutsAnswer = fault { true } else { false } }

    /// An answer that says that its connection ends with it, so that no client sends another request there.
    private static func closing(_ answer: [UInt8]) -> [UInt8] {
        guard let end = answer.firstIndex(of: 0x0a) else { return answer }
        return answer[...end] + Array("connection: close\r\n".utf8) + answer[(end + 1)...]
    }

    /// Passes on what lies before a mark, and acts there once `reach` bytes after it have come.
    private mutating func acting(
        at mark: LinkFault.Mark, reach: Int, _ act: (inout AnswerScript) -> [Action]
    ) -> [Action] {
        if mark.text.isEmpty { place = mark.offset }
        if place == nil, let start = first(mark.text) { place = passed + start + mark.offset }
        guard let place else { return [.pass(take(pending.count - open(mark.text)))] }
        let before = Action.pass(take(min(pending.count, place - passed)))
        guard passed == place, pending.count >= reach else { return [before] }
        isOver = true
        return [before] + act(&self)
    }

    private mutating func replacing(_ text: [UInt8], _ other: [UInt8]) -> [UInt8] {
        precondition(text.count == other.count, "another length would break the answer's framing")
        var passing: [UInt8] = []
        while let start = first(text) {
            passing += take(start) + other
            _ = take(text.count)
        }
        return passing + take(pending.count - open(text))
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { pending.removeFirst(count) }
        passed += count
        return Array(pending.prefix(count))
    }

    /// Where a text begins in what is undecided.
    private func first(_ text: [UInt8]) -> Int? {
        guard pending.count >= text.count else { return nil }
        return (0...(pending.count - text.count)).first { pending[$0..<($0 + text.count)].elementsEqual(text) }
    }

    /// How many of the last bytes may be the beginning of a text.
    private func open(_ text: [UInt8]) -> Int {
        (0..<min(text.count, pending.count + 1)).last { pending.suffix($0).elementsEqual(text.prefix($0)) } ?? 0
    }
}
