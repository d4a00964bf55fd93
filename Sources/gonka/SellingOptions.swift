import ArgumentParser
import Cryptography
import HostRoles
import Primitives

/// What a host sells of what its owner does not need.
struct SellingOptions: ParsableArguments {
    @Option(help: Setting.hostOwners.help) var owner: [String] = []
    @Option(help: Setting.hostKeptFree.help) var keptFree: Int?
    @Option(help: Setting.hostSellingHours.help) var sellingHours: String?

    var flags: [Setting: String] {
        .given(
            (.hostOwners, owner.isEmpty ? nil : owner.joined(separator: ",")), (.hostKeptFree, keptFree),
            (.hostSellingHours, sellingHours))
    }
}

extension SellingTerms {
    /// - Throws: `OperatorError` where a value is none.
    init(_ settings: Settings) throws {
        self.init()
        owners = Set(
            try settings.list(.hostOwners).map { text in
                guard let owner = Address(bech32: text) else {
                    throw OperatorError("host.owners has \(text.debugDescription), which is no address; write gonka1….")
                }
                return owner
            })
        keptFreePercent = try settings.number(.hostKeptFree)
        let text = try settings.text(.hostSellingHours)
        guard !text.isEmpty else { return }
        let hours = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard hours.count == 2, let from = hours[0], let until = hours[1],
            let selling = Hours(from: from, until: until)
        else { throw OperatorError("host.selling-hours is \(text.debugDescription); write two hours, such as 20-6.") }
        self.hours = selling
    }
}
