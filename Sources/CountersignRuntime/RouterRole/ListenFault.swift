import CountersignTransport

/// An address that cannot be listened on, with the key of the configuration that names it.
struct ListenFault: Error, CustomStringConvertible {
    private let key: String
    private let fault: SystemError

    var description: String { "\(key): \(fault)" }

    /// What `start` gives; its error, when it is about an address, as one of the key.
    static func naming<Value>(_ key: String, _ start: () throws -> Value) throws -> Value {
        do {
            return try start()
        } catch let fault as SystemError where fault.action.hasPrefix("listen on ") {
            throw ListenFault(key: key, fault: fault)
        }
    }
}
