import WireFormat

/// A piece of a call in a streamed answer: the first names the call, those after it bring its arguments.
public struct ToolCallDelta: Equatable, Sendable {
    /// Which of the answer's calls, from 0.
    public let index: UInt32
    /// Set in a call's first piece only.
    public let opening: Opening?
    /// The next piece of the arguments.
    public let arguments: String

    public struct Opening: Equatable, Sendable {
        public let id: String
        public let name: String

        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    public init(index: UInt32, opening: Opening? = nil, arguments: String = "") {
        self.index = index
        self.opening = opening
        self.arguments = arguments
    }

    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("index")
        writer.write(UInt64(index))
        if let opening {
            writer.key("id")
            writer.write(opening.id)
            writer.key("type")
            writer.write("function")
        }
        writer.key("function")
        writer.beginObject()
        if let opening {
            writer.key("name")
            writer.write(opening.name)
        }
        writer.key("arguments")
        writer.write(arguments)
        writer.endObject()
        writer.endObject()
    }

    init(_ value: JSONValue) throws(AnswerError) {
        let field = "choices[].delta.tool_calls"
        guard let index = value["index"]?.number?.uint64.flatMap({ UInt32(exactly: $0) }) else {
            throw .invalidField(field)
        }
        var opening: Opening?
        if let id = value["id"], !id.isNull {
            guard let id = id.string, let name = value["function"]?["name"]?.string else { throw .invalidField(field) }
            opening = Opening(id: id, name: name)
        }
        guard let arguments = value["function"]?["arguments"]?.string else { throw .invalidField(field) }
        self.init(index: index, opening: opening, arguments: arguments)
    }
}

extension ToolCall {
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.write(id)
        writer.key("type")
        writer.write("function")
        writer.key("function")
        writer.beginObject()
        writer.key("name")
        writer.write(name)
        writer.key("arguments")
        writer.write(arguments)
        writer.endObject()
        writer.endObject()
    }

    init(_ value: JSONValue) throws(AnswerError) {
        guard let id = value["id"]?.string, let name = value["function"]?["name"]?.string,
            let arguments = value["function"]?["arguments"]?.string
        else { throw .invalidField("choices[].message.tool_calls") }
        self.init(id: id, name: name, arguments: arguments)
    }
}
