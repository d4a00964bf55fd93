/// What a link does to one exchange: a request and its answer.
public enum LinkFault: Sendable, Equatable {
    /// Everything goes on as it comes.
    case none
    /// Both connections end once so many bytes of the request have gone on.
    case cutsRequest(after: Int)
    /// Both connections end at a place in the answer, at once or when it is released. A client that has not read yet what lies before
    /// the place may lose it when the connection ends.
    case cutsAnswer(Mark, onRelease: Bool = false)
    /// From a place in the answer on nothing goes on any more, and nothing is closed: a black hole.
    case silences(Mark)
    /// The byte at a place in the answer becomes an `A`, or a `B` where it is one.
    case changes(Mark)
    /// A text in the answer becomes another one of its length, wherever it stands.
    case replaces(String, with: String)
    /// The server gets the request, and the client this answer instead of the server's; then both connections end.
    case replays([UInt8])
    /// The answer goes on in pieces of so many bytes at most, each when it is released.
    case holds(piecesOf: Int)

    /// A place in an answer as it comes over the wire, head and framing included.
    public struct Mark: Sendable, Equatable {
        let text: [UInt8]
        /// From the text's first byte on; from the answer's where there is no text.
        let offset: Int

        /// So many bytes into the answer.
        public static func byte(_ offset: Int) -> Mark { Mark(text: [], offset: offset) }

        /// Where a text begins for the first time.
        public static func before(_ text: String) -> Mark { Mark(text: Array(text.utf8), offset: 0) }

        /// So many bytes after the end of a text.
        public static func after(_ text: String, _ offset: Int = 0) -> Mark {
            Mark(text: Array(text.utf8), offset: text.utf8.count + offset)
        }
    }
}

/// What a link tells those who wait for it.
public enum LinkEvent: Sendable, Equatable {
    /// It has closed both connections of an exchange.
    case cut
    /// Nothing of an exchange goes on any more.
    case silent
    /// A piece, or a cut, waits to be released.
    case held
}
