import WireFormat

/// The fields of a chat completion request, each in exactly one of three lists; docs/api.md shows them. A field in none of
/// them is refused by name.
enum ChatCompletionParameters {
    static let honoured = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "seed", "stop",
        "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty",
    ]

    static let ignored = [
        IgnoredParameter(name: "store", kind: .boolean),
        IgnoredParameter(name: "metadata", kind: .object),
        IgnoredParameter(name: "user", kind: .string),
        IgnoredParameter(name: "service_tier", kind: .string),
        IgnoredParameter(name: "parallel_tool_calls", kind: .boolean),
        IgnoredParameter(name: "safety_identifier", kind: .string),
        IgnoredParameter(name: "prompt_cache_key", kind: .string),
        IgnoredParameter(name: "prompt_cache_retention", kind: .string),
        IgnoredParameter(name: "prompt_cache_options", kind: .object),
    ]

    static let inert = [
        InertParameter(name: "logit_bias", inertValues: [[:]]),
        InertParameter(name: "logprobs", inertValues: [false]),
        InertParameter(name: "top_logprobs", inertValues: [0]),
        InertParameter(name: "response_format", inertValues: [["type": "text"]]),
        InertParameter(name: "modalities", inertValues: [["text"]]),
        InertParameter(name: "tools", inertValues: [[]]),
        InertParameter(name: "tool_choice", inertValues: ["none", "auto"]),
        InertParameter(name: "functions", inertValues: [[]]),
        InertParameter(name: "function_call", inertValues: ["none", "auto"]),
        InertParameter(name: "reasoning_effort", inertValues: ["none"]),
        InertParameter(name: "verbosity", inertValues: ["medium"]),
        InertParameter(name: "audio"),
        InertParameter(name: "prediction"),
        InertParameter(name: "web_search_options"),
        InertParameter(name: "moderation"),
    ]

    static let names = honoured + ignored.map(\.name) + inert.map(\.name)

    /// The fields of one message. What is inert is what answers of OpenAI's form carry, so that an answer can be sent back
    /// as it came.
    enum Message {
        static let honoured = ["role", "content", "name"]
        static let ignored = [IgnoredParameter(name: "tool_call_id", kind: .string)]
        static let inert = [
            InertParameter(name: "refusal"),
            InertParameter(name: "audio"),
            InertParameter(name: "annotations", inertValues: [[]]),
            InertParameter(name: "tool_calls", inertValues: [[]]),
            InertParameter(name: "function_call"),
        ]
        static let names = honoured + ignored.map(\.name) + inert.map(\.name)
    }

    /// The fields of a text part of a message.
    enum ContentPart {
        static let ignored = [IgnoredParameter(name: "prompt_cache_breakpoint", kind: .object)]
        static let names = ["type", "text"] + ignored.map(\.name)
    }

    enum StreamOptions {
        static let ignored = [IgnoredParameter(name: "include_obfuscation", kind: .boolean)]
        static let names = ["include_usage"] + ignored.map(\.name)
    }
}
