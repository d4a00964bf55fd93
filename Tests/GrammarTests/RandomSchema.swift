import WireFormat

/// Small schemas of everything that the compiler supports, drawn from a seed.
struct RandomSchema {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// An object's, mostly, with definitions that refer to each other.
    mutating func next() -> JSONValue {
        var members = [JSONObject.Member(key: "$schema", value: "https://json-schema.org/draft/2020-12/schema")]
        members += (one(in: 4) ? schema(depth: 3) : object(depth: 3)).object?.members ?? []
        members.append(.init(key: "$defs", value: ["a": schema(depth: 1), "b": tree()]))
        return .object(JSONObject(members))
    }

    private mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    private mutating func one(in count: Int) -> Bool { below(count) == 0 }
    private mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    private mutating func schema(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 14 : 8) {
        case 0, 1: text()
        case 2, 3: number()
        case 4: ["type": .string(pick(["boolean", "null", "string", "integer"])), "description": "d"]
        case 5:
            pick([
                ["enum": ["a", 1, .null, "\"\\"]], ["const": ["x": [1, 2]]], ["type": "string", "enum": ["é", 3, ""]],
            ])
        case 6: pick([["type": ["string", "null"]], ["type": "integer", "nullable": true], .boolean(true), [:]])
        case 7: ["$ref": .string(pick(["#/$defs/b", "#/$defs/b", "#/properties/a"]))]
        case 8: [pick(["anyOf", "oneOf"]): [schema(depth: depth - 1), schema(depth: depth - 1)]]
        case 9, 10: array(depth: depth)
        case 11: ["allOf": [object(depth: depth - 1), object(depth: depth - 1)]]
        default: object(depth: depth)
        }
    }

    /// A definition that leads back to itself.
    private func tree() -> JSONValue {
        [
            "type": "object",
            "properties": ["v": ["type": "integer"], "next": ["anyOf": [["$ref": "#/$defs/b"], ["type": "null"]]]],
            "required": ["v"], "additionalProperties": .boolean(false),
        ]
    }

    private mutating func object(depth: Int) -> JSONValue {
        let names = ["a", "b", "ab", "é", "q\"\\"].prefix(below(6))
        var members = [JSONObject.Member(key: "type", value: "object")]
        if !names.isEmpty {
            let properties = names.map { JSONObject.Member(key: $0, value: schema(depth: depth - 1)) }
            members.append(.init(key: "properties", value: .object(JSONObject(properties))))
            let required = names.filter { _ in one(in: 2) }.map { JSONValue.string($0) }
            members.append(.init(key: "required", value: .array(required)))
        }
        switch below(4) {
        case 0: members.append(.init(key: "additionalProperties", value: schema(depth: 0)))
        case 1, 2: members.append(.init(key: "additionalProperties", value: false))
        default: break
        }
        return .object(JSONObject(members))
    }

    private mutating func array(depth: Int) -> JSONValue {
        var members = [JSONObject.Member(key: "type", value: "array")]
        if one(in: 3) {
            members.append(.init(key: "prefixItems", value: [schema(depth: depth - 1), schema(depth: 0)]))
        }
        if !one(in: 3) { members.append(.init(key: "items", value: schema(depth: depth - 1))) }
        let least = Int64(below(3))
        if one(in: 2) { members.append(.init(key: "minItems", value: .number(least))) }
        if one(in: 2) { members.append(.init(key: "maxItems", value: .number(least + Int64(below(3))))) }
        return .object(JSONObject(members))
    }

    private mutating func text() -> JSONValue {
        switch below(4) {
        case 0: return ["type": "string"]
        case 1:
            let least = Int64(below(3))
            return ["type": "string", "minLength": .number(least), "maxLength": .number(least + Int64(below(4)))]
        case 2: return ["type": "string", "format": .string(pick(SchemaFormats.known))]
        default: return ["type": "string", "pattern": .string(pick(SchemaFormats.patterns))]
        }
    }

    private mutating func number() -> JSONValue {
        let type = pick(["integer", "number"])
        var members = [JSONObject.Member(key: "type", value: .string(type))]
        let low = Int64(below(400)) - 200
        if one(in: 2) { members.append(.init(key: pick(["minimum", "exclusiveMinimum"]), value: bound(low))) }
        if one(in: 2) {
            members.append(.init(key: pick(["maximum", "exclusiveMaximum"]), value: bound(low + Int64(below(300)))))
        }
        if one(in: 4) {
            let steps: [JSONValue] = [2, 5, 7] + ["0.1", "0.01"].compactMap(RandomSchema.number)
            members.append(.init(key: "multipleOf", value: pick(steps)))
        }
        return .object(JSONObject(members))
    }

    private mutating func bound(_ value: Int64) -> JSONValue {
        let fraction = pick(["", "", ".5", ".25", ".07", ".999"])
        return RandomSchema.number("\(value)\(fraction)") ?? .number(value)
    }

    static func number(_ text: String) -> JSONValue? { try? JSONParser.parse(Array(text.utf8)) }
}

/// What strings are held to in these tests.
enum SchemaFormats {
    static let known = [
        "date", "time", "date-time", "duration", "uuid", "ipv4", "ipv6", "hostname", "email", "unheard-of",
    ]

    static let patterns = [
        "^[a-c]{1,3}$", "^\\d+(\\.\\d{2})?$", "x", "^(ab|cd)*e?$", "^[^a-z]+$|^q", "\\s", "^\\S{2}.$", "\\w\\W",
        "^[\\w.]+@\\w+$",
        "^\"\\\\$", "^(?:a|b)+?(?<n>c)$", "^[\\d\\-é]{0,4}$", "^\\u00e9\\x41\\/$", "\\D$", "^a|b$",
    ]
}
