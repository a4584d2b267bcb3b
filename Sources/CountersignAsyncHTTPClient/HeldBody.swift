#if AsyncHTTPClient
    import AsyncHTTPClient
    import CountersignService
    import NIOCore

    /// The body of a response whose client is used until it has been read to its end, or is let go.
    struct HeldBody: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        let body: HTTPClientResponse.Body
        let use: ClientUse<HTTPClient>

        struct AsyncIterator: AsyncIteratorProtocol {
            typealias Failure = any Error

            var iterator: HTTPClientResponse.Body.AsyncIterator
            let use: ClientUse<HTTPClient>

            mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> ByteBuffer? {
                do {
                    if let piece = try await iterator.next(isolation: actor) { return piece }
                } catch {
                    use.end()
                    throw error
                }
                use.end()
                return nil
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(iterator: body.makeAsyncIterator(), use: use) }
    }

    extension HTTPClientResponse {
        /// The response, whose client is used until the body has been read to its end, or is let go.
        func holding(_ use: ClientUse<HTTPClient>) -> HTTPClientResponse {
            var response = self
            response.body = .stream(HeldBody(body: body, use: use))
            return response
        }
    }
#endif
