package import CountersignHTTPClient
import CountersignJSON
import CountersignTransport

/// Calls of an outside CA: JSON over HTTP, tried again where that can help.
package struct SignerCall: Sendable {
    private let client: HTTPClient
    private let attempts: Int
    private let time: Duration
    private let pause: Duration

    /// - Parameters:
    ///   - client: of the outside CA.
    ///   - attempts: how often a call is made at most.
    ///   - time: for one attempt.
    ///   - pause: before the second attempt, twice as long before the third and so on.
    package init(_ client: HTTPClient, attempts: Int, time: Duration, pause: Duration = .milliseconds(100)) {
        self.client = client
        self.attempts = max(1, attempts)
        self.time = time
        self.pause = pause
    }

    /// An answer, whatever its status but those that say to come again.
    struct Answer {
        let status: Int
        /// The JSON of the answer; nil when it is none.
        let content: JSONValue?
    }

    /// Makes a call.
    ///
    /// Failures to connect, broken connections, and answers with 429, 502, 503 and 504 are tried again. A certificate that
    /// was made for an answer that got lost is known to nobody here; it ends by itself.
    ///
    /// - Throws: ``SignerFailure`` with `unreachable`.
    func make(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        _ content: JSONValue?
    ) throws(SignerFailure) -> Answer {
        let body = content.map { $0.compactBytes } ?? []
        let type: [(name: String, value: String)] = content == nil ? [] : [("Content-Type", "application/json")]
        var last = SignerFailure(.unreachable, "the outside CA was not called")
        for attempt in 0..<attempts {
            if attempt > 0 { _ = SystemSemaphore().wait(upTo: pause * (1 << min(attempt - 1, 6))) }
            do {
                let path = client.endpoint.basePath + path
                let answer = try client.request(method, path, fields: fields + type, body: body, within: time)
                guard [429, 502, 503, 504].contains(answer.status) else {
                    return Answer(status: answer.status, content: try? JSONValue(parsing: answer.body))
                }
                last = SignerFailure(.unreachable, "the outside CA answers with status \(answer.status)")
            } catch {
                last = SignerFailure(.unreachable, "the outside CA cannot be called: \(error)")
                guard Self.mayHelp(error) else { throw last }
            }
        }
        throw last
    }

    private static func mayHelp(_ error: HTTPClientError) -> Bool {
        switch error.code {
        case .unresolvable, .refused, .unreachable, .timeout, .connectionLost, .tlsFailed: true
        default: false
        }
    }
}
