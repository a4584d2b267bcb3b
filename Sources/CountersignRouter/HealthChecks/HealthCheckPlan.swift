package import CountersignRouting

/// Endpoints that are asked whether they are well, and how.
package struct HealthCheckPlan: Sendable, Hashable {
    /// The upstream or route that the endpoints are of, for metrics and logs.
    package var name: String
    /// The endpoints.
    package var endpoints: [Endpoint]
    /// What is asked for, with the host that it is asked of.
    package var path: String
    package var host: String
    /// How often, in nanoseconds.
    package var interval: UInt64
    /// Until when the head of an answer must have come, in nanoseconds.
    package var timeout: UInt64
    /// How many good answers in a row make an endpoint well again, and how many others make it unwell; 1 or more.
    package var healthyThreshold: Int
    package var unhealthyThreshold: Int
    /// The statuses of good answers.
    package var statuses: ClosedRange<Int>

    /// Makes a plan from its parts.
    package init(
        name: String,
        endpoints: [Endpoint],
        path: String,
        host: String,
        interval: UInt64,
        timeout: UInt64,
        healthyThreshold: Int,
        unhealthyThreshold: Int,
        statuses: ClosedRange<Int>
    ) {
        self.name = name
        self.endpoints = endpoints
        self.path = path
        self.host = host
        self.interval = interval
        self.timeout = timeout
        self.healthyThreshold = healthyThreshold
        self.unhealthyThreshold = unhealthyThreshold
        self.statuses = statuses
    }

    /// The request that asks.
    var request: [UInt8] {
        Array(
            """
            GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: countersign-health-check\r\nAccept: */*\r\n\
            Connection: close\r\n\r\n
            """.utf8
        )
    }
}
