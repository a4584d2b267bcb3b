package import CountersignHTTP1

/// Keeps a session of a backend with the instance that began it, by a cookie of the router's own beside the backend's.
///
/// As in GoRouter: a response that sets a cookie of one of the configured names gets `__VCAP_ID__` with the instance's id,
/// and a request with both goes to that instance, as long as it is there and well. The id is not secret and gives no right:
/// it chooses among the endpoints that the request may go to in any case.
package enum StickySession {
    /// The name of the router's cookie.
    static let cookieName: StaticString = "__VCAP_ID__"

    /// Where the id is of the instance that a request's session is with; `nil` without a session.
    ///
    /// - Parameters:
    ///   - plan: which cookies stand for sessions.
    ///   - fields: the scanned fields of the request.
    ///   - bytes: the bytes that they point into.
    package static func instance(
        in fields: [HeaderField],
        of bytes: UnsafeRawBufferPointer,
        _ plan: StickySessionPlan
    ) -> ByteRange? {
        guard !plan.cookieNames.isEmpty else { return nil }
        var id: ByteRange?
        var hasSession = false
        for field in fields where field.kind == .cookie {
            var rest = field.value
            while let pair = unsafe takePart(&rest, bytes) {
                if unsafe isEqual(pair.name, cookieName, bytes) {
                    id = pair.value
                } else if plan.cookieNames.contains(where: { unsafe isEqual(pair.name, $0, bytes) }) {
                    hasSession = true
                }
            }
        }
        guard hasSession, let id, !id.isEmpty else { return nil }
        return id
    }

    /// Where the value of a header is; `nil` when a request does not have it.
    ///
    /// - Parameters:
    ///   - header: its name in lower case.
    ///   - fields: the scanned fields of the request.
    ///   - bytes: the bytes that they point into.
    package static func value(
        of header: [UInt8],
        in fields: [HeaderField],
        of bytes: UnsafeRawBufferPointer
    ) -> ByteRange? {
        for field in fields where field.name.count == header.count && !field.value.isEmpty {
            let name = unsafe UnsafeRawBufferPointer(rebasing: bytes[field.name.start..<field.name.end])
            if unsafe name.elementsEqual(header, by: { $0.lowercased == $1 }) { return field.value }
        }
        return nil
    }

    /// The cookie that a response begins or goes on with a session by; `nil` when it needs none.
    ///
    /// - Parameters:
    ///   - fields: the scanned fields of the response.
    ///   - bytes: the bytes that they point into.
    ///   - plan: which cookies stand for sessions.
    ///   - hadSession: whether the request was of a session with another instance.
    package static func cookie(
        in fields: [HeaderField],
        of bytes: UnsafeRawBufferPointer,
        _ plan: StickySessionPlan,
        hadSession: Bool
    ) -> StickyCookie? {
        guard !plan.cookieNames.isEmpty else { return nil }
        var cookie = hadSession ? StickyCookie(isSecure: plan.isAlwaysSecure) : nil
        for field in fields where field.kind == .setCookie {
            var rest = field.value
            guard let pair = unsafe takePart(&rest, bytes) else { continue }
            // The backend says itself where the session is.
            if unsafe isEqual(pair.name, cookieName, bytes) { return nil }
            guard plan.cookieNames.contains(where: { unsafe isEqual(pair.name, $0, bytes) }) else { continue }
            var found = StickyCookie(isSecure: plan.isAlwaysSecure)
            while let attribute = unsafe takePart(&rest, bytes) {
                unsafe found.take(attribute.name, attribute.value, bytes)
            }
            cookie = found
        }
        return cookie
    }

    /// Takes the part before the next `;` off a range: what stands before its `=`, and behind it, without spaces around.
    private static func takePart(
        _ rest: inout ByteRange,
        _ bytes: UnsafeRawBufferPointer
    ) -> (name: ByteRange, value: ByteRange)? {
        guard rest.start < rest.end else { return nil }
        var end = rest.start
        while end < rest.end, unsafe bytes[end] != UInt8(ascii: ";") { end += 1 }
        var equals = rest.start
        while equals < end, unsafe bytes[equals] != UInt8(ascii: "=") { equals += 1 }
        let name = unsafe ByteRange(start: rest.start, end: equals).trimmed(in: bytes)
        let value = unsafe ByteRange(start: min(equals + 1, end), end: end).trimmed(in: bytes)
        rest.start = min(end + 1, rest.end)
        return (name, value)
    }

    /// Whether a range has this text, but for its case, which the text has none of.
    static func isName(_ range: ByteRange, _ text: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in letters.indices where unsafe bytes[range.start + index].lowercased != letters[index] {
                return false
            }
            return true
        }
    }

    private static func isEqual(_ range: ByteRange, _ text: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in letters.indices where unsafe bytes[range.start + index] != letters[index] { return false }
            return true
        }
    }

    private static func isEqual(_ range: ByteRange, _ text: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard range.count == text.count else { return false }
        for index in text.indices where unsafe bytes[range.start + index] != text[index] { return false }
        return true
    }
}
