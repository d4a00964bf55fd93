/// A grammar as a network: nodes with edges that read a byte, enter a rule, or lead on for nothing.
struct GrammarNetwork: Sendable {
    enum Edge: Sendable {
        /// Reads a byte in [low, high].
        case bytes(low: UInt8, high: UInt8, target: Int)
        /// Reads a word of a rule, then goes on at `back`.
        case call(rule: Int, back: Int)
        case jump(Int)
    }

    struct Node: Sendable {
        var edges: [Edge] = []
        /// Whether its rule may end here.
        var isEnd = false
        /// Whether nothing but the rule's end lies behind it: whoever calls from before it need not come back.
        var isTail = false
        var readsBytes = false
    }

    var nodes: [Node] = []
    /// [rule]: where it begins.
    var entries: [Int] = []
    /// Where words begin.
    var root = 0
    /// [byte]: its class. Bytes of one class are on the same edges.
    private(set) var byteClasses = [UInt8](repeating: 0, count: 256)
    /// In [1, 256].
    private(set) var classCount = 1

    /// Marks what the walk looks up; to be called once, when all edges are there.
    mutating func finish() {
        var begins = [Bool](repeating: false, count: 257)
        for index in nodes.indices {
            for case .bytes(let low, let high, _) in nodes[index].edges {
                nodes[index].readsBytes = true
                begins[Int(low)] = true
                begins[Int(high) + 1] = true
            }
        }
        markTails()
        var number = 0
        for byte in 0..<256 {
            if byte > 0 && begins[byte] { number += 1 }
            byteClasses[byte] = UInt8(number)
        }
        classCount = number + 1
    }

    private mutating func markTails() {
        for start in nodes.indices {
            // Chains of jumps are short; a longer one costs depth of the stack, nothing else.
            var node = start
            for _ in 0..<8 {
                guard !nodes[node].isEnd, nodes[node].edges.count == 1, case .jump(let next) = nodes[node].edges[0]
                else { break }
                node = next
            }
            nodes[start].isTail = nodes[node].isEnd && nodes[node].edges.isEmpty
        }
    }
}
