/// The members of an object in the order in which they were written. Keys are compared as bytes, so two spellings of "é"
/// are two keys.
public struct JSONObject: Sendable, Equatable {
    public struct Member: Sendable {
        public let key: String
        public let value: JSONValue

        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    public private(set) var members: [Member]

    /// The caller sees to it that no key comes twice; what `JSONParser` returns never has one twice.
    public init(_ members: [Member] = []) { self.members = members }

    /// The value under `key`, or nil. Takes time in proportion to the number of members.
    public subscript(key: String) -> JSONValue? { members.first { $0.key.hasSameBytes(as: key) }?.value }

    /// Writes one more member after the others.
    public mutating func append(_ key: String, _ value: JSONValue) { members.append(Member(key: key, value: value)) }
}

extension JSONObject.Member: Equatable {
    public static func == (left: JSONObject.Member, right: JSONObject.Member) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value == right.value
    }
}

extension String {
    /// Whether both are the same UTF-8. `==` would also merge canonically equivalent spellings.
    func hasSameBytes(as other: String) -> Bool {
        // Most keys are another's, and differ in their length.
        guard utf8.count == other.utf8.count else { return false }
        let (left, right) = (utf8Span, other.utf8Span)
        for index in left.span.indices where left.span[index] != right.span[index] { return false }
        return true
    }
}
