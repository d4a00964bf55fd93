import Primitives

/// One server-sent event: its data lines, joined by line feeds.
public struct SSEEvent: Equatable, Sendable {
    public let data: Bytes

    public init(data: Bytes) { self.data = data }

    /// Whether it is OpenAI's last event.
    public var isDone: Bool { data == Bytes("[DONE]".utf8) }
}

/// Reads a stream of server-sent events (WHATWG HTML, section 9.2.6) that arrives in pieces, cut at any byte. Lines may end
/// in LF, CR or CRLF; comments and the fields `event`, `id` and `retry` are skipped; an event that the stream's end cuts
/// off never comes out. Bounded: a line or an event over the limit is an error.
///
/// Takes time in proportion to the bytes. After an error the stream is of no more use.
public struct SSEParser: Sendable {
    private let eventBytesMax: Int
    private var line: Bytes = []
    private var data: Bytes = []
    private var hasData = false
    private var isFirstLine = true
    /// Whether the last byte was a CR, so that an LF now belongs to it.
    private var endedInCarriageReturn = false

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    public init(eventBytesMax: Int = OpenAILimits().eventBytesMax) { self.eventBytesMax = eventBytesMax }

    /// Takes the next bytes and returns the events that they complete.
    public mutating func consume(_ bytes: Bytes) throws(AnswerError) -> [SSEEvent] {
        var events: [SSEEvent] = []
        var start = 0
        while start < bytes.count {
            if endedInCarriageReturn {
                endedInCarriageReturn = false
                if bytes[start] == SSEParser.lineFeed {
                    start += 1
                    continue
                }
            }
            let end = bytes[start...].firstIndex { $0 == SSEParser.lineFeed || $0 == SSEParser.carriageReturn }
            let piece = bytes[start..<(end ?? bytes.count)]
            try checkRoom(for: piece)
            guard let end else {
                line.append(contentsOf: piece)
                break
            }
            if let event = endLine(with: piece) { events.append(event) }
            endedInCarriageReturn = bytes[end] == SSEParser.carriageReturn
            start = end + 1
        }
        return events
    }

    private func checkRoom(for piece: ArraySlice<UInt8>) throws(AnswerError) {
        guard piece.count <= eventBytesMax - line.count - data.count else {
            throw .eventTooLong(bytesMax: eventBytesMax)
        }
    }

    /// Reads the line that ends with this piece; most lines come in one, and are read where they are.
    private mutating func endLine(with piece: ArraySlice<UInt8>) -> SSEEvent? {
        guard !line.isEmpty else { return take(line: piece) }
        line.append(contentsOf: piece)
        defer { line.removeAll(keepingCapacity: true) }
        return take(line: line[...])
    }

    /// Reads a finished line; an empty one completes the event.
    private mutating func take(line whole: ArraySlice<UInt8>) -> SSEEvent? {
        var line = whole
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xef, 0xbb, 0xbf]) { line = line.dropFirst(3) }
        }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        guard line[..<colon].elementsEqual("data".utf8) else { return nil }
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if hasData { data.append(SSEParser.lineFeed) }
        data.append(contentsOf: value)
        hasData = true
        return nil
    }

    private mutating func endEvent() -> SSEEvent? {
        guard hasData else { return nil }
        defer { (data, hasData) = ([], false) }
        return SSEEvent(data: data)
    }
}
