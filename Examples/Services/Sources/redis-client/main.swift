import CountersignNIO
import NIOCore
import NIOPosix

// A client of Redis that asks it once. What follows is what `countersign infra params swift orders --host cache.internal` prints.

// swift-nio-ssl itself looks at no revocation list: this does, in each handshake, and shows the newest certificate.
// `try await source.run()` beside the rest of the program keeps it up to date.
let source = try IdentitySource.files(
    .agentDirectory("/var/lib/countersign", service: "orders")
)
let tls = ClientTLS(source, server: try .host("cache.internal"))

// And what a program makes of it. Clients that take a `ClientBootstrap`, as RediStack's pool does, are given such a one.
let answer = try await withThrowingTaskGroup { group in
    group.addTask { try await source.run() }
    defer { group.cancelAll() }
    let connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connect(host: "cache.internal", port: 6379) { channel in
            channel.eventLoop.makeCompletedFuture {
                try tls.addHandlers(to: channel, serverName: "cache.internal")
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await connection.executeThenClose { inbound, outbound in
        try await outbound.write(ByteBuffer(string: "PING\r\n"))
        for try await reply in inbound { return String(buffer: reply) }
        return "nothing"
    }
}
print(answer)
