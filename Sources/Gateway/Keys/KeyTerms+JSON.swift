import Primitives
import WireFormat

extension KeyTerms {
    /// The members of a key's JSON object, in the file and in the admin API; what is not set is left out. Coins are ngonka.
    var members: [JSONObject.Member] {
        var object = JSONObject()
        if let dayBudget { object.append("budget_day", .number(dayBudget.ngonka)) }
        if let monthBudget { object.append("budget_month", .number(monthBudget.ngonka)) }
        if let totalBudget { object.append("budget_total", .number(totalBudget.ngonka)) }
        if let requestsPerMinute { object.append("requests_per_minute", .number(requestsPerMinute)) }
        if let tokensPerMinute { object.append("tokens_per_minute", .number(tokensPerMinute)) }
        if !models.isEmpty { object.append("models", .array(models.map { .string($0) })) }
        if let expiry { object.append("expires", .number(expiry)) }
        if let policy { object.append("policy", .string(policy)) }
        if isDisabled { object.append("disabled", true) }
        return object.members
    }

    /// The names of all members.
    static let memberNames: Set<String> = [
        "budget_day", "budget_month", "budget_total", "requests_per_minute", "tokens_per_minute", "models", "expires",
        "policy", "disabled",
    ]

    /// Takes over the members that `object` has; null unsets one.
    ///
    /// - Throws: the name of the member whose value is not one.
    mutating func take(_ object: JSONValue) throws(WrongMember) {
        try Self.set(&dayBudget, "budget_day", object) { Self.amount($0) }
        try Self.set(&monthBudget, "budget_month", object) { Self.amount($0) }
        try Self.set(&totalBudget, "budget_total", object) { Self.amount($0) }
        try Self.set(&requestsPerMinute, "requests_per_minute", object) { Self.rate($0) }
        try Self.set(&tokensPerMinute, "tokens_per_minute", object) { Self.rate($0) }
        try Self.set(&expiry, "expires", object) { $0.number?.uint64 }
        try Self.set(&policy, "policy", object) { Self.text($0) }
        var (models, disabled): ([String]?, Bool?) = (models, isDisabled)
        try Self.set(&models, "models", object) { Self.models($0) }
        try Self.set(&disabled, "disabled", object) { $0.boolean }
        self.models = models ?? []
        isDisabled = disabled ?? false
    }

    /// As `take`, for a person or a program that asks for it.
    ///
    /// - Throws: `.unusableKey`.
    public mutating func takeChecked(_ object: JSONValue) throws(GatewayError) {
        do throws(WrongMember) { try take(object) } catch {
            throw .unusableKey(reason: "'\(error.name)' has a value that it cannot have")
        }
    }

    /// A member has a value that is not one.
    struct WrongMember: Error, Equatable {
        let name: String
    }

    private static func set<Value>(
        _ value: inout Value?, _ name: String, _ object: JSONValue, read: (JSONValue) -> Value?
    ) throws(WrongMember) {
        guard let found = object[name] else { return }
        if found.isNull {
            value = nil
        } else if let new = read(found) {
            value = new
        } else {
            throw WrongMember(name: name)
        }
    }

    private static func amount(_ value: JSONValue) -> Amount? { value.number?.uint64.map { Amount($0) } }

    private static func rate(_ value: JSONValue) -> UInt64? {
        value.number?.uint64.flatMap { (1...Limits.rateMax).contains($0) ? $0 : nil }
    }

    private static func text(_ value: JSONValue) -> String? {
        value.string.flatMap { APIKeys.isName($0) ? $0 : nil }
    }

    private static func models(_ value: JSONValue) -> [String]? {
        guard let values = value.array, values.count <= Limits.keyModelsMax else { return nil }
        let texts = values.compactMap { text($0) }
        return texts.count == values.count ? texts : nil
    }
}
