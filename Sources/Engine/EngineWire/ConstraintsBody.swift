import EngineAPI
import Grammar
import ProtocolRules

/// `OutputConstraints`: what a request demands of the answer's tokens.
struct ConstraintsBody: Codable, Sendable {
    struct Bias: Codable, Sendable {
        let token: TokenID
        let millionths: Int32
    }

    /// Ascending by token.
    let bias: [Bias]
    /// GBNF; null for any text.
    let grammar: String?

    /// Nil for constraints that demand nothing.
    init?(_ constraints: OutputConstraints) {
        guard constraints != .none else { return nil }
        bias = constraints.bias.map { Bias(token: $0.token, millionths: $0.millionths) }
        grammar = constraints.grammar
    }

    func constraints() throws(EngineError) -> OutputConstraints {
        guard bias.count <= OutputConstraints.biasMax else { throw .unsupported(field: "bias") }
        guard (grammar?.utf8.count ?? 0) <= GrammarLimits.bytesMax else { throw .unsupported(field: "grammar") }
        return OutputConstraints(
            bias: bias.map { TokenBias(token: $0.token, millionths: $0.millionths) }, grammar: grammar)
    }
}
