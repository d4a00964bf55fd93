import NIOCore
import Synchronization

/// How many connections each remote address has open at a server.
final class AddressPlaces: Sendable {
    private let placesMax: Int
    private let open = Mutex<[String: Int]>([:])

    /// - Parameter placesMax: for one address.
    init(_ placesMax: Int) { self.placesMax = placesMax }

    /// - Returns: false where the address has all its places already.
    func take(_ address: String) -> Bool {
        open.withLock { open in
            guard open[address, default: 0] < placesMax else { return false }
            open[address, default: 0] += 1
            return true
        }
    }

    func giveBack(_ address: String) {
        open.withLock { open in
            guard let count = open[address] else { return }
            open[address] = count > 1 ? count - 1 : nil
        }
    }
}

/// Closes a connection beyond what its remote address may have, before anything is read: one client cannot take every place.
///
/// This machine's own addresses are not counted: there a proxy speaks for many, and whoever runs here can do worse.
final class AddressShare: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let places: AddressPlaces
    private let countsLoopback: Bool
    private var address: String?

    init(of places: AddressPlaces, _ limits: EdgeLimits) {
        self.places = places
        countsLoopback = limits.countsLoopback
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let remote = context.channel.remoteAddress?.ipAddress, countsLoopback || !Self.isLoopback(remote) else {
            return context.fireChannelActive()
        }
        guard places.take(remote) else { return context.close(promise: nil) }
        address = remote
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let address { places.giveBack(address) }
        address = nil
        context.fireChannelInactive()
    }

    private static func isLoopback(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }
}
