import CountersignJSON

/// What a router says of itself when it begins to listen for routes, and to whoever greets it.
///
/// Who registers routes registers all of them at once when it hears this, and then in the interval that it asks for.
package struct RouterStart: Sendable, Equatable {
    /// A name of this router that no other has.
    package var id: String
    /// The addresses of this router.
    package var hosts: [String]
    /// The least number of seconds between two registrations of one endpoint.
    package var minimumRegisterInterval: Int
    /// After how many seconds without registration an endpoint is forgotten.
    package var pruneThreshold: Int

    /// Makes the message from its parts.
    package init(id: String, hosts: [String], minimumRegisterInterval: Int, pruneThreshold: Int) {
        self.id = id
        self.hosts = hosts
        self.minimumRegisterInterval = minimumRegisterInterval
        self.pruneThreshold = pruneThreshold
    }

    /// The message as JSON.
    package var bytes: [UInt8] {
        let document = JSONValue.object([
            .init("id", .string(id)), .init("hosts", .strings(hosts)),
            .init("minimumRegisterIntervalInSeconds", .number(Int64(minimumRegisterInterval))),
            .init("pruneThresholdInSeconds", .number(Int64(pruneThreshold))),
        ])
        return document.compactBytes
    }
}
