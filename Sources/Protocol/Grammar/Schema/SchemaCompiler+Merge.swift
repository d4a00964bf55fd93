import WireFormat

/// Two schemas that must both hold, as one.
extension SchemaCompiler {
    /// - Parameter path: of the second, for errors.
    mutating func merge(_ first: JSONObject, _ second: JSONObject, at path: String) throws(SchemaError) -> JSONObject {
        try countStep()
        mergeDepth += 1
        defer { mergeDepth -= 1 }
        guard mergeDepth <= Self.depthMax, path.utf8.count <= Self.pathBytesMax else {
            throw refusal("#", "schemas are nested too deep")
        }
        try checkLists(first, at: path)
        try checkLists(second, at: path)
        let (first, second) = (first.spellingOutNullable, second.spellingOutNullable)
        // `items` says something about other items where some are listed.
        for (one, other) in [(first, second), (second, first)]
        where one["prefixItems"] != nil && other["prefixItems"] == nil && other["items"] != nil {
            throw refusal("\(path)/prefixItems", "it cannot be combined with items")
        }
        var result: [JSONObject.Member] = []
        for member in first.members {
            guard let other = second[member.key] else {
                result.append(member)
                continue
            }
            let place = "\(path)/\(member.key)"
            let both = try merged(member.key, member.value, other, at: place)
            result.append(JSONObject.Member(key: member.key, value: both))
        }
        result += second.members.filter { first[$0.key] == nil }
        return try closingProperties(JSONObject(result), first, second, at: path)
    }

    /// Each merge makes the path longer, so this bounds those that lead back to themselves.
    private static let pathBytesMax = 4096

    private mutating func merged(
        _ keyword: String, _ first: JSONValue, _ second: JSONValue, at path: String
    ) throws(SchemaError) -> JSONValue {
        if first == second { return first }
        try countStep(pairs: Self.elements(first) * Self.elements(second))
        switch keyword {
        case "type": return try types(first, second, at: path)
        case "properties", "additionalProperties", "items": return try schemas(keyword, first, second, at: path)
        case "required":
            let names = first.array ?? []
            return .array(names + (second.array ?? []).filter { !names.contains($0) })
        case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
            return try bound(first, second, at: path) { $0 >= $1 }
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
            return try bound(first, second, at: path) { $0 <= $1 }
        case "enum":
            let values = second.array ?? []
            return .array((first.array ?? []).filter { values.contains($0) })
        default:
            guard SchemaKeywords.supported.contains(keyword) else { return first }
            throw refusal(path, "two different values of this keyword cannot be combined")
        }
    }

    private static func elements(_ value: JSONValue) -> Int {
        value.array?.count ?? value.object?.members.count ?? 1
    }

    private func types(_ first: JSONValue, _ second: JSONValue, at path: String) throws(SchemaError) -> JSONValue {
        let names = (first.array ?? [first], second.array ?? [second])
        var common: [JSONValue] = []
        for name in names.0 {
            if names.1.contains(name) { common.append(name) }
            if name == "number", names.1.contains("integer"), !names.1.contains(name) { common.append("integer") }
            if name == "integer", names.1.contains("number"), !names.1.contains(name) { common.append(name) }
        }
        guard !common.isEmpty else { throw refusal(path, "nothing has both types") }
        return .array(common)
    }

    private mutating func schemas(
        _ keyword: String, _ first: JSONValue, _ second: JSONValue, at path: String
    ) throws(SchemaError) -> JSONValue {
        guard keyword == "properties" else { return try both(first, second, at: path) }
        var result: [JSONObject.Member] = []
        for member in first.object?.members ?? [] {
            var value = member.value
            if let other = second[member.key] { value = try both(value, other, at: "\(path)/\(member.key)") }
            result.append(JSONObject.Member(key: member.key, value: value))
        }
        result += (second.object?.members ?? []).filter { first[$0.key] == nil }
        return .object(JSONObject(result))
    }

    private mutating func both(_ first: JSONValue, _ second: JSONValue, at path: String) throws(SchemaError)
        -> JSONValue
    {
        if first == .boolean(false) || second == .boolean(false) { return .boolean(false) }
        if first == .boolean(true) { return second }
        if second == .boolean(true) { return first }
        let left = try object(first, at: path).assertions(without: [])
        let right = try object(second, at: path).assertions(without: [])
        return .object(try merge(left, right, at: path))
    }

    private func bound(
        _ first: JSONValue, _ second: JSONValue, at path: String, _ isStricter: (Decimal, Decimal) -> Bool
    ) throws(SchemaError) -> JSONValue {
        guard let left = first.number.flatMap({ Decimal($0) }), let right = second.number.flatMap({ Decimal($0) })
        else {
            throw refusal(path, "this bound is not a plain number")
        }
        return isStricter(left, right) ? first : second
    }

    /// A property that only one side names must satisfy what the other says of the rest.
    private mutating func closingProperties(
        _ merged: JSONObject, _ first: JSONObject, _ second: JSONObject, at path: String
    ) throws(SchemaError) -> JSONObject {
        guard let properties = merged["properties"]?.object else { return merged }
        var members: [JSONObject.Member] = []
        for member in properties.members {
            var value = member.value
            for side in [first, second] {
                guard let rest = side["additionalProperties"], side["properties"]?[member.key] == nil else { continue }
                value = try both(value, rest, at: "\(path)/properties/\(member.key)")
            }
            members.append(JSONObject.Member(key: member.key, value: value))
        }
        let closed = JSONValue.object(JSONObject(members))
        return JSONObject(
            merged.members.map { $0.key == "properties" ? JSONObject.Member(key: "properties", value: closed) : $0 })
    }
}

extension JSONObject {
    /// The same with `nullable` as one more type, so that both sides of a merge must allow null.
    fileprivate var spellingOutNullable: JSONObject {
        guard self["nullable"] != nil else { return self }
        let isNullable = self["nullable"] == .boolean(true)
        return JSONObject(
            members.compactMap { member in
                if member.key == "nullable" { return nil }
                guard member.key == "type", isNullable else { return member }
                return Member(key: "type", value: .array((member.value.array ?? [member.value]) + ["null"]))
            })
    }
}
