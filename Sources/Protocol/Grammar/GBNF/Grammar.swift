import Primitives

/// A grammar that texts are held to, byte by byte: a pushdown automaton that follows all readings at once.
///
/// Whatever leads to no word is refused at once, so each state has a continuation, but where a bound of `GrammarLimits` cuts
/// it off. Deterministic: executor and auditor come to the same states.
public struct Grammar: Sendable {
    let network: GrammarNetwork
    /// Before the first byte.
    public let start: GrammarState

    /// - Parameter gbnf: the text, in llama.cpp's dialect; its words are those of the rule `root`.
    public init(gbnf: String) throws(GrammarError) {
        network = try GrammarCompiler.compile(try GrammarParser.parse(gbnf))
        var closure = GrammarClosure(network: network)
        closure.follow(network.root, frames: [])
        guard let start = closure.state else { throw GrammarError(.emptyLanguage, offset: 0) }
        self.start = start
    }

    /// The state after one more byte, or nil where no word goes on like this.
    func state(after byte: UInt8, in state: GrammarState) -> GrammarState? {
        var closure = GrammarClosure(network: network)
        for stack in state.stacks {
            guard let top = stack.last else { continue }
            for case .bytes(let low, let high, let target) in network.nodes[Int(top)].edges
            where low <= byte && byte <= high {
                closure.follow(target, frames: stack.dropLast())
            }
        }
        return closure.state
    }

    /// The state after `bytes`, which may end inside a character; nil where no word goes on like this.
    public func state(after bytes: some Sequence<UInt8>, in state: GrammarState) -> GrammarState? {
        var current = state
        for byte in bytes {
            guard let next = self.state(after: byte, in: current) else { return nil }
            current = next
        }
        return current
    }

    /// Whether the whole of `bytes` is a word.
    public func accepts(_ bytes: some Sequence<UInt8>) -> Bool { state(after: bytes, in: start)?.isComplete ?? false }
}

/// How far a text has come: every reading of it, each with the rules that are still open. Equal states have equal futures.
public struct GrammarState: Hashable, Sendable {
    /// [reading]: nodes to come back to, outermost first, then the node where it stands. Ascending, none twice.
    let stacks: [[UInt32]]
    /// Whether the text so far is a word.
    public let isComplete: Bool

    /// Nodes on all stacks.
    var size: Int { stacks.reduce(1) { $0 + $1.count } }
}

/// A text on its way through a grammar.
public struct GrammarMatcher: Sendable {
    private let grammar: Grammar
    /// Nil once the text has left the grammar.
    public private(set) var state: GrammarState?

    public init(_ grammar: Grammar) {
        self.grammar = grammar
        state = grammar.start
    }

    /// Whether what was read so far is a word.
    public var isComplete: Bool { state?.isComplete ?? false }

    /// Reads on. Returns whether some word begins with all that was read; once not, never again.
    public mutating func advance(_ bytes: some Sequence<UInt8>) -> Bool {
        state = state.flatMap { grammar.state(after: bytes, in: $0) }
        return state != nil
    }
}
