import CountersignGRPC

/// The methods that a server has, by their paths.
package struct GRPCMethods: Sendable {
    /// Answers the one message that a caller sends: with one, or with as many as it likes, until it finishes the call.
    ///
    /// Runs on the server's thread and must not block; the call may be kept and answered from any thread.
    package typealias SingleRequest = @Sendable (GRPCCall, [UInt8]) -> Void
    /// Takes a call whose caller sends any number of messages.
    package typealias RequestStream = @Sendable (GRPCCall) -> any GRPCRequestHandler

    enum Method {
        case single(SingleRequest)
        case stream(RequestStream)
    }

    private var methods: [String: Method] = [:]

    /// No methods.
    package init() {}

    /// Adds a method to which a caller sends one message.
    ///
    /// - Parameters:
    ///   - path: a slash, the service's full name, a slash, the method's name.
    ///   - answer: takes the message.
    package mutating func add(_ path: String, _ answer: @escaping SingleRequest) {
        methods[path] = .single(answer)
    }

    /// Adds a method to which a caller sends a stream of messages.
    package mutating func addStream(_ path: String, _ open: @escaping RequestStream) {
        methods[path] = .stream(open)
    }

    subscript(_ path: String) -> Method? { methods[path] }
}

/// Takes what a caller sends; all calls come on the server's thread and must not block.
package protocol GRPCRequestHandler: AnyObject {
    /// The next message.
    func receive(_ message: [UInt8])

    /// The caller sends no more.
    func requestEnded()
}

/// Waits for the one message that a caller sends, and for the end of its request.
final class SingleRequestHandler: GRPCRequestHandler {
    private let call: GRPCCall
    private let answer: GRPCMethods.SingleRequest
    private var message: [UInt8]?
    private var isDone = false

    init(_ call: GRPCCall, _ answer: @escaping GRPCMethods.SingleRequest) {
        self.call = call
        self.answer = answer
    }

    func receive(_ message: [UInt8]) {
        guard self.message == nil else {
            isDone = true
            call.finish(GRPCStatus(.internalError, "the method takes one message, and a second one came"))
            return
        }
        self.message = message
    }

    func requestEnded() {
        guard !isDone else { return }
        guard let message else {
            call.finish(GRPCStatus(.internalError, "the method takes one message, and none came"))
            return
        }
        answer(call, message)
    }
}
