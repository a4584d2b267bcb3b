/// An answer to a health probe.
package struct HealthReport: Sendable, Equatable {
    /// The media type of the body.
    package static var contentType: StaticString { "application/json" }

    /// The HTTP status: 200 when well, 503 when not.
    package let status: Int
    /// The JSON body, ending in a line feed.
    package let body: [UInt8]
}
