import WireFormat

/// A request's way for people, from what a gateway says of it.
struct RouteText {
    private let route: JSONValue

    init(_ route: JSONValue) { self.route = route }

    var text: String {
        let attempts = route["attempts"]?.array ?? []
        var text = """
            request  \(word(route["id"])), model \(word(route["model"])), prompt \(word(route["prompt_size"]))
            client   \(word(route["request_id"]))
            answer   \(word(route["answer_id"]))
            policy   \(word(route["policy"]))
            outcome  \(word(route["outcome"])) after \(word(route["duration_ms"])) ms


            """
        text += Output.table(
            ["#", "host", "session", "why", "hedge", "started ms", "first token ms", "outcome"],
            attempts.enumerated().map { index, attempt in
                ["\(index + 1)"]
                    + ["host", "session", "reason", "hedge", "started_after_ms", "first_token_after_ms", "outcome"].map
                {
                    word(attempt[$0])
                }
            })
        for (index, attempt) in attempts.enumerated() { text += "\n" + decision(index + 1, attempt) }
        return text
    }

    private func decision(_ number: Int, _ attempt: JSONValue) -> String {
        let order = (attempt["candidates"]?.array ?? []).map { candidate in
            ["host", "health", "expected_ms", "open_requests", "own", "reason"].map { word(candidate[$0]) }
        }
        let leftOut = (attempt["left_out"]?.array ?? []).map { left in
            [word(left["host"]), "left out", "-", "-", "-", word(left["reason"])]
        }
        let cut = attempt["not_shown"]?.number?.uint64 ?? 0
        return "decision \(number)\(cut > 0 ? ", \(cut) hosts not shown" : "")\n"
            + Output.table(["host", "health", "expected ms", "open", "own", "why"], order + leftOut)
    }

    /// A value in a cell; what is not known is a dash.
    private func word(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "-"
        case .string(let text): text
        case .boolean(let isSo): isSo ? "yes" : "no"
        case .some(let other): String(decoding: other.encoded(), as: UTF8.self)
        }
    }
}
