/// The rules of JSON that schemas share. Compact: after a comma and a colon at most one space.
extension GrammarText {
    static let comma = "\",\" \" \"?"
    static let colon = "\":\" \" \"?"

    /// What stands in a string without an escape.
    static let plainCharacters = CodePointSet([CodePointSet.Interval(0, 0x1f), CodePointSet.Interval(0x7f, 0x7f)])
        .union(CodePointSet(of: "\"\\")).inverted

    /// One character of a string, escaped or not; half a surrogate pair is none.
    mutating func character() throws(SchemaError) -> String {
        let hex = "[0-9a-fA-F]"
        let scalar = "[0-9a-cA-CefEF] \(hex){3} | [dD] [0-7] \(hex){2}"
        let pair = "[dD] [89abAB] \(hex){2} \"\\\\u\" [dD] [c-fC-F] \(hex){2}"
        let escape = try rule("escape", "[\\\"\\\\/bfnrt] | \"u\" (\(scalar) | \(pair))")
        return try rule("char", "\(Self.characterClass(Self.plainCharacters)) | \"\\\\\" \(escape)")
    }

    mutating func string() throws(SchemaError) -> String {
        try rule("string", "\"\\\"\" \(try character())* \"\\\"\"")
    }

    /// Of 32 characters at most.
    mutating func number() throws(SchemaError) -> String {
        try rule(
            "number",
            "\"-\"? (\"0\" | [1-9] [0-9]{0,14}) (\".\" [0-9]{1,10})? ([eE] [-+]? [0-9]{1,2})?")
    }

    mutating func integer() throws(SchemaError) -> String {
        try rule("integer", "\"0\" | \"-\"? [1-9] [0-9]{0,14}")
    }

    /// Any value, nested as deep as the matcher follows.
    mutating func value() throws(SchemaError) -> String { try valueAndObject().value }

    /// Any object.
    mutating func object() throws(SchemaError) -> String { try valueAndObject().object }

    private mutating func valueAndObject() throws(SchemaError) -> (value: String, object: String) {
        if let known { return known }
        let names = (value: reserve("value"), object: reserve("object"))
        known = names
        // Brackets close at the end of what they hold: so each level is one open rule, not two.
        let members = reserve("members")
        try define(names.object, "\"{\" (\"}\" | \(members))")
        try define(members, "\(try string()) \(Self.colon) \(names.value) (\"}\" | \(Self.comma) \(members))")
        let (array, items) = (reserve("array"), reserve("items"))
        try define(array, "\"[\" (\"]\" | \(items))")
        try define(items, "\(names.value) (\"]\" | \(Self.comma) \(items))")
        let scalars = "\(try string()) | \(try number()) | \"true\" | \"false\" | \"null\""
        try define(names.value, "\(names.object) | \(array) | \(scalars)")
        return names
    }
}
