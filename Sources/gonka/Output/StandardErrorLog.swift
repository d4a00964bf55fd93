import ArgumentParser
import Foundation
import Logging
import WireFormat

/// How log lines look.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people: time, level, label, message, metadata.
    case text
    /// For programs: one JSON object a line.
    case json
}

/// Writes log lines to standard error, one write a line. Control characters are escaped, so that nothing a remote party says
/// can forge a line.
struct StandardErrorLog: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]
    private let label: String
    private let format: LogFormat

    init(label: String, format: LogFormat) {
        self.label = label
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let merged = metadata.merging(event.metadata ?? [:]) { $1 }
        let pairs = merged.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let time = Date.now.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        switch format {
        case .text:
            let tail = pairs.map { " \($0.0)=\(Self.plain($0.1))" }.joined()
            StandardError.write(
                "\(time) \(event.level.rawValue) \(label): \(Self.plain("\(event.message)"))\(tail)\n")
        case .json:
            var object = JSONObject()
            object.append("time", .string(time))
            object.append("level", .string(event.level.rawValue))
            object.append("label", .string(label))
            object.append("message", .string("\(event.message)"))
            for (key, value) in pairs { object.append("meta_\(key)", .string(value)) }
            StandardError.write(String(decoding: JSONValue.object(object).encoded(), as: UTF8.self) + "\n")
        }
    }

    private static func plain(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "\u{fffd}" : Character($0) })
    }
}
