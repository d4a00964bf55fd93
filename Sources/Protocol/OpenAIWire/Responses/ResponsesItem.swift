import WireFormat

/// A message or a call in an answer of the Responses API.
struct ResponsesItem: Sendable {
    enum Kind: Sendable {
        case message
        case call(id: String, name: String)
    }

    let kind: Kind
    let id: String
    /// The message's text, or the call's arguments.
    var text = ""
    var logprobs: [JSONValue] = []
    /// Whether more of it may come.
    var isOpen = false

    init(_ kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }

    func json(_ status: String) -> JSONValue {
        switch kind {
        case .message:
            [
                "id": .string(id), "type": "message", "status": .string(status), "role": "assistant",
                "content": .array(status == "in_progress" ? [] : [part]),
            ]
        case .call(let callID, let name):
            [
                "id": .string(id), "type": "function_call", "status": .string(status), "call_id": .string(callID),
                "name": .string(name), "arguments": .string(text),
            ]
        }
    }

    /// A message's only part.
    var part: JSONValue {
        ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": .array(logprobs)]
    }

    /// The members of an event about it.
    func place(_ index: JSONValue, _ members: [(String, JSONValue)]) -> [(String, JSONValue)] {
        var place: [(String, JSONValue)] = [("item_id", .string(id)), ("output_index", index)]
        if case .message = kind { place.append(("content_index", 0)) }
        return place + members
    }
}
