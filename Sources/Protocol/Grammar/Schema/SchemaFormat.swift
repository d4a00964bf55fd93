/// The formats that a string is held to; every other one is an annotation, as JSON Schema has it.
enum SchemaFormat {
    /// What stands between the quotation marks, or nil for a format that says nothing here. Each is a subset of what the
    /// format allows: years from 1000 to 2999, no leap seconds, no 29 February of a century, addresses in their plain forms.
    static func grammar(of format: String) -> String? {
        switch format {
        case "date": "(\(date))"
        case "time": "\(time)"
        case "date-time": "(\(date)) \"T\" \(time)"
        case "duration": duration
        case "uuid": "\(hex){8} \"-\" \(hex){4} \"-\" \(hex){4} \"-\" \(hex){4} \"-\" \(hex){12}"
        case "ipv4": "\(octet) (\".\" \(octet)){3}"
        case "ipv6": "\(hex){1,4} (\":\" \(hex){1,4}){7}"
        case "hostname": "\(label) (\".\" \(label)){0,3}"
        case "email": "\(atom) (\".\" \(atom)){0,2} \"@\" \(label) (\".\" \(label)){1,3}"
        default: nil
        }
    }

    private static let hex = "[0-9a-fA-F]"
    private static let octet = "(\"25\" [0-5] | \"2\" [0-4] [0-9] | \"1\" [0-9] [0-9] | [1-9] [0-9] | [0-9])"
    private static let label = "([a-zA-Z0-9] ([a-zA-Z0-9-]{0,20} [a-zA-Z0-9])?)"
    private static let atom = "[a-zA-Z0-9_+-]{1,20}"
    private static let leapYear = "[12] [0-9] (\"0\" [48] | [2468] [048] | [13579] [26])"
    private static let day28 = "(\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8])"
    private static let date =
        "[12] [0-9]{3} \"-\" (\"02-\" \(day28) | (\"0\" [13456789] | \"1\" [0-2]) \"-\" (\(day28) | \"29\" | \"30\")"
        + " | (\"0\" [13578] | \"1\" [02]) \"-31\") | \(leapYear) \"-02-29\""
    private static let hour = "([01] [0-9] | \"2\" [0-3])"
    private static let minute = "[0-5] [0-9]"
    private static let time =
        "\(hour) \":\" \(minute) \":\" \(minute) (\".\" [0-9]{1,9})? (\"Z\" | [+-] \(hour) \":\" \(minute))"
    private static let number = "[0-9]{1,4}"
    private static let duration =
        "\"P\" (\(number) \"W\" | \(number) [YMD] | \(number) \"D\" \"T\" \(number) [HMS] | \"T\" \(number) [HMS])"
}
