import Primitives
import WireFormat

/// Turns one JSON Schema into rules.
struct SchemaCompiler {
    let document: JSONValue
    /// Stands before `#` in the paths of errors.
    let prefix: String
    var text: GrammarText
    /// [pointer]: the rule of what a `$ref` names; it may still be in the making.
    private var references: [Bytes: String] = [:]
    private var depth = 0
    private var steps = 0
    /// Merges within merges.
    var mergeDepth = 0

    /// Schemas within schemas, those that `$ref` and `allOf` bring in included.
    static let depthMax = 64
    /// Schemas that are looked at, each as often as it is: a short text can ask for very many.
    private static let stepsMax = 20_000

    /// - Parameter isArguments: whether the value must be an object whatever the schema says.
    /// - Returns: what stands for the value in a rule.
    static func compile(
        _ schema: JSONValue, path: String, isArguments: Bool = false, in text: inout GrammarText
    ) throws(SchemaError) -> String {
        var compiler = SchemaCompiler(document: schema, prefix: path, text: text)
        var root = schema
        if isArguments, let object = schema.object {
            let type = object["type"]
            guard type == nil || type == "object" else { throw compiler.refusal("#/type", "arguments are an object") }
            if type == nil { root = .object(JSONObject([.init(key: "type", value: "object")] + object.members)) }
        }
        let value = try compiler.expression(root, at: "#")
        text = compiler.text
        return value
    }

    private init(document: JSONValue, prefix: String, text: GrammarText) {
        (self.document, self.prefix, self.text) = (document, prefix, text)
    }

    func refusal(_ path: String, _ reason: String) -> SchemaError { SchemaError(path: prefix + path, reason: reason) }

    /// The most names of `required`, values of an `enum` and members of `properties`: they are compared pair by pair.
    static let namesMax = 2_048

    /// Throws where one of the lists of a schema is too long.
    func checkLists(_ schema: JSONObject, at path: String) throws(SchemaError) {
        let counts = [
            ("required", schema["required"]?.array?.count), ("enum", schema["enum"]?.array?.count),
            ("properties", schema["properties"]?.object?.members.count),
        ]
        for (keyword, count) in counts where (count ?? 0) > Self.namesMax {
            throw refusal("\(path)/\(keyword)", "it has more than \(Self.namesMax) elements")
        }
    }

    /// Counts one more schema that is looked at.
    ///
    /// - Parameter pairs: how many pairs of list elements are compared for it; a thousand count as one.
    mutating func countStep(pairs: Int = 0) throws(SchemaError) {
        steps += 1 + pairs / 1_000
        guard steps <= Self.stepsMax else { throw refusal("#", "it refers to and combines too much; describe less") }
    }

    /// What stands in a rule for a value of `schema`: one name or one element, or alternatives in parentheses.
    mutating func expression(_ schema: JSONValue, at path: String) throws(SchemaError) -> String {
        depth += 1
        defer { depth -= 1 }
        try countStep()
        guard depth <= Self.depthMax else { throw refusal("#", "schemas are nested more than \(Self.depthMax) deep") }
        switch schema {
        case .boolean(true): return try text.value()
        case .boolean(false): throw refusal(path, "nothing satisfies it")
        case .object(let object):
            try checkLists(object, at: path)
            return try expression(object, at: path)
        default: throw refusal(path, "a schema is an object or a boolean, not \(schema.kind)")
        }
    }

    private mutating func expression(_ schema: JSONObject, at path: String) throws(SchemaError) -> String {
        try refuseUnknown(schema, at: path)
        if let reference = schema["$ref"] {
            guard let pointer = reference.string else { throw refusal("\(path)/$ref", "it is not a string") }
            let rest = schema.assertions(without: ["$ref"])
            if rest.members.isEmpty { return try self.reference(pointer, at: "\(path)/$ref") }
            let target = try resolve(pointer, at: "\(path)/$ref")
            return try expression(.object(try merge(try object(target, at: path), rest, at: path)), at: path)
        }
        if let parts = schema["allOf"] { return try allOf(parts, of: schema, at: path) }
        for keyword in ["anyOf", "oneOf"] {
            if let choices = schema[keyword] { return try anyOf(choices, keyword, of: schema, at: path) }
        }
        if schema["const"] != nil || schema["enum"] != nil { return try enumeration(schema, at: path) }
        return try typed(schema, at: path)
    }

    private mutating func reference(_ pointer: String, at path: String) throws(SchemaError) -> String {
        let key = Bytes(pointer.utf8)
        if let name = references[key] { return name }
        let target = try resolve(pointer, at: path)
        let name = text.reserve("ref")
        references[key] = name
        try text.define(name, try expression(target, at: pointer))
        return name
    }

    /// The schema that a pointer into this document names.
    func resolve(_ pointer: String, at path: String) throws(SchemaError) -> JSONValue {
        guard pointer.hasPrefix("#"), !pointer.contains("%") else {
            throw refusal(path, "only references into this schema are followed, such as #/$defs/name")
        }
        let steps = pointer.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.first == "#" else { throw refusal(path, "only references such as #/$defs/name are followed") }
        var value = document
        for step in steps.dropFirst() {
            let key = Self.unescaped(step)
            let next = value.array.flatMap { list in Int(key).flatMap { list.indices.contains($0) ? list[$0] : nil } }
            guard let next = next ?? value[key] else { throw refusal(path, "it names nothing in this schema") }
            value = next
        }
        return value
    }

    private static func unescaped(_ step: Substring) -> String {
        var result = String.UnicodeScalarView()
        var isEscape = false
        for scalar in step.unicodeScalars {
            if isEscape, scalar == "0" || scalar == "1" {
                result.append(scalar == "0" ? "~" : "/")
                isEscape = false
            } else if scalar == "~" {
                isEscape = true
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The schema as an object, references followed.
    mutating func object(_ schema: JSONValue, at path: String) throws(SchemaError) -> JSONObject {
        depth += 1
        defer { depth -= 1 }
        try countStep()
        guard depth <= Self.depthMax else { throw refusal("#", "a $ref leads back to itself") }
        if case .boolean(true) = schema { return JSONObject() }
        guard let object = schema.object else { throw refusal(path, "nothing satisfies it") }
        guard let pointer = object["$ref"]?.string else { return object }
        let target = try self.object(try resolve(pointer, at: path), at: path)
        let rest = object.assertions(without: ["$ref"])
        return rest.members.isEmpty ? target : try merge(target, rest, at: path)
    }

    private mutating func allOf(
        _ parts: JSONValue, of schema: JSONObject, at path: String
    ) throws(SchemaError) -> String {
        guard let parts = parts.array, !parts.isEmpty else {
            throw refusal("\(path)/allOf", "it is not a list of schemas")
        }
        var merged = schema.assertions(without: ["allOf"])
        for (index, part) in parts.enumerated() {
            let place = "\(path)/allOf/\(index)"
            merged = try merge(merged, try object(part, at: place).assertions(without: []), at: place)
        }
        return try expression(.object(merged), at: path)
    }

    private mutating func anyOf(
        _ choices: JSONValue, _ keyword: String, of schema: JSONObject, at path: String
    ) throws(SchemaError) -> String {
        let place = "\(path)/\(keyword)"
        guard let choices = choices.array, !choices.isEmpty else { throw refusal(place, "it is not a list of schemas") }
        let base = schema.assertions(without: [keyword])
        var alternatives: [String] = []
        for (index, choice) in choices.enumerated() {
            if case .boolean(false) = choice { continue }
            let place = "\(place)/\(index)"
            if base.members.isEmpty {
                alternatives.append(try expression(choice, at: place))
            } else {
                let merged = try merge(base, try object(choice, at: place).assertions(without: []), at: place)
                alternatives.append(try expression(.object(merged), at: place))
            }
        }
        guard !alternatives.isEmpty else { throw refusal(place, "nothing satisfies it") }
        return try text.rule("any", alternatives.joined(separator: " | "))
    }
}
