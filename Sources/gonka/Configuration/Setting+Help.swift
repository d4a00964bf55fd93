import ArgumentParser

extension Setting {
    /// What a flag's help says: the summary, the choices, and what counts where the flag is not given.
    var help: ArgumentHelp {
        ArgumentHelp("\(summary)\(choices)", discussion: "Else \(variable), else \(key) in config.toml\(last).")
    }

    /// Completion of the flag's value in a shell.
    var completion: CompletionKind {
        switch kind {
        case .choice(let words): .list(words)
        default: self == .modelFile ? .file(extensions: ["gguf"]) : .default
        }
    }

    /// The line of an example `config.toml`, commented out.
    var exampleLine: String {
        let value =
            switch (kind, fallbackText) {
            case (.list, _): "[]"
            case (.number, let text?), (.boolean, let text?): text
            case (_, let text): "\"\(text ?? "…")\""
            }
        return "# \(summary)\(choices)\n#\(name) = \(value)\n"
    }

    /// The default as a person reads it; nil where there is none.
    var fallbackText: String? {
        switch fallback {
        case .value(let text): text
        case .around(let key, let prefix, let suffix): "\(prefix)<\(key)>\(suffix)"
        case .demoModel: "<cache>/gonka/models/\(DemoModel.fileName)"
        case .none: nil
        }
    }

    private var choices: String {
        guard case .choice(let words) = kind else { return "" }
        return " One of \(words.joined(separator: ", "))."
    }

    private var last: String {
        switch fallback {
        case .demoModel: ", else what `make setup` made"
        case .none: "; needed"
        case .value(""): ""
        default: fallbackText.map { ", else \($0)" } ?? ""
        }
    }
}
