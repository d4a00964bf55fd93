/// The items of an array: some that are listed, then any number of one kind.
struct SchemaItems {
    let first: [String]
    let rest: String?
    let least: Int
    /// Nil for no bound.
    let most: Int?

    /// What stands behind the opening bracket, the closing one included.
    func write(to text: inout GrammarText) throws(SchemaError) -> String {
        // From behind: what follows item i, its comma included.
        var tail = repeated(from: first.count, isFirst: first.isEmpty)
        for index in first.indices.reversed() {
            let comma = index == 0 ? "" : "\(GrammarText.comma) "
            let name = try text.rule("items", "\(comma)\(first[index]) \(tail)")
            tail = index < least ? name : "(\"]\" | \(name))"
        }
        return tail
    }

    private func repeated(from number: Int, isFirst: Bool) -> String {
        guard let rest else { return "\"]\"" }
        let wanted = max(0, least - number)
        let room = most.map { $0 - number }
        let next = "(\(GrammarText.comma) \(rest))"
        guard isFirst else { return next + Self.times(wanted, room) + " \"]\"" }
        guard room != 0 else { return "\"]\"" }
        let body = "\(rest) \(next)\(Self.times(max(0, wanted - 1), room.map { $0 - 1 })) \"]\""
        return wanted == 0 ? "(\"]\" | \(body))" : body
    }

    private static func times(_ least: Int, _ most: Int?) -> String {
        switch (least, most) {
        case (0, nil): "*"
        case (let least, nil): "{\(least),}"
        case (let least, let most?): "{\(least),\(most)}"
        }
    }
}
