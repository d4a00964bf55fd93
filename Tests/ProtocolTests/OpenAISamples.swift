import OpenAIWire
import Primitives
import WireFormat

/// Bodies of chat completion requests for the tests of this folder.
enum OpenAISample {
    static let model = "smollm2-135m-instruct-f16"

    /// The smallest body that is accepted.
    static let plain: JSONObject = {
        var object = JSONObject()
        object.append("model", .string(model))
        object.append("messages", [["role": "user", "content": "Hi"]])
        return object
    }()

    /// The plain body with these members added, as raw JSON: `"n":2,"x":null`.
    static func body(adding members: String) -> Bytes {
        var bytes = JSONValue.object(plain).encoded()
        bytes.removeLast()
        return bytes + Bytes(",\(members)}".utf8)
    }

    /// A body with these messages, as raw JSON.
    static func body(messages: String) -> Bytes { Bytes(#"{"model":"m","messages":\#(messages)}"#.utf8) }

    /// The error that a body gives, or nil where it is accepted.
    static func refusal(_ body: Bytes, _ limits: OpenAILimits = OpenAILimits()) -> OpenAIError? {
        do throws(OpenAIError) {
            _ = try ChatCompletionRequest.parse(body, limits: limits)
            return nil
        } catch { return error }
    }

    /// `n` times `element`, as a JSON array.
    static func array(of element: String, _ count: Int) -> String {
        "[\(Array(repeating: element, count: count).joined(separator: ","))]"
    }
}
