import GRPCCore

/// What is called, with what, and when it is given up.
struct CallPlan: Sendable {
    var method: EchoMethod
    var metadata: Metadata
    var messages: [[UInt8]]
    /// Is sent `fillerCount` times after the messages.
    var filler: [UInt8]
    var fillerCount: Int
    var inTurn: Bool
    var timeout: Duration?
    var cancelAfter: Int?

    var options: CallOptions {
        var options = CallOptions.defaults
        options.timeout = timeout
        return options
    }

    /// The one message of the kinds that take one.
    var first: [UInt8] {
        messages.first ?? filler
    }
}
