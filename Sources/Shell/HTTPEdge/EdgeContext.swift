import Hummingbird
import Logging
import NIOCore

/// What a request carries through router and middleware.
public struct EdgeContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// The longest body that is collected, in bytes.
    public var maxUploadSize: Int { EdgeLimits().bodyBytesMax }

    /// The client's connection.
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
