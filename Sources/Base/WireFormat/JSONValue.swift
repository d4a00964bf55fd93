import Primitives

/// A JSON text (RFC 8259) that has been read. Numbers keep their text and objects their order, so nothing is lost between
/// reading and writing but white space and the choice of escapes.
public enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    public static func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
    public static func number(_ value: UInt64) -> JSONValue { .number(JSONNumber(value)) }

    public var isNull: Bool { if case .null = self { true } else { false } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var number: JSONNumber? { if case .number(let value) = self { value } else { nil } }
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The member of an object, or nil where there is none or this is not an object.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// What it is, for a sentence: `a string`, `an object`.
    public var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .number(let number): number.isInteger ? "an integer" : "a decimal"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The shortest text: no white space. Equal values give equal bytes; with `sortingKeys`, so do objects that differ in
    /// their order only.
    public func encoded(sortingKeys: Bool = false) -> Bytes {
        var writer = JSONWriter(sortingKeys: sortingKeys)
        writer.write(self)
        return writer.bytes
    }
}

extension JSONValue: Equatable {
    /// Equal as written: strings by bytes, numbers by text, objects with their order.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int64) { self = .number(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}
