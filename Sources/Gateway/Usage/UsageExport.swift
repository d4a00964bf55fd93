import Primitives
import WireFormat

/// What keys used, for other programs.
public enum UsageExport {
    /// `{"usage": [{"key", "date", "model", "requests", "prompt_tokens", …}]}`; coins are ngonka.
    public static func json(_ lines: [UsageLine]) -> JSONValue {
        let entries = lines.map { line -> JSONValue in
            [
                "key": .string(line.key), "date": .string(line.date), "model": .string(line.model),
                "requests": .number(line.usage.requests), "prompt_tokens": .number(line.usage.promptTokens),
                "cached_tokens": .number(line.usage.cachedTokens), "output_tokens": .number(line.usage.outputTokens),
                "fee_ngonka": .number(line.usage.fee.ngonka),
            ]
        }
        return ["usage": .array(entries)]
    }

    /// The same as RFC 4180 has it, with a header.
    public static func csv(_ lines: [UsageLine]) -> String {
        let header = "key,date,model,requests,prompt_tokens,cached_tokens,output_tokens,fee_ngonka\n"
        return lines.reduce(into: header) { text, line in
            let numbers = [
                line.usage.requests, line.usage.promptTokens, line.usage.cachedTokens, line.usage.outputTokens,
                line.usage.fee.ngonka,
            ]
            let fields = [quoted(line.key), line.date, quoted(line.model)] + numbers.map { String($0) }
            text += fields.joined(separator: ",") + "\n"
        }
    }

    /// A text that a spreadsheet would take for a formula begins with an apostrophe.
    private static func quoted(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
