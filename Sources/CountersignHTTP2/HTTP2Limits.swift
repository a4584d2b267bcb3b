/// How much of one connection's peer is taken before a stream is refused or the connection is ended.
package struct HTTP2Limits: Equatable, Sendable {
    /// Streams of the peer that may be open at once (SETTINGS_MAX_CONCURRENT_STREAMS).
    package var maxConcurrentStreams = 100
    /// Content that a stream may have on the way or waiting, in bytes; from 65,535 to 2^31-1.
    package var streamWindow = 256 * 1024
    /// The same for all streams together, which bounds what a connection holds; from 65,535 to 2^31-1.
    package var connectionWindow = 1024 * 1024
    /// The size of a message's fields (SETTINGS_MAX_HEADER_LIST_SIZE), each counting 32 more than its bytes.
    package var maxHeaderListSize = 65_536
    /// The fields of a message.
    package var maxFields = 100
    /// The bytes of a header block as it is sent.
    package var maxHeaderBlockSize = 65_536
    /// CONTINUATION frames of one header block.
    package var maxContinuations = 16
    /// Resets, and requests that had to be reset, at once; as many a second are given back as ``resetsPerSecond``.
    package var resetBurst = 200
    /// Resets that are accepted each second in the long run.
    package var resetsPerSecond = 50
    /// PING, SETTINGS, PRIORITY and unknown frames at once.
    package var controlBurst = 500
    /// Control frames that are accepted each second in the long run.
    package var controlsPerSecond = 100
    /// Frames without content that end nothing, at once.
    package var emptyBurst = 100
    /// Empty frames that are accepted each second in the long run.
    package var emptiesPerSecond = 20
    /// WINDOW_UPDATE frames at once, beside those that the content sent gives reason for.
    package var windowUpdateBurst = 1000
    /// Such WINDOW_UPDATE frames that are accepted each second in the long run.
    package var windowUpdatesPerSecond = 200

    /// The pseudo-header fields of a request, which count among its fields.
    package static let pseudoFields = 4

    /// Makes the default limits.
    package init() {}
}
