/// Why a text is not a grammar that is followed here, and where.
public struct GrammarError: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case tooLong(bytesMax: Int)
        case tooManyRules(max: Int)
        /// Repetitions and alternatives together make a network that is too large.
        case tooLarge(nodesMax: Int)
        case tooDeep(nestingMax: Int)
        case repetitionTooHigh(max: Int)
        case classTooLong(rangesMax: Int)
        case unexpectedEnd
        /// What should stand here.
        case expected(String)
        case invalidEscape
        case invalidCodePoint
        case emptyRange
        case emptyRepetition
        case nothingToRepeat
        case duplicateRule(String)
        case undefinedRule(String)
        case noRoot
        /// The rule can begin with itself.
        case leftRecursion(String)
        /// No text at all is a word.
        case emptyLanguage
    }

    public let reason: Reason
    /// Where reading stopped, in bytes from 0; for a rule where it is defined, or first used.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension GrammarError: CustomStringConvertible {
    /// One sentence without a full stop, fit to be sent back to whoever wrote the grammar.
    public var description: String { "\(sentence) (at byte \(offset) of the grammar)" }

    private var sentence: String {
        switch reason {
        case .tooLong(let most): "the grammar is longer than \(most) bytes"
        case .tooManyRules(let most): "there are more than \(most) rules"
        case .tooLarge(let most): "the rules make more than \(most) nodes; repeat less"
        case .tooDeep(let most): "groups are nested more than \(most) deep"
        case .repetitionTooHigh(let most): "nothing can be repeated more than \(most) times by number"
        case .classTooLong(let most): "a character class has more than \(most) ranges"
        case .unexpectedEnd: "the grammar ends in the middle of a rule"
        case .expected(let what): "\(what) should stand here"
        case .invalidEscape: "this escape is not known"
        case .invalidCodePoint: "this is no Unicode scalar"
        case .emptyRange: "a range ends before it begins"
        case .emptyRepetition: "a repetition's maximum is below its minimum"
        case .nothingToRepeat: "there is nothing before this to repeat"
        case .duplicateRule(let name): "the rule \(Self.short(name)) is defined twice"
        case .undefinedRule(let name): "the rule \(Self.short(name)) is not defined"
        case .noRoot: "there is no rule root"
        case .leftRecursion(let name): "the rule \(Self.short(name)) can begin with itself"
        case .emptyLanguage: "no text satisfies the grammar"
        }
    }

    private static func short(_ name: String) -> String { String(name.unicodeScalars.prefix(64)) }
}
