import ArgumentParser
import Foundation
import Glibc

/// The client of a benchmark: sends requests over mutual TLS, checks every response, and reports as JSON.
@main
struct LoadGenerator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadgen",
        abstract: "Sends requests over mutual TLS or plain HTTP on one thread, checks every response, reports as JSON.",
        discussion: """
            With --wait it prints `ready` when every connection is open and warm, starts on a line from standard input, \
            prints the report, and keeps its connections until standard input ends: so whoever measures the server sees \
            nothing but the load.
            """
    )

    @Option(
        help: "What each request stands for: keepalive, handshake (a new connection each), resume (the same, resumed)."
    )
    var mode: LoadPlan.Mode = .keepalive

    @Option(help: "IPv4 address to connect to.")
    var address = "127.0.0.1"

    @Option(help: "Port to connect to.")
    var port: UInt16

    @Option(help: "Name for SNI and Host.")
    var host: String

    @Option(help: "Request target.")
    var path = "/"

    @Option(help: "Length that every response body must have.")
    var expectBytes = 100

    @Option(help: "Length of each request's body; 0 sends a GET, anything else a POST.")
    var uploadBytes = 0

    @Option(help: "Connections open at once.")
    var connections = 32

    @Option(help: "Connections to open at once beforehand, the next when these are answered; without it, all of them.")
    var opening: Int?

    @Option(help: "Speak HTTP/2, with so many requests under way on each connection at once (keepalive GET only).")
    var streams: Int?

    @Option(help: "Seconds to measure.")
    var seconds = 3.0

    @Option(help: "Seconds of the same load beforehand, not counted.")
    var warmup = 0.5

    @Option(
        help:
            "Requests a second to send whatever the server does (keepalive only); latency counts from when each was due."
    )
    var rate: Double?

    @Option(help: "PEM file of the roots that the server must chain to.")
    var roots: String?

    @Option(help: "PEM file of the client's certificate and intermediates.")
    var certificate: String?

    @Option(help: "PEM file of the client's private key.")
    var key: String?

    @Option(
        help:
            "PEM file of certificates of the same key, which connections present in turn for the first of --certificate."
    )
    var leaves: String?

    @Option(help: "File of hosts, one a line, which connections are for in turn in place of --host (keepalive only).")
    var hosts: String?

    @Flag(help: "Speak plain HTTP/1.1: what this program and a server reach by themselves (keepalive only).")
    var plain = false

    @Flag(help: "Wait for a line on standard input before measuring.")
    var wait = false

    func validate() throws {
        guard connections > 0, connections <= 20_000 else { throw ValidationError("--connections takes 1 to 20000") }
        guard opening ?? 1 > 0 else { throw ValidationError("--opening takes 1 or more") }
        guard seconds > 0, warmup >= 0 else { throw ValidationError("--seconds and --warmup take a time, in seconds") }
        if let streams {
            guard (1...100).contains(streams) else { throw ValidationError("--streams takes 1 to 100") }
            guard mode == .keepalive, rate == nil, uploadBytes == 0 else {
                throw ValidationError("--streams goes with GETs in --mode keepalive, and without --rate")
            }
        }
        if plain {
            guard mode == .keepalive, streams == nil else {
                throw ValidationError("--plain goes with --mode keepalive, and without --streams")
            }
        } else {
            guard roots != nil, certificate != nil, key != nil else {
                throw ValidationError("--roots, --certificate and --key are needed, or --plain")
            }
        }
        guard leaves == nil || mode != .resume else {
            throw ValidationError(
                "--leaves goes with new sessions: a ticket is for the certificate that it was given to"
            )
        }
        guard hosts == nil || mode == .keepalive && streams == nil else {
            throw ValidationError("--hosts goes with --mode keepalive, and without --streams")
        }
        guard rate == nil || mode == .keepalive else { throw ValidationError("--rate needs --mode keepalive") }
        if let rate, !(rate > 0 && rate <= 1_000_000) { throw ValidationError("--rate takes 1 to 1000000") }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let plan = LoadPlan(
            mode: mode,
            address: try IPv4Endpoint(address: address, port: port),
            targets: try askedHosts().map { Target(host: $0, path: path, uploadBytes: uploadBytes) },
            http2Request: HTTP2Request(host: host, path: path),
            expectedBytes: expectBytes,
            connections: connections,
            opening: min(opening ?? connections, connections),
            rate: rate,
            streams: streams
        )
        let load = try Load(plan: plan, tls: try security())
        try load.open()
        if warmup > 0 {
            try load.run(seconds: warmup)
            try load.settle()
        }
        let control = Control(waits: wait)
        guard control.announceReady() else { return }
        load.resetFigures()
        try load.run(seconds: seconds)
        try control.report(load.report())
        control.waitForEnd()
    }

    private func askedHosts() throws -> [String] {
        guard let hosts else { return [host] }
        let content: String
        do { content = try String(contentsOfFile: hosts, encoding: .utf8) } catch {
            throw LoadError("read the hosts '\(hosts)': \(error.localizedDescription)")
        }
        let names = content.split(whereSeparator: \.isNewline).map(String.init)
        guard !names.isEmpty else { throw LoadError("find hosts in '\(hosts)'") }
        return names
    }

    /// The client's side of mutual TLS; `nil` for plain HTTP.
    private func security() throws -> ClientTLS? {
        guard !plain, let roots, let certificate, let key else { return nil }
        return try ClientTLS(
            roots: roots,
            certificate: certificate,
            key: key,
            leaves: leaves,
            resumes: mode == .resume,
            speaksHTTP2: streams != nil
        )
    }
}
