import WireFormat

/// The fields of a chat completion request, each in exactly one of three lists; docs/api.md shows them. A field in none of
/// them is refused by name.
enum ChatCompletionParameters {
    static let honoured = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "seed", "stop",
        "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs",
        "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "response_format",
    ]

    static let ignored = [
        IgnoredParameter(name: "store", kind: .boolean),
        IgnoredParameter(name: "metadata", kind: .object),
        IgnoredParameter(name: "user", kind: .string),
        IgnoredParameter(name: "service_tier", kind: .string),
        IgnoredParameter(name: "safety_identifier", kind: .string),
        IgnoredParameter(name: "prompt_cache_key", kind: .string),
        IgnoredParameter(name: "prompt_cache_retention", kind: .string),
        IgnoredParameter(name: "prompt_cache_options", kind: .object),
    ]

    static let inert = [
        InertParameter(name: "modalities", inertValues: [["text"]]),
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
        static let honoured = ["role", "content", "name", "tool_calls", "tool_call_id"]
        static let inert = [
            InertParameter(name: "refusal"),
            InertParameter(name: "audio"),
            InertParameter(name: "annotations", inertValues: [[]]),
            InertParameter(name: "function_call"),
        ]
        static let names = honoured + inert.map(\.name)
    }

    /// The fields of a function that the model may call.
    enum Function {
        static let names = ["name", "description", "parameters", "strict"]
    }

    /// The fields of a schema that an answer has to keep to.
    enum Schema {
        static let names = ["name", "description", "schema", "strict"]
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

    /// The fields of a text completion (`POST /v1/completions`).
    enum Text {
        static let honoured = [
            "model", "prompt", "stream", "stream_options", "max_tokens", "n", "seed", "stop", "temperature", "top_p",
            "top_k", "min_p", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "echo",
        ]
        static let ignored = [
            IgnoredParameter(name: "user", kind: .string), IgnoredParameter(name: "store", kind: .boolean),
            IgnoredParameter(name: "metadata", kind: .object),
        ]
        static let inert = [
            InertParameter(name: "suffix", inertValues: [""]), InertParameter(name: "best_of", inertValues: [1]),
        ]
        static let names = honoured + ignored.map(\.name) + inert.map(\.name)
    }

    /// The fields of a request for embeddings (`POST /v1/embeddings`).
    enum Embeddings {
        static let honoured = ["model", "input", "encoding_format", "dimensions"]
        static let ignored = [IgnoredParameter(name: "user", kind: .string)]
        static let names = honoured + ignored.map(\.name)
    }

    /// The fields of `POST /v1/responses`.
    enum Responses {
        static let honoured = [
            "model", "input", "instructions", "max_output_tokens", "temperature", "top_p", "stream", "tools",
            "tool_choice", "parallel_tool_calls", "text", "include", "top_logprobs",
        ]
        static let ignored = [
            IgnoredParameter(name: "store", kind: .boolean),
            IgnoredParameter(name: "metadata", kind: .object),
            IgnoredParameter(name: "user", kind: .string),
            IgnoredParameter(name: "service_tier", kind: .string),
            IgnoredParameter(name: "safety_identifier", kind: .string),
            IgnoredParameter(name: "prompt_cache_key", kind: .string),
            IgnoredParameter(name: "prompt_cache_retention", kind: .string),
            IgnoredParameter(name: "prompt_cache_options", kind: .object),
            IgnoredParameter(name: "stream_options", kind: .object),
        ]
        static let inert = [
            InertParameter(name: "background", inertValues: [false]),
            InertParameter(name: "truncation", inertValues: ["disabled"]),
            InertParameter(name: "previous_response_id"), InertParameter(name: "conversation"),
            InertParameter(name: "prompt"), InertParameter(name: "reasoning", inertValues: [[:], ["effort": "none"]]),
            InertParameter(name: "max_tool_calls"), InertParameter(name: "moderation"),
            InertParameter(name: "context_management"),
        ]
        static let names = honoured + ignored.map(\.name) + inert.map(\.name)
    }
}
