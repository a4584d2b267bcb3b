#if Hummingbird
    public import CountersignMiddleware
    import CountersignIdentity
    import CountersignNIO
    import HTTPTypes
    public import Hummingbird
    import Logging
    import NIOCore

    /// Lets requests through that ``InboundAuthentication`` accepts, with the caller in their context, and answers the others.
    ///
    /// The certificate is that of the connection where TLS ends in this process (`HTTPServerBuilder` with
    /// `countersign`), or the one that a trusted proxy forwards. The connection's is judged again for each request, so that a
    /// revocation or the end of its time reaches connections that are open.
    public struct InboundMiddleware<Context: CallerContext>: RouterMiddleware {
        private let authentication: InboundAuthentication
        private let audit: @Sendable (InboundAudit) async -> Bool

        /// Makes the middleware.
        ///
        /// - Parameters:
        ///   - authentication: judges requests.
        ///   - audit: keeps each decision before it takes effect, such as `InboundAuditTrail.keeps` does; what it throws away is lost.
        ///     A request is refused with 503 when it answers false.
        public init(
            _ authentication: InboundAuthentication,
            audit: @escaping @Sendable (InboundAudit) async -> Bool = { _ in true }
        ) {
            self.authentication = authentication
            self.audit = audit
        }

        /// Judges a request, and passes it on or answers it.
        ///
        /// - Parameters:
        ///   - request: the request.
        ///   - context: its context.
        ///   - next: what comes behind.
        public func handle(
            _ request: Request,
            context: Context,
            next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            let peer = try await context.channel.countersignPeer().get()
            let call = InboundCall(
                address: Self.address(of: context.channel),
                method: request.method.rawValue,
                host: request.head.authority ?? "",
                target: request.head.path ?? "/",
                client: peer?.judgedNow(),
                shown: peer?.verified,
                fieldNames: request.headers.map(\.name.rawName),
                values: { name in HTTPField.Name(name).map { request.headers[values: $0] } ?? [] }
            )
            let (result, event) = authentication.authenticate(call)
            guard await audit(event) else { return Self.answer(.auditUnavailable) }
            switch result {
            case .success(let caller):
                if let waived = caller.waived {
                    context.logger.warning(
                        "request let through, as mutual TLS is not enforced",
                        metadata: ["reason": .string(waived)]
                    )
                }
                var context = context
                context.caller = caller
                return try await next(removingForeignFields(of: request, from: call.address), context)
            case .failure(let refusal):
                context.logger.info("request refused", metadata: ["reason": .string(refusal.code)])
                return Self.answer(refusal)
            }
        }

        /// What a client says of callers and certificates by itself is no business of the routes.
        private func removingForeignFields(of request: Request, from address: IPAddress?) -> Request {
            var head = request.head
            head.headerFields.removeAll { authentication.isForeign($0.name.rawName, from: address) }
            return Request(head: head, body: request.body)
        }

        private static func address(of channel: any Channel) -> IPAddress? {
            let address = channel.remoteAddress ?? channel.parent?.remoteAddress
            return address?.ipAddress.flatMap { try? IPAddress(parsing: $0) }
        }

        private static func answer(_ refusal: InboundRefusal) -> Response {
            var headers: HTTPFields = [.contentType: InboundRefusal.contentType, .cacheControl: "no-store"]
            // Who shows more is served no sooner when the service is what fails.
            if refusal.status < 500 { headers[.wwwAuthenticate] = refusal.challenge }
            return Response(
                status: HTTPResponse.Status(code: refusal.status),
                headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: refusal.body))
            )
        }
    }
#endif
