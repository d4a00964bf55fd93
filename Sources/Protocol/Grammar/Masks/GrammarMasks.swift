/// Which tokens may come next, for the states of one grammar and one vocabulary; remembers what it found.
///
/// States and their steps are numbered as they are met, so that a walk through a whole vocabulary is mostly looking up.
/// What it answers depends on nothing that was asked before.
public struct GrammarMasks: Sendable {
    public let grammar: Grammar
    public let trie: TokenTrie
    private let bounds: Bounds
    private let byteClasses: [UInt8]
    private let classCount: Int
    private var states: [GrammarState] = []
    private var numbers: [GrammarState: Int32] = [:]
    /// [state · classes + class of the byte]: the next state.
    private var steps: [Int32] = []
    /// [state]: the walk that last came through it.
    private var lastWalks: [Int] = []
    private var walkCount = 0
    private var masks: [GrammarState: TokenMask] = [:]

    private static let unknown: Int32 = -1
    private static let nowhere: Int32 = -2

    /// How much is remembered.
    public struct Bounds: Sendable {
        /// States at once; a state from which one token can lead to more allows none.
        public var statesMax = 8192
        /// Nodes on the stacks of all states that one walk comes through; a state from which it is more allows no token. It
        /// bounds the time that a walk takes, and does not depend on what is remembered.
        public var walkNodesMax = 262_144
        /// Masks of all states together, in bytes; at least one is kept.
        public var maskBytesMax = 4 << 20

        public init() {}
    }

    public init(_ grammar: Grammar, _ trie: TokenTrie, bounds: Bounds = Bounds()) {
        self.grammar = grammar
        self.trie = trie
        self.bounds = bounds
        (byteClasses, classCount) = (grammar.network.byteClasses, grammar.network.classCount)
    }

    /// The tokens whose bytes go on towards a word, and the end tokens where `state` is complete.
    ///
    /// Costs a walk through the vocabulary the first time, and a look-up after that. Empty where no token leads on.
    public mutating func mask(for state: GrammarState) -> TokenMask {
        if let mask = masks[state] { return mask }
        let mask = walk(from: state)
        if (masks.count + 1) * max(1, mask.words.count) * 8 > bounds.maskBytesMax { masks = [:] }
        masks[state] = mask
        return mask
    }

    /// The state after a token that the mask of `state` holds, or nil for any other, end tokens included.
    public mutating func state(after token: UInt32, in state: GrammarState) -> GrammarState? {
        guard Int(token) < trie.pieces.count, !trie.pieces[Int(token)].isEmpty else { return nil }
        makeRoom()
        guard var number = number(of: state) else { return nil }
        for byte in trie.pieces[Int(token)] {
            guard let next = step(from: number, byte) else {
                return grammar.state(after: trie.pieces[Int(token)], in: state)
            }
            if next < 0 { return nil }
            number = next
        }
        return states[Int(number)]
    }

    private mutating func walk(from state: GrammarState) -> TokenMask {
        makeRoom()
        // A walk that runs out of numbers begins again with all of them, so that the answer is always the same.
        if let mask = attempt(from: state) { return mask }
        forget()
        return attempt(from: state) ?? TokenMask(vocabularySize: trie.vocabularySize)
    }

    /// The mask, or nil where the numbers ran out.
    private mutating func attempt(from state: GrammarState) -> TokenMask? {
        var mask = TokenMask(vocabularySize: trie.vocabularySize)
        if state.isComplete { for token in trie.endTokens { mask.insert(token) } }
        guard let start = number(of: state) else { return nil }
        // [depth]: the state there.
        var path = [Int32](repeating: start, count: trie.depthMax + 1)
        var (node, nodesOnStacks) = (0, 0)
        walkCount += 1
        let (bytes, depths, starts, tokens) = (trie.bytes, trie.depths, trie.tokenStarts, trie.tokens)
        while node < bytes.count {
            let depth = Int(depths[node])
            guard let next = step(from: path[depth - 1], bytes[node]) else { return nil }
            guard next >= 0 else {
                node = Int(trie.ends[node])
                continue
            }
            path[depth] = next
            if lastWalks[Int(next)] != walkCount {
                lastWalks[Int(next)] = walkCount
                nodesOnStacks += states[Int(next)].size
                guard nodesOnStacks <= bounds.walkNodesMax else { return nil }
            }
            for index in Int(starts[node])..<Int(starts[node + 1]) { mask.insert(tokens[index]) }
            node += 1
        }
        return mask
    }

    /// The next state's number, below 0 where there is none; nil where the numbers ran out.
    @inline(__always)
    private mutating func step(from number: Int32, _ byte: UInt8) -> Int32? {
        let place = Int(number) * classCount + Int(byteClasses[Int(byte)])
        let known = steps[place]
        return known == GrammarMasks.unknown ? learn(place, from: number, byte) : known
    }

    private mutating func learn(_ place: Int, from number: Int32, _ byte: UInt8) -> Int32? {
        var next = GrammarMasks.nowhere
        if let state = grammar.state(after: byte, in: states[Int(number)]) {
            guard let number = self.number(of: state) else { return nil }
            next = number
        }
        steps[place] = next
        return next
    }

    private mutating func number(of state: GrammarState) -> Int32? {
        if let number = numbers[state] { return number }
        guard states.count < bounds.statesMax else { return nil }
        let number = Int32(states.count)
        states.append(state)
        lastWalks.append(0)
        numbers[state] = number
        steps += repeatElement(GrammarMasks.unknown, count: classCount)
        return number
    }

    private mutating func makeRoom() { if states.count * 4 > bounds.statesMax * 3 { forget() } }

    private mutating func forget() { (states, numbers, steps, lastWalks) = ([], [:], [], []) }
}
