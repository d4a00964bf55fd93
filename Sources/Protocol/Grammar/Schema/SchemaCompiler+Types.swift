import WireFormat

/// Values by their types, and those that are listed.
extension SchemaCompiler {
    /// The words of a schema without references and choices.
    mutating func typed(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        var names = try types(of: schema, at: path)
        if names.contains("number") { names.removeAll { $0 == "integer" } }
        var alternatives: [String] = []
        for name in names {
            switch name {
            case "object": alternatives.append(try object(schema, at: path))
            case "array": alternatives.append(try array(schema, at: path))
            case "string": alternatives.append(try string(schema, at: path))
            case "number": alternatives.append(try number(schema, isInteger: false, at: path))
            case "integer": alternatives.append(try number(schema, isInteger: true, at: path))
            case "boolean": alternatives.append("(\"true\" | \"false\")")
            case "null": alternatives.append("\"null\"")
            case "any": alternatives.append(try text.value())
            default: throw refusal("\(path)/type", "there is no such type")
            }
        }
        if alternatives.count == 1 { return alternatives[0] }
        return try text.rule("any", alternatives.joined(separator: " | "))
    }

    /// The types that a value may have, none twice; `any` where nothing says.
    private func types(of schema: JSONObject, at path: String) throws(SchemaError) -> [String] {
        let isNullable = schema["nullable"] == .boolean(true)
        guard let type = schema["type"] else {
            let implied = SchemaKeywords.typeOfKeyword.filter { $0.keywords.contains { schema[$0] != nil } }
            // Other types would satisfy it, too; whoever writes such a schema means these.
            if implied.isEmpty { return ["any"] }
            return implied.map(\.type) + (isNullable ? ["null"] : [])
        }
        var names: [String] = []
        for name in type.array ?? [type] {
            guard let name = name.string else { throw refusal("\(path)/type", "it is not a type's name") }
            if !names.contains(name) { names.append(name) }
        }
        guard !names.isEmpty else { throw refusal("\(path)/type", "it is empty") }
        if isNullable && !names.contains("null") { names.append("null") }
        return names
    }

    /// `enum` and `const`: the values as they were written.
    mutating func enumeration(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        for member in schema.assertions(without: ["enum", "const", "type", "nullable"]).members {
            throw refusal("\(path)/\(member.key)", "this keyword cannot stand beside enum or const")
        }
        var values = schema["const"].map { [$0] } ?? []
        if let list = schema["enum"] {
            guard let list = list.array, !list.isEmpty else {
                throw refusal("\(path)/enum", "it is not a list of values")
            }
            values = values.isEmpty ? list : values.filter { list.contains($0) }
        }
        if schema["type"] != nil {
            let names = try types(of: schema, at: path)
            values = values.filter { value in names.contains { Self.has(value, type: $0) } }
        }
        guard !values.isEmpty else { throw refusal(path, "no listed value satisfies it") }
        let literals = values.map { GrammarText.literal(String(decoding: $0.encoded(), as: UTF8.self)) }
        return literals.count == 1 ? literals[0] : try text.rule("one-of", literals.joined(separator: " | "))
    }

    private static func has(_ value: JSONValue, type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .boolean: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number.isInteger
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private mutating func string(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        let least = try count("minLength", schema, at: path) ?? 0
        let most = try count("maxLength", schema, at: path)
        let isBounded = least > 0 || most != nil
        if let pattern = schema["pattern"] {
            guard let pattern = pattern.string else { throw refusal("\(path)/pattern", "it is not a string") }
            guard !isBounded else { throw refusal("\(path)/pattern", "it cannot stand beside minLength or maxLength") }
            return try self.pattern(pattern, at: "\(path)/pattern")
        }
        if !isBounded, let format = schema["format"]?.string, let body = SchemaFormat.grammar(of: format) {
            return try text.rule("format", "\"\\\"\" \(body) \"\\\"\"")
        }
        guard isBounded else { return try text.string() }
        let limit = GrammarLimits.repetitionMax
        guard least <= limit else { throw refusal("\(path)/minLength", "it is above \(limit)") }
        guard least <= most ?? least else { throw refusal("\(path)/maxLength", "it is below minLength") }
        let times = most.map { "{\(least),\(min($0, limit))}" } ?? "{\(least),}"
        return try text.rule("text", "\"\\\"\" \(try text.character())\(times) \"\\\"\"")
    }

    private mutating func pattern(_ pattern: String, at path: String) throws(SchemaError) -> String {
        do {
            let body = try PatternGrammar.grammar(of: pattern, anyCharacter: try text.character())
            return try text.rule("pattern", "\"\\\"\" (\(body)) \"\\\"\"")
        } catch let error as PatternError {
            throw refusal(path, error.reason)
        } catch let error as SchemaError {
            throw error
        } catch {
            throw refusal(path, "\(error)")
        }
    }

    private mutating func array(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        if schema["uniqueItems"] == .boolean(true) {
            throw refusal("\(path)/uniqueItems", "this keyword is not supported")
        }
        let least = try count("minItems", schema, at: path) ?? 0
        let most = try count("maxItems", schema, at: path)
        guard least <= Self.itemsMax else { throw refusal("\(path)/minItems", "it is above \(Self.itemsMax)") }
        guard least <= most ?? least else { throw refusal("\(path)/maxItems", "it is below minItems") }
        var first: [String] = []
        if let prefix = schema["prefixItems"] {
            guard let prefix = prefix.array else { throw refusal("\(path)/prefixItems", "it is not a list of schemas") }
            for (index, item) in prefix.enumerated() where index < most ?? prefix.count {
                first.append(try expression(item, at: "\(path)/prefixItems/\(index)"))
            }
        }
        // Behind listed items nothing more comes unless the schema says what.
        let isOpen = first.isEmpty && schema["prefixItems"] == nil || schema["items"] != nil
        var rest: String?
        if isOpen, schema["items"] != .boolean(false), most.map({ $0 > first.count }) ?? true {
            rest = try expression(schema["items"] ?? .boolean(true), at: "\(path)/items")
        }
        guard rest != nil || least <= first.count else { throw refusal("\(path)/minItems", "there are fewer items") }
        let items = SchemaItems(first: first, rest: rest, least: least, most: most.map { min($0, Self.itemsMax) })
        return try text.rule("array", "\"[\" \(try items.write(to: &text))")
    }

    /// The most items that a schema may count.
    private static let itemsMax = 1024
}
