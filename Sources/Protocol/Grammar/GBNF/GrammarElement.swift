/// A part of a rule as it was written.
indirect enum GrammarElement: Equatable, Sendable {
    /// These code points, in order; none is the empty text.
    case literal([Unicode.Scalar])
    /// One code point of a class.
    case oneOf(CodePointSet)
    /// The rule of this number.
    case rule(Int)
    case sequence([GrammarElement])
    case alternatives([GrammarElement])
    /// At least `least` times, and at most `most` times where that is said.
    case repeated(GrammarElement, least: Int, most: Int?)
}

extension GrammarElement {
    /// The code points that it begins with in any case, and what follows them.
    var splittingLiteral: (literal: [Unicode.Scalar], rest: [GrammarElement]) {
        switch self {
        case .literal(let scalars): return (scalars, [])
        case .sequence(let elements):
            guard case .literal(let scalars)? = elements.first else { return ([], elements) }
            return (scalars, Array(elements.dropFirst()))
        default: return ([], [self])
        }
    }
}
