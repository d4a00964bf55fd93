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
