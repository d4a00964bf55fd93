/// Collects the readings that stand before a byte, from where a byte has led.
struct GrammarClosure {
    private let network: GrammarNetwork
    private var stacks: Set<[UInt32]> = []
    private var seen: Set<[UInt32]> = []
    private var isComplete = false
    private var isTooMuch = false

    init(network: GrammarNetwork) { self.network = network }

    /// Follows everything that can be reached from `node` without a byte, inside the rules that `frames` come back to.
    mutating func follow(_ node: Int, frames: ArraySlice<UInt32>) {
        var open = [Array(frames) + [UInt32(node)]]
        while let stack = open.popLast() {
            guard !isTooMuch, let top = stack.last, seen.insert(stack).inserted else { continue }
            if seen.count > GrammarClosure.seenMax { isTooMuch = true }
            let node = network.nodes[Int(top)]
            if node.readsBytes { add(stack) }
            if node.isEnd {
                if stack.count == 1 { isComplete = true } else { open.append(stack.dropLast()) }
            }
            for edge in node.edges {
                switch edge {
                case .bytes: continue
                case .jump(let target): open.append(stack.dropLast() + [UInt32(target)])
                case .call(let rule, let back):
                    guard stack.count <= GrammarLimits.stackDepthMax else { continue }
                    let frames = network.nodes[back].isTail ? stack.dropLast() : stack.dropLast() + [UInt32(back)]
                    open.append(frames + [UInt32(network.entries[rule])])
                }
            }
        }
    }

    private mutating func add(_ stack: [UInt32]) {
        stacks.insert(stack)
        if stacks.count > GrammarLimits.stacksMax { isTooMuch = true }
    }

    /// What was collected; nil where nothing goes on, or too much does.
    var state: GrammarState? {
        guard !isTooMuch, isComplete || !stacks.isEmpty else { return nil }
        return GrammarState(
            stacks: stacks.sorted { $0.lexicographicallyPrecedes($1) }, isComplete: isComplete)
    }

    /// Steps without a byte between two bytes; an honest grammar takes some hundred.
    private static let seenMax = 8192
}
