import WireFormat

/// Objects: members in the order of the schema, those that are not required left out at will.
extension SchemaCompiler {
    private struct Property {
        let name: String
        let value: String
        let isRequired: Bool

        /// The member as it stands in a rule.
        var member: String {
            "\(GrammarText.literal(ToolCallText.encoded(name))) \(GrammarText.colon) \(value)"
        }
    }

    mutating func object(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        let open = try openMember(schema, at: path)
        let properties = try self.properties(schema, at: path)
        try check(schema, properties, isOpen: open != nil, at: path)
        if properties.isEmpty && open == nil { return "\"{}\"" }
        if properties.isEmpty && isAnything(schema) { return try text.object() }
        return try text.rule("object", "\"{\" \(try members(properties, open))")
    }

    /// Whether the schema says nothing about what an object holds.
    private func isAnything(_ schema: JSONObject) -> Bool {
        switch schema["additionalProperties"] {
        case nil, .boolean(true): true
        default: false
        }
    }

    private mutating func properties(_ schema: JSONObject, at path: String) throws(SchemaError) -> [Property] {
        let required = try names(in: schema["required"], at: "\(path)/required")
        guard let declared = (schema["properties"] ?? .object(JSONObject())).object else {
            throw refusal("\(path)/properties", "it is not an object")
        }
        var properties: [Property] = []
        for member in declared.members {
            let isRequired = required.contains(.string(member.key))
            if case .boolean(false) = member.value, !isRequired { continue }
            let value = try expression(member.value, at: "\(path)/properties/\(Self.escaped(member.key))")
            properties.append(Property(name: member.key, value: value, isRequired: isRequired))
        }
        for name in required {
            guard let name = name.string, declared[name] == nil else { continue }
            let rest = schema["additionalProperties"] ?? .boolean(true)
            if case .boolean(false) = rest { throw refusal("\(path)/required", "a property that is not allowed") }
            let value = try expression(rest, at: "\(path)/additionalProperties")
            properties.append(Property(name: name, value: value, isRequired: true))
        }
        return properties
    }

    /// A key as a step of a JSON pointer.
    private static func escaped(_ key: String) -> String {
        var step = String.UnicodeScalarView()
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": step.append(contentsOf: "~0".unicodeScalars)
            case "/": step.append(contentsOf: "~1".unicodeScalars)
            default: step.append(scalar)
            }
        }
        return String(step)
    }

    private func names(in value: JSONValue?, at path: String) throws(SchemaError) -> [JSONValue] {
        guard let value else { return [] }
        guard let names = value.array, names.allSatisfy({ $0.string != nil }) else {
            throw refusal(path, "it is not a list of names")
        }
        return names.enumerated().filter { !names[..<$0.offset].contains($0.element) }.map(\.element)
    }

    /// A member whose key the schema leaves open, or nil where there is none.
    private mutating func openMember(_ schema: JSONObject, at path: String) throws(SchemaError) -> String? {
        switch schema["additionalProperties"] {
        case .boolean(false): return nil
        // A model that may write anything does; whoever wants more members than these says so.
        case nil where schema["properties"] != nil: return nil
        case nil: break
        case .boolean(true): break
        case .object: break
        case .some: throw refusal("\(path)/additionalProperties", "it is not a schema")
        }
        let declared = schema["properties"]?.object?.members.map(\.key) ?? []
        let required = (schema["required"]?.array ?? []).compactMap(\.string)
        let value = try expression(
            schema["additionalProperties"] ?? .boolean(true), at: "\(path)/additionalProperties")
        let key = try KeyExclusion(declared + required).write(to: &text)
        return try text.rule("member", "\"\\\"\" \(key) \"\\\"\" \(GrammarText.colon) \(value)")
    }

    private func check(
        _ schema: JSONObject, _ properties: [Property], isOpen: Bool, at path: String
    ) throws(SchemaError) {
        let required = properties.count { $0.isRequired }
        if let least = try count("minProperties", schema, at: path), least > required {
            throw refusal(
                "\(path)/minProperties", "it is above the number of required properties, which is not supported")
        }
        if let most = try count("maxProperties", schema, at: path), isOpen || most < properties.count {
            throw refusal("\(path)/maxProperties", "it is below the number of properties, which is not supported")
        }
    }

    /// What stands behind the opening brace, the closing one included.
    private mutating func members(_ properties: [Property], _ open: String?) throws(SchemaError) -> String {
        // `after`: what follows once a member is there. `first`: from a place where none is.
        var after = open.map { "(\(GrammarText.comma) \($0))* \"}\"" } ?? "\"}\""
        var first = open.map { "(\"}\" | \($0) \(after))" } ?? "\"}\""
        for property in properties.reversed() {
            let member = try text.rule("member", property.member)
            let then = "\(member) \(after)"
            first = property.isRequired ? then : "\(then) | \(first)"
            after = "\(GrammarText.comma) \(member)".optional(unless: property.isRequired) + " \(after)"
            first = try text.rule("members", first)
            after = try text.rule("more", after)
        }
        return first
    }
}

extension String {
    /// An element that may be left out.
    fileprivate func optional(unless isRequired: Bool) -> String { isRequired ? self : "(\(self))?" }
}
