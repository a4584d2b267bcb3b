/// What each event loop of a server is given.
struct ServerPlan: Sendable {
    let settings: HTTPServerSettings
    let tls: ServerTLS?
    let handler: HTTPServer.Handler
}
