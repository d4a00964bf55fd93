import Grammar
import Primitives
import ProtocolRules
import Synchronization

/// A model's vocabulary as constraints need it, with the grammars that were asked for last.
public final class TokenVocabulary: Sendable {
    private let trie: TokenTrie
    /// Last used first.
    private let grammars = Mutex<[(text: Bytes, constraint: GrammarConstraint)]>([])

    /// - Parameters:
    ///   - pieces: [token]: the bytes that it stands for, empty for a control token.
    ///   - endTokens: the tokens that end an answer.
    public init(pieces: [Bytes], endTokens: [TokenID]) { trie = TokenTrie(pieces: pieces, endTokens: endTokens) }

    /// Grammars that are kept with their masks; each may take some megabytes.
    public static let grammarsMax = 8

    /// Whether `token` is an end token.
    public func endsText(_ token: TokenID) -> Bool { trie.endTokens.contains(token) }

    /// Checks a request's constraints before anything runs.
    ///
    /// - Parameters:
    ///   - begun: the tokens that an answer begins with.
    ///   - ignoresEndTokens: whether the answer has a fixed length, which no grammar can promise.
    /// - Throws: `.unsupported`, naming `bias`, `grammar`, `ignoresEndTokens` or `begun`.
    public func prepare(
        _ constraints: OutputConstraints, begun: [TokenID] = [], ignoresEndTokens: Bool = false
    ) throws(EngineError) -> PreparedConstraints {
        guard constraints.bias.count <= OutputConstraints.biasMax,
            zip(constraints.bias, constraints.bias.dropFirst()).allSatisfy({ $0.token < $1.token }),
            constraints.bias.allSatisfy({ $0.isInRange && Int($0.token) < trie.vocabularySize })
        else { throw .unsupported(field: "bias") }
        guard let text = constraints.grammar else { return PreparedConstraints(bias: constraints.bias) }
        guard !ignoresEndTokens else { throw .unsupported(field: "ignoresEndTokens") }
        let constraint = try constraint(text)
        guard constraint.admits(begun) else { throw .unsupported(field: "begun") }
        return PreparedConstraints(bias: constraints.bias, grammar: constraint)
    }

    private func constraint(_ text: String) throws(EngineError) -> GrammarConstraint {
        guard text.utf8.count <= GrammarLimits.bytesMax else { throw .unsupported(field: "grammar") }
        let key = Bytes(text.utf8)
        if let known = grammars.withLock({ $0.first { $0.text == key }?.constraint }) {
            remember(key, known)
            return known
        }
        let grammar: Grammar
        do { grammar = try Grammar(gbnf: text) } catch { throw .unsupported(field: "grammar") }
        let constraint = GrammarConstraint(grammar, trie)
        remember(key, constraint)
        return constraint
    }

    private func remember(_ key: Bytes, _ constraint: GrammarConstraint) {
        grammars.withLock { grammars in
            grammars.removeAll { $0.text == key }
            grammars.insert((key, constraint), at: 0)
            if grammars.count > Self.grammarsMax { grammars.removeLast() }
        }
    }
}

/// Constraints that were checked against a vocabulary.
public struct PreparedConstraints: Sendable {
    /// Ascending by token.
    let bias: [TokenBias]
    let grammar: GrammarConstraint?

    /// Any answer.
    public static let none = PreparedConstraints()

    init(bias: [TokenBias] = [], grammar: GrammarConstraint? = nil) {
        self.bias = bias
        self.grammar = grammar
    }
}
