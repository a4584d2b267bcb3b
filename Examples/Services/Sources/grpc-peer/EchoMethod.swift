import ArgumentParser
import GRPCCore

/// The methods of the service, one of each kind and those that go wrong; by these names the client is told to call them.
enum EchoMethod: String, CaseIterable, ExpressibleByArgument {
    /// Answers the message backwards.
    case unary = "Unary"
    /// Answers as many messages as the message says: their numbers from 0.
    case serverStream = "ServerStream"
    /// Answers what was sent, joined by commas.
    case clientStream = "ClientStream"
    /// Answers each message, with `re:` before it, as it comes.
    case both = "Both"
    /// Refuses with `FAILED_PRECONDITION` before anything else was answered.
    case fail = "Fail"
    /// Answers one message, then nothing more until the caller is gone.
    case hang = "Hang"
    /// Is not there.
    case unknown = "Unknown"

    var descriptor: MethodDescriptor {
        MethodDescriptor(service: ServiceDescriptor(fullyQualifiedService: "test.Echo"), method: rawValue)
    }
}
