/// Where the access log goes.
package enum AccessLogDestination: Sendable, Equatable {
    /// A file, made with mode 0640 when it is not there, appended to, and reopened on request; or a named pipe.
    case file(path: String)
    /// A descriptor that somebody else owns, such as standard output; it is never closed.
    case descriptor(Int32)
}
