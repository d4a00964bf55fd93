import WireFormat

/// Reads the members of one object of a request, and names each fault by its path. A member that is null counts as absent,
/// as clients write null for "not set".
struct ParameterReader {
    let object: JSONObject
    /// Empty at the top, else for example `messages[2]`.
    let path: String

    func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    func boolean(_ name: String) throws(OpenAIError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let boolean = value.boolean else { throw .wrongType(path(of: name), expected: "a boolean", got: value) }
        return boolean
    }

    func string(_ name: String) throws(OpenAIError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string else { throw .wrongType(path(of: name), expected: "a string", got: value) }
        return string
    }

    func object(_ name: String) throws(OpenAIError) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard let object = value.object else { throw .wrongType(path(of: name), expected: "an object", got: value) }
        return object
    }

    /// An integer in `bounds`; `5.0` and `5e0` are decimals, and refused.
    func integer(_ name: String, in bounds: ClosedRange<Int64>) throws(OpenAIError) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let number = value.number, number.isInteger else {
            throw .wrongType(path(of: name), expected: "an integer", got: value)
        }
        guard let integer = number.int64, bounds.contains(integer) else {
            let isBelow = number.int64.map { $0 < bounds.lowerBound } ?? number.isNegative
            throw .integer(path(of: name), number.text, outside: bounds, isBelow: isBelow)
        }
        return integer
    }

    /// A number in `bounds`, both in millionths; further places are rounded (`JSONNumber.millionths`).
    func millionths(_ name: String, in bounds: ClosedRange<Int64>) throws(OpenAIError) -> Int64? {
        guard let value = value(name) else { return nil }
        guard let number = value.number else { throw .wrongType(path(of: name), expected: "a decimal", got: value) }
        guard let millionths = number.millionths, bounds.contains(millionths) else {
            let isBelow = number.millionths.map { $0 < bounds.lowerBound } ?? number.isNegative
            throw .decimal(path(of: name), number.text, outside: bounds, isBelow: isBelow)
        }
        return millionths
    }

    /// Throws for the first member, in the order written, that `names` does not hold.
    func checkNames(_ names: [String]) throws(OpenAIError) {
        for member in object.members where !names.contains(member.key) {
            throw .unknown(path(of: member.key.bounded()))
        }
    }

    /// Throws for the first member of `parameters` that asks for something.
    func checkInert(_ parameters: [InertParameter]) throws(OpenAIError) {
        for parameter in parameters {
            guard let value = value(parameter.name), !parameter.inertValues.contains(value) else { continue }
            throw .unsupported(path(of: parameter.name))
        }
    }

    /// Throws for the first member of `parameters` that is not what its name promises.
    func checkIgnored(_ parameters: [IgnoredParameter]) throws(OpenAIError) {
        for parameter in parameters {
            switch parameter.kind {
            case .boolean: _ = try boolean(parameter.name)
            case .string: _ = try string(parameter.name)
            case .object: _ = try object(parameter.name)
            }
        }
    }
}

/// A parameter of OpenAI's that has no effect here, whatever its value.
struct IgnoredParameter {
    enum Kind { case boolean, string, object }
    let name: String
    let kind: Kind
}

/// A parameter of OpenAI's that is not supported here; null and these values ask for nothing and pass.
struct InertParameter {
    let name: String
    var inertValues: [JSONValue] = []
}
