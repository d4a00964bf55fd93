/// What can be said about a network before any text is read. Linear in its edges.
struct GrammarCheck {
    private let network: GrammarNetwork
    /// [node]: whether some text leads from it to its rule's end.
    private let productive: [Bool]
    /// [node]: whether the empty text does.
    private let nullable: [Bool]

    init(_ network: GrammarNetwork) {
        self.network = network
        productive = Self.leadingToEnds(network, readingBytes: true)
        nullable = Self.leadingToEnds(network, readingBytes: false)
    }

    func isProductive(_ node: Int) -> Bool { productive[node] }

    /// Takes out every edge behind which no rule can end, so that whatever was begun can be finished.
    func removeDeadEnds(from network: inout GrammarNetwork) {
        for index in network.nodes.indices {
            network.nodes[index].edges.removeAll { edge in
                switch edge {
                case .bytes(_, _, let target), .jump(let target): !productive[target]
                case .call(let rule, let back): !productive[network.entries[rule]] || !productive[back]
                }
            }
        }
    }

    /// Goes from the ends backwards.
    private static func leadingToEnds(_ network: GrammarNetwork, readingBytes: Bool) -> [Bool] {
        // [node]: whose value may change with its own.
        var dependents = [[Int]](repeating: [], count: network.nodes.count)
        for (index, node) in network.nodes.enumerated() {
            for edge in node.edges {
                switch edge {
                case .bytes(_, _, let target): if readingBytes { dependents[target].append(index) }
                case .jump(let target): dependents[target].append(index)
                case .call(let rule, let back):
                    dependents[back].append(index)
                    dependents[network.entries[rule]].append(index)
                }
            }
        }
        var leads = network.nodes.map(\.isEnd)
        var open = leads.indices.filter { leads[$0] }
        while let node = open.popLast() {
            for index in dependents[node] where !leads[index] {
                let holds = network.nodes[index].edges.contains { edge in
                    switch edge {
                    case .bytes(_, _, let target): readingBytes && leads[target]
                    case .jump(let target): leads[target]
                    case .call(let rule, let back): leads[network.entries[rule]] && leads[back]
                    }
                }
                if holds {
                    leads[index] = true
                    open.append(index)
                }
            }
        }
        return leads
    }

    /// A rule that can call itself before it has read a byte, or nil.
    var leftRecursiveRule: Int? {
        let calls = network.entries.map(firstCalls)
        // 0: not seen, 1: open, 2: done.
        var marks = [UInt8](repeating: 0, count: calls.count)
        for start in calls.indices where marks[start] == 0 {
            var path = [(rule: start, next: 0)]
            marks[start] = 1
            while let last = path.last {
                guard last.next < calls[last.rule].count else {
                    marks[last.rule] = 2
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let rule = calls[last.rule][last.next]
                if marks[rule] == 1 { return rule }
                if marks[rule] == 0 {
                    marks[rule] = 1
                    path.append((rule, 0))
                }
            }
        }
        return nil
    }

    /// The rules that may be called from `entry` on before a byte is read.
    private func firstCalls(from entry: Int) -> [Int] {
        var calls: [Int] = []
        var seen: Set<Int> = [entry]
        var open = [entry]
        while let node = open.popLast() {
            for edge in network.nodes[node].edges {
                switch edge {
                case .bytes: continue
                case .jump(let target): if seen.insert(target).inserted { open.append(target) }
                case .call(let rule, let back):
                    calls.append(rule)
                    if nullable[network.entries[rule]], seen.insert(back).inserted { open.append(back) }
                }
            }
        }
        return calls
    }
}
