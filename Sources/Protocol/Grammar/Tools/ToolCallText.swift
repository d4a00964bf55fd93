import WireFormat

/// Reads the text of an answer as `ToolCallGrammar` has it, piece by piece, and writes it.
///
/// Text that does not begin with `<tool_call>` is passed on; so is everything of a text that begins so and is no call after
/// all, from where it stops being one. Keeps back a few characters at most.
public struct ToolCallText: Sendable {
    public enum Event: Sendable, Equatable {
        /// A piece of the answer's own text.
        case text(String)
        /// Call `index`, from 0, is of this function.
        case callBegins(index: Int, name: String)
        /// A piece of the arguments of call `index`.
        case arguments(index: Int, String)
        /// Call `index` is whole.
        case callEnds(index: Int)
    }

    static let tag = "<tool_call>"
    static let opening = "<tool_call>\n{\"name\": "
    static let middle = ", \"arguments\": "
    static let closing = "}\n</tool_call>"

    /// Where reading is.
    private enum Place: Equatable {
        /// Before or in the opening of a call, of which this was read.
        case opening
        /// In the name, which begins with its quotation mark.
        case name(isEscaped: Bool)
        case middle
        case arguments
        case closing
        /// Behind a call: a line break and another one may follow.
        case behind
        case text
    }

    private var place = Place.opening
    /// What was read and not told yet.
    private var held = String.UnicodeScalarView()
    /// How much of the fixed words was read.
    private var matched = 0
    private var name = String.UnicodeScalarView()
    private var depth = ArgumentsDepth()
    private var index = 0
    private var events: [Event] = []

    public init() {}

    /// Whether the answer's text so far is calls and nothing else, each of them whole.
    public var isWholeCalls: Bool { place == .behind && held.isEmpty }

    /// Reads the next characters.
    public mutating func append(_ piece: String) -> [Event] {
        for scalar in piece.unicodeScalars { read(scalar) }
        return takeEvents()
    }

    /// What was kept back, at the end of the answer. A call that was broken off has no `callEnds`.
    public mutating func finish() -> [Event] {
        let isInACall = place == .arguments || place == .closing
        if !isInACall { giveUp() }
        return takeEvents()
    }

    /// The text of an answer with these calls; reading it gives them back.
    public static func text(of calls: [ToolCall]) -> String {
        calls.map { opening + encoded($0.name) + middle + $0.arguments + closing }.joined(separator: "\n")
    }

    static func encoded(_ name: String) -> String { String(decoding: JSONValue.string(name).encoded(), as: UTF8.self) }

    private mutating func takeEvents() -> [Event] {
        defer { events = [] }
        return events
    }

    private mutating func read(_ scalar: Unicode.Scalar) {
        switch place {
        case .opening: readOpening(scalar)
        case .name(let isEscaped): readName(scalar, isEscaped)
        case .middle: readMiddle(scalar)
        case .arguments: readArguments(scalar)
        case .closing: readClosing(scalar)
        case .behind: readBehind(scalar)
        case .text: tell(scalar)
        }
    }

    private mutating func readOpening(_ scalar: Unicode.Scalar) {
        held.append(scalar)
        guard matches(scalar, Self.opening) else { return giveUp() }
        if isMatched(Self.opening) { place = .name(isEscaped: false) }
    }

    private mutating func readName(_ scalar: Unicode.Scalar, _ isEscaped: Bool) {
        held.append(scalar)
        name.append(scalar)
        guard name.first == "\"", held.count <= Self.openingMax else { return giveUp() }
        if scalar == "\"" && !isEscaped && name.count > 1 {
            place = .middle
        } else {
            place = .name(isEscaped: scalar == "\\" && !isEscaped)
        }
    }

    private mutating func readMiddle(_ scalar: Unicode.Scalar) {
        held.append(scalar)
        guard matches(scalar, Self.middle) else { return giveUp() }
        guard isMatched(Self.middle) else { return }
        let spelled = Array(String(name).utf8)
        guard let value = try? JSONParser.parse(spelled), let name = value.string else { return giveUp() }
        events.append(.callBegins(index: index, name: name))
        (held, self.name, depth, place) = (.init(), .init(), ArgumentsDepth(), .arguments)
    }

    private mutating func readArguments(_ scalar: Unicode.Scalar) {
        if case .arguments(index, var piece) = events.last {
            // Taken out first: changed in place, not copied for each character.
            events.removeLast()
            piece.unicodeScalars.append(scalar)
            events.append(.arguments(index: index, piece))
        } else {
            events.append(.arguments(index: index, String(Character(scalar))))
        }
        if depth.ends(with: scalar) { place = .closing }
    }

    private mutating func readClosing(_ scalar: Unicode.Scalar) {
        // What does not end as a call does is still its end: there is no other use for it.
        held.append(scalar)
        guard matches(scalar, Self.closing) else { return endCall(true) }
        if isMatched(Self.closing) { endCall(false) }
    }

    private mutating func endCall(_ isBroken: Bool) {
        events.append(.callEnds(index: index))
        index += 1
        matched = 0
        if isBroken { giveUp() } else { (held, place) = (.init(), .behind) }
    }

    private mutating func readBehind(_ scalar: Unicode.Scalar) {
        held.append(scalar)
        guard scalar == "\n" else { return giveUp() }
        place = .opening
    }

    private mutating func tell(_ scalar: Unicode.Scalar) {
        if case .text(var piece) = events.last {
            events.removeLast()
            piece.unicodeScalars.append(scalar)
            events.append(.text(piece))
        } else {
            events.append(.text(String(Character(scalar))))
        }
    }

    /// What is held is text, and so is all that follows.
    private mutating func giveUp() {
        for scalar in held { tell(scalar) }
        (held, place) = (.init(), .text)
    }

    /// Whether `scalar` is the next one of `word`.
    private mutating func matches(_ scalar: Unicode.Scalar, _ word: String) -> Bool {
        let view = word.unicodeScalars
        guard view[view.index(view.startIndex, offsetBy: matched)] == scalar else { return false }
        matched += 1
        return true
    }

    /// Whether all of `word` was read; then the next word begins.
    private mutating func isMatched(_ word: String) -> Bool {
        guard matched == word.unicodeScalars.count else { return false }
        matched = 0
        return true
    }

    /// The longest opening with its name, in characters; a function's name has 64 at most.
    private static let openingMax = 512
}

/// Finds where a JSON object ends.
private struct ArgumentsDepth: Sendable {
    private var depth = 0
    private var isString = false
    private var isEscaped = false

    /// Whether the object ends with this character.
    mutating func ends(with scalar: Unicode.Scalar) -> Bool {
        if isString {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isString = false
            }
            return false
        }
        switch scalar {
        case "\"": isString = true
        case "{", "[": depth += 1
        case "}", "]":
            depth -= 1
            return depth <= 0
        default: break
        }
        return false
    }
}
