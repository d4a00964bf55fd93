import WireFormat

/// What the words of a schema mean here.
enum SchemaKeywords {
    /// Say something about a value without demanding anything, or hold what others refer to.
    static let annotations: Set<String> = [
        "$schema", "$id", "id", "$anchor", "$comment", "$defs", "definitions", "$vocabulary", "title", "description",
        "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding",
        "contentSchema", "strict", "discriminator", "xml", "externalDocs",
    ]

    /// Are seen to.
    static let supported: Set<String> = [
        "$ref", "allOf", "anyOf", "oneOf", "const", "enum", "type", "nullable", "properties", "required",
        "additionalProperties", "minProperties", "maxProperties", "items", "prefixItems", "minItems", "maxItems",
        "uniqueItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf",
    ]

    /// Demand what no grammar here can see to.
    static let refused: Set<String> = [
        "not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas",
        "dependencies", "unevaluatedItems", "unevaluatedProperties", "contains", "minContains", "maxContains",
        "additionalItems", "$dynamicRef", "$recursiveRef",
    ]

    /// The type that a value must have for these words to say anything.
    static let typeOfKeyword: [(type: String, keywords: [String])] = [
        (
            "object",
            ["properties", "required", "additionalProperties", "minProperties", "maxProperties"]
        ),
        ("array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]),
        ("string", ["minLength", "maxLength", "pattern", "format"]),
        ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ]
}

extension JSONObject {
    /// What demands something, but for the keywords named. Words that nobody knows demand nothing.
    func assertions(without excluded: [String]) -> JSONObject {
        JSONObject(members.filter { SchemaKeywords.supported.contains($0.key) && !excluded.contains($0.key) })
    }
}

extension SchemaCompiler {
    func refuseUnknown(_ schema: JSONObject, at path: String) throws(SchemaError) {
        for member in schema.members where SchemaKeywords.refused.contains(member.key) {
            throw refusal("\(path)/\(member.key)", "this keyword is not supported")
        }
    }

    /// A count that a keyword gives, or nil.
    func count(_ keyword: String, _ schema: JSONObject, at path: String) throws(SchemaError) -> Int? {
        guard let value = schema[keyword] else { return nil }
        guard let number = value.number?.uint64 else {
            throw refusal("\(path)/\(keyword)", "it is not a whole number from 0 on")
        }
        return Int(min(number, UInt64(Int32.max)))
    }
}
