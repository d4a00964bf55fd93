import Gateway

extension Setting {
    static let gatewaySignedRequests = Setting(
        "gateway", "signed-requests", "GONKA_GATEWAY_SIGNED_REQUESTS", flag: "--signed-requests",
        kind: .choice(SignedRequests.Mode.allCases.map(\.rawValue)), fallback: .value("listed"),
        "Whose signed requests are answered and paid for; a devnet that is not told takes any.")
    static let gatewaySignedBudget = Setting(
        "gateway", "signed-budget", "GONKA_GATEWAY_SIGNED_BUDGET", flag: "--signed-budget", fallback: .value("1GNK"),
        "With any: what each address may spend on one day (UTC), for example 1GNK.")
    static let gatewayTransferAgent = Setting(
        "gateway", "transfer-agent", "GONKA_GATEWAY_TRANSFER_AGENT", flag: "--transfer-agent", fallback: .value(""),
        "The address that requests must be signed for; else the payer's.")
    static let gatewayPublicURL = Setting(
        "gateway", "public-url", "GONKA_GATEWAY_PUBLIC_URL", flag: "--public-url", fallback: .value(""),
        "How others reach the gateway, without /v1, for example https://gateway.example; else as they ask for it.")

    static let gatewayCORSOrigins = Setting(
        "gateway", "cors-origins", "GONKA_GATEWAY_CORS_ORIGINS", flag: "--cors-origin", kind: .list,
        fallback: .value(""),
        "Web pages of other origins that may ask, for example https://app.example; * for all. Repeat it for more.")

    static let gatewayAccessLog = Setting(
        "gateway", "access-log", "GONKA_GATEWAY_ACCESS_LOG", flag: "--access-log", fallback: .value("off"),
        "A line of JSON for each request: off, on for standard error, or a file.")
    static let gatewayAdminListen = Setting(
        "gateway", "admin-listen", "GONKA_GATEWAY_ADMIN_LISTEN", flag: "--admin-listen", fallback: .value("127.0.0.1"),
        "Address the gateway is administered at.")
    static let gatewayAdminPort = Setting(
        "gateway", "admin-port", "GONKA_GATEWAY_ADMIN_PORT", flag: "--admin-port", kind: .number(0...65_535),
        fallback: .value("0"), "Port the gateway is administered at; 0 for none.")

    /// How a gateway meets those who ask it, that of a devnet too.
    static let gatewayFront = [
        gatewaySignedRequests, gatewaySignedBudget, gatewayTransferAgent, gatewayPublicURL, gatewayCORSOrigins,
        gatewayAccessLog, gatewayAdminListen, gatewayAdminPort,
    ]
}
