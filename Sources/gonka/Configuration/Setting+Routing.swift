extension Setting {
    static let gatewayOwn = Setting(
        "gateway", "own", "GONKA_GATEWAY_OWN", flag: "--own", kind: .list, fallback: .value(""),
        "Hosts of your own, gonka1…: asked before all others.")
    static let gatewaySpillOver = Setting(
        "gateway", "spill-over", "GONKA_GATEWAY_SPILL_OVER", flag: "--spill-over", kind: .number(1...10_000),
        fallback: .value("8"), "Open requests at a host of your own from which on others are asked as well.")
    static let gatewayAllow = Setting(
        "gateway", "allow", "GONKA_GATEWAY_ALLOW", flag: "--allow", kind: .list, fallback: .value(""),
        "The only hosts that are asked besides your own; none given: all.")
    static let gatewayDeny = Setting(
        "gateway", "deny", "GONKA_GATEWAY_DENY", flag: "--deny", kind: .list, fallback: .value(""),
        "Hosts that are never asked.")
    static let gatewayHostRegions = Setting(
        "gateway", "host-regions", "GONKA_GATEWAY_HOST_REGIONS", flag: "--host-region", kind: .list,
        fallback: .value(""), "Where hosts stand, as you know it, for example gonka1…=eu.")
    static let gatewayRegions = Setting(
        "gateway", "regions", "GONKA_GATEWAY_REGIONS", flag: "--region", kind: .list, fallback: .value(""),
        "The only regions whose hosts are asked; none given: all.")
    static let gatewayPriceMax = Setting(
        "gateway", "price-max", "GONKA_GATEWAY_PRICE_MAX", flag: "--price-max", fallback: .value(""),
        "The most that 1,000 tokens of input or output may cost, for example 0.01GNK.")

    static let hostOwners = Setting(
        "host", "owners", "GONKA_HOST_OWNERS", flag: "--owner", kind: .list, fallback: .value(""),
        "Payers whose requests are yours, gonka1…: they always get in.")
    static let hostKeptFree = Setting(
        "host", "kept-free", "GONKA_HOST_KEPT_FREE", flag: "--kept-free", kind: .number(0...100),
        fallback: .value("0"), "Hundredths of the engine's places that are kept free for the owners.")
    static let hostSellingHours = Setting(
        "host", "selling-hours", "GONKA_HOST_SELLING_HOURS", flag: "--selling-hours", fallback: .value(""),
        "Hours of the day, UTC, in which others are served, for example 20-6; none given: all.")

    /// What a host sells.
    static let selling = [hostOwners, hostKeptFree, hostSellingHours]

    /// Which hosts a gateway asks.
    static let routing = [
        gatewayOwn, gatewaySpillOver, gatewayAllow, gatewayDeny, gatewayHostRegions, gatewayRegions, gatewayPriceMax,
    ]
}
