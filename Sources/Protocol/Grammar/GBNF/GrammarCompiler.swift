/// Builds the network of a grammar's rules.
struct GrammarCompiler {
    private var network = GrammarNetwork()
    private var classes: [CodePointSet: ClassParts] = [:]

    /// - Throws: `.tooLarge`, `.leftRecursion`, `.emptyLanguage`.
    static func compile(_ rules: [GrammarParser.Rule]) throws(GrammarError) -> GrammarNetwork {
        var compiler = GrammarCompiler()
        for _ in rules { compiler.network.entries.append(try compiler.node()) }
        for (number, rule) in rules.enumerated() {
            guard let body = rule.body else { throw GrammarError(.undefinedRule(rule.name), offset: 0) }
            try compiler.define(number, as: body)
        }
        var network = compiler.network
        let check = GrammarCheck(network)
        let names = rules.map(\.name)
        if let rule = check.leftRecursiveRule {
            throw GrammarError(.leftRecursion(rule < names.count ? names[rule] : "of a repetition"), offset: 0)
        }
        let root = names.firstIndex(of: "root") ?? 0
        network.root = network.entries[root]
        guard check.isProductive(network.root) else { throw GrammarError(.emptyLanguage, offset: 0) }
        check.removeDeadEnds(from: &network)
        network.finish()
        return network
    }

    private mutating func node() throws(GrammarError) -> Int {
        guard network.nodes.count < GrammarLimits.nodesMax else {
            throw GrammarError(.tooLarge(nodesMax: GrammarLimits.nodesMax), offset: 0)
        }
        network.nodes.append(GrammarNetwork.Node())
        return network.nodes.count - 1
    }

    private mutating func define(_ rule: Int, as body: GrammarElement) throws(GrammarError) {
        let end = try build(body, from: network.entries[rule])
        network.nodes[end].isEnd = true
    }

    private mutating func connect(_ node: Int, _ edge: GrammarNetwork.Edge) { network.nodes[node].edges.append(edge) }

    /// Adds what reads `element` after `start`.
    ///
    /// - Returns: the node behind it.
    private mutating func build(_ element: GrammarElement, from start: Int) throws(GrammarError) -> Int {
        switch element {
        case .literal(let scalars): return try bytes(scalars, from: start)
        case .oneOf(let set): return try oneOf(set, from: start)
        case .rule(let rule):
            let back = try node()
            connect(start, .call(rule: rule, back: back))
            return back
        case .sequence(let elements):
            var end = start
            for element in elements { end = try build(element, from: end) }
            return end
        case .alternatives(let choices): return try alternatives(choices, from: start)
        case .repeated(let element, let least, let most):
            return try repeated(try unit(element), least, most, from: start)
        }
    }

    /// Choices that begin with the same literal bytes share the nodes that read them: a thousand listed words, or calls of a
    /// hundred functions, are one reading and not as many.
    private mutating func alternatives(_ choices: [GrammarElement], from start: Int) throws(GrammarError) -> Int {
        let (first, end) = (try node(), try node())
        connect(start, .jump(first))
        var shared: [SharedPlace: Int] = [:]
        for choice in choices {
            var place = first
            let (literal, rest) = choice.splittingLiteral
            for byte in String(String.UnicodeScalarView(literal)).utf8 {
                let key = SharedPlace(node: place, byte: byte)
                if let known = shared[key] {
                    place = known
                    continue
                }
                let next = try node()
                connect(place, .bytes(low: byte, high: byte, target: next))
                shared[key] = next
                place = next
            }
            // What follows begins at a node of its own, so that it cannot come back into what is shared.
            let own = try node()
            connect(place, .jump(own))
            connect(try build(.sequence(rest), from: own), .jump(end))
        }
        return end
    }

    private struct SharedPlace: Hashable {
        let node: Int
        let byte: UInt8
    }

    private mutating func bytes(_ scalars: [Unicode.Scalar], from start: Int) throws(GrammarError) -> Int {
        var end = start
        for byte in String(String.UnicodeScalarView(scalars)).utf8 {
            let target = try node()
            connect(end, .bytes(low: byte, high: byte, target: target))
            end = target
        }
        return end
    }

    /// ASCII is read at once, everything else by a rule that all uses of one class share.
    private mutating func oneOf(_ set: CodePointSet, from start: Int) throws(GrammarError) -> Int {
        let end = try node()
        let parts = try parts(of: set)
        for interval in parts.ascii {
            connect(start, .bytes(low: UInt8(interval.low), high: UInt8(interval.high), target: end))
        }
        if let rule = parts.rule { connect(start, .call(rule: rule, back: end)) }
        return end
    }

    private mutating func parts(of set: CodePointSet) throws(GrammarError) -> ClassParts {
        if let known = classes[set] { return known }
        let ascii = set.intersection(CodePointSet([CodePointSet.Interval(0, 0x7f)]))
        let rest = set.subtracting(ascii)
        let parts = ClassParts(ascii: ascii.intervals, rule: rest.isEmpty ? nil : try multibyteRule(rest))
        classes[set] = parts
        return parts
    }

    private struct ClassParts {
        let ascii: [CodePointSet.Interval]
        /// Reads the scalars beyond ASCII.
        let rule: Int?
    }

    private mutating func multibyteRule(_ set: CodePointSet) throws(GrammarError) -> Int {
        let (entry, end) = (try node(), try node())
        network.nodes[end].isEnd = true
        for sequence in set.intervals.flatMap(UTF8Ranges.sequences) {
            var place = entry
            for (index, range) in sequence.enumerated() {
                let target = index + 1 == sequence.count ? end : try node()
                connect(place, .bytes(low: range.low, high: range.high, target: target))
                place = target
            }
        }
        network.entries.append(entry)
        return network.entries.count - 1
    }

    /// What is copied for each repetition: small things themselves, others as a rule of their own.
    private mutating func unit(_ element: GrammarElement) throws(GrammarError) -> GrammarElement {
        switch element {
        case .oneOf, .rule: return element
        case .literal(let scalars) where scalars.count == 1: return element
        default:
            network.entries.append(try node())
            let rule = network.entries.count - 1
            try define(rule, as: element)
            return .rule(rule)
        }
    }

    private mutating func repeated(
        _ unit: GrammarElement, _ least: Int, _ most: Int?, from start: Int
    ) throws(GrammarError) -> Int {
        var end = start
        for _ in 0..<least { end = try build(unit, from: end) }
        guard let most else {
            let loop = try node()
            connect(end, .jump(loop))
            connect(try build(unit, from: loop), .jump(loop))
            // Not the loop itself, so that what follows does not begin inside it.
            let exit = try node()
            connect(loop, .jump(exit))
            return exit
        }
        let exit = try node()
        for _ in least..<most {
            connect(end, .jump(exit))
            end = try build(unit, from: end)
        }
        connect(end, .jump(exit))
        return exit
    }
}
