import NIOCore
import NIOHTTP2

/// The frames beside requests and answers that a client may send.
///
/// Clients of gRPC in Go and Java measure the way to the server by a `PING` with nearly each answer, and reset the
/// streams of all calls whose time is over; the limits of the library are those of browsers, which do neither. A frame
/// costs some microseconds, and input is handed on in turns, so that a thousand of a kind in a second keep nobody waiting.
enum FrameLimits {
    private static let window = TimeAmount.seconds(1)
    private static let framesInWindow = 1000
    /// The streams that were reset by the server and of which frames may still be on their way: more than there can be
    /// at a time.
    private static let resetStreams = 256

    static let configuration: NIOHTTP2Handler.Configuration = {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.controlFrameRateLimit.maximumCount = framesInWindow
        configuration.connection.controlFrameRateLimit.windowLength = window
        configuration.stream.streamResetFrameRateLimit.maximumCount = framesInWindow
        configuration.stream.streamResetFrameRateLimit.windowLength = window
        configuration.connection.maximumRecentlyResetStreams = resetStreams
        return configuration
    }()
}
