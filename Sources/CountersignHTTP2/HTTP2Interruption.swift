/// Why a step of reading could not be finished; the typed error between the steps of this target.
enum HTTP2Interruption: Error {
    /// The bytes ended before the step did.
    case needMore
    /// The connection is over.
    case connection(HTTP2Violation)
    /// One stream is over; its number.
    case stream(UInt32, HTTP2Violation)
}
