/// Where revocations come from; a seam between following them and the protocol that carries them.
protocol RevocationSource: Sendable {
    /// Asks for a stream of what happens.
    ///
    /// - Parameters:
    ///   - sequence: The last event that is known; 0 asks for everything.
    ///   - epoch: The epoch that it is of; nil when nothing is known.
    /// - Throws: ``RevocationSourceError``.
    func stream(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> any RevocationStream

    /// Asks once for what has happened.
    ///
    /// - Throws: ``RevocationSourceError``.
    func poll(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> [UInt8]

    /// Ends what is under way on any thread, and all that would come.
    func close()
}

/// An open stream of lines.
protocol RevocationStream: Sendable {
    /// The next line; nil when the other side has ended the stream in order.
    ///
    /// - Parameter silence: How long nothing may come.
    /// - Throws: ``RevocationSourceError``.
    func nextLine(within silence: Duration) throws(RevocationSourceError) -> [UInt8]?

    /// Ends the stream, from any thread.
    func cancel()
}

/// Why nothing came from an authority.
struct RevocationSourceError: Error, Sendable, CustomStringConvertible {
    /// Whether the authority could be reached and does not offer what was asked for, so that another way is worth a try.
    let isRefusal: Bool
    let description: String
}
