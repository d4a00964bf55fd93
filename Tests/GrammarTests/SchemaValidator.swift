import WireFormat

/// Says whether a value satisfies a schema, straight from the words of JSON Schema: nothing is shared with the compiler.
/// `oneOf` is read as `anyOf`, as the compiler states.
struct SchemaValidator {
    let document: JSONValue

    func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        if let always = schema.boolean { return always }
        guard let schema = schema.object else { return false }
        return schema.members.allSatisfy { satisfies(value, $0.key, $0.value, schema) }
    }

    private func satisfies(_ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ schema: JSONObject) -> Bool {
        let list = argument.array ?? []
        switch keyword {
        case "$ref": return isValid(value, target(argument.string ?? ""))
        case "allOf": return list.allSatisfy { isValid(value, $0) }
        case "anyOf", "oneOf": return list.contains { isValid(value, $0) }
        case "const": return value == argument
        case "enum": return list.contains(value)
        case "type":
            if value.isNull, schema["nullable"] == .boolean(true) { return true }
            return (argument.array ?? [argument]).contains { has(value, $0.string ?? "") }
        default: break
        }
        switch value {
        case .object(let object): return satisfies(object, keyword, argument, schema)
        case .array(let items): return satisfies(items, keyword, argument, schema)
        case .string(let text): return satisfies(text, keyword, argument)
        case .number(let number): return satisfies(number, keyword, argument)
        default: return true
        }
    }

    private func target(_ pointer: String) -> JSONValue {
        pointer.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .boolean(false) }
    }

    private func has(_ value: JSONValue, _ type: String) -> Bool {
        switch value {
        case .null: type == "null"
        case .boolean: type == "boolean"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        case .number(let number):
            type == "number" || type == "integer" && (Double(number.text).map { $0 == $0.rounded() } ?? false)
        }
    }

    private func satisfies(_ object: JSONObject, _ keyword: String, _ argument: JSONValue, _ schema: JSONObject) -> Bool
    {
        switch keyword {
        case "required": return (argument.array ?? []).allSatisfy { object[$0.string ?? ""] != nil }
        case "properties":
            return object.members.allSatisfy { member in argument[member.key].map { isValid(member.value, $0) } ?? true
            }
        case "additionalProperties":
            return object.members.allSatisfy { member in
                schema["properties"]?[member.key] != nil || isValid(member.value, argument)
            }
        default: return true
        }
    }

    private func satisfies(_ items: [JSONValue], _ keyword: String, _ argument: JSONValue, _ schema: JSONObject) -> Bool
    {
        let listed = schema["prefixItems"]?.array ?? []
        switch keyword {
        case "items": return items.dropFirst(listed.count).allSatisfy { isValid($0, argument) }
        case "prefixItems": return zip(items, listed).allSatisfy { isValid($0, $1) }
        case "minItems": return items.count >= Int(argument.number?.uint64 ?? 0)
        case "maxItems": return items.count <= Int(argument.number?.uint64 ?? 0)
        default: return true
        }
    }

    private func satisfies(_ text: String, _ keyword: String, _ argument: JSONValue) -> Bool {
        switch keyword {
        case "minLength": text.unicodeScalars.count >= Int(argument.number?.uint64 ?? 0)
        case "maxLength": text.unicodeScalars.count <= Int(argument.number?.uint64 ?? 0)
        case "pattern": Self.matches(text, argument.string ?? "")
        default: true
        }
    }

    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
        return text.contains(regex)
    }

    private func satisfies(_ number: JSONNumber, _ keyword: String, _ argument: JSONValue) -> Bool {
        guard let value = Double(number.text), let bound = argument.number.flatMap({ Double($0.text) }) else {
            return true
        }
        return switch keyword {
        case "minimum": value >= bound
        case "maximum": value <= bound
        case "exclusiveMinimum": value > bound
        case "exclusiveMaximum": value < bound
        case "multipleOf": abs((value / bound).rounded() * bound - value) < 1e-9 * max(1, abs(value))
        default: true
        }
    }
}
