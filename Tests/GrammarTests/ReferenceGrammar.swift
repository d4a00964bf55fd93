/// A grammar's words by plain recursion over its parts: slow, and hard to get wrong.
indirect enum ReferencePart {
    case literal(String)
    case rule(Int)
    case sequence([ReferencePart])
    case alternatives([ReferencePart])
    case repeated(ReferencePart, least: Int, most: Int?)
}

struct ReferenceGrammar {
    /// The first is the root.
    let rules: [ReferencePart]

    static func random(using random: inout SplitMix64) -> ReferenceGrammar {
        ReferenceGrammar(rules: (0..<3).map { _ in part(depth: 3, using: &random) })
    }

    private static func part(depth: Int, using random: inout SplitMix64) -> ReferencePart {
        func parts() -> [ReferencePart] {
            (0..<Int.random(in: 1...3, using: &random)).map { _ in part(depth: depth - 1, using: &random) }
        }
        switch depth == 0 ? 0 : Int.random(in: 0..<6, using: &random) {
        case 0, 1: return .literal(["a", "b", "ab", ""][Int.random(in: 0..<4, using: &random)])
        case 2: return .rule(Int.random(in: 0..<3, using: &random))
        case 3: return .sequence(parts())
        case 4: return .alternatives(parts())
        default:
            let least = Int.random(in: 0...2, using: &random)
            let most = [nil, least, least + 1][Int.random(in: 0..<3, using: &random)]
            return .repeated(part(depth: depth - 1, using: &random), least: least, most: most)
        }
    }

    var gbnf: String {
        rules.enumerated().map { "\($0 == 0 ? "root" : "r\($0)") ::= \(Self.text($1))\n" }.joined()
    }

    private static func text(_ part: ReferencePart) -> String {
        switch part {
        case .literal(let text): "\"\(text)\""
        case .rule(let number): number == 0 ? "root" : "r\(number)"
        case .sequence(let parts): "(" + parts.map(text).joined(separator: " ") + ")"
        case .alternatives(let parts): "(" + parts.map(text).joined(separator: " | ") + ")"
        case .repeated(let part, let least, let most): "(\(text(part))){\(least),\(most.map(String.init) ?? "")}"
        }
    }

    func accepts(_ word: [Character]) -> Bool { ends(of: rules[0], in: word, from: 0).contains(word.count) }

    /// Where `part` may end if it begins at `start`. Ends, since no rule calls itself before it has read something.
    private func ends(of part: ReferencePart, in word: [Character], from start: Int) -> Set<Int> {
        switch part {
        case .literal(let text):
            return word[start...].starts(with: text) ? [start + text.count] : []
        case .rule(let number): return ends(of: rules[number], in: word, from: start)
        case .sequence(let parts):
            return parts.reduce([start]) { places, part in
                Set(places.flatMap { ends(of: part, in: word, from: $0) })
            }
        case .alternatives(let parts):
            return Set(parts.flatMap { ends(of: $0, in: word, from: start) })
        case .repeated(let part, let least, let most):
            var places: Set<Int> = [start]
            var result: Set<Int> = least == 0 ? [start] : []
            // Beyond so many rounds nothing new is reached.
            for round in 1...(word.count + least + 2) where round <= most ?? Int.max {
                places = Set(places.flatMap { ends(of: part, in: word, from: $0) })
                if round >= least { result.formUnion(places) }
            }
            return result
        }
    }
}
