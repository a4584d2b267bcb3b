import CountersignTLS
import Testing

@testable import CountersignRouter

/// The identity toward upstreams is exchanged as a whole.
@Suite struct UpstreamIdentityHolderTests {
    private func identity(_ byte: UInt8) -> UpstreamIdentity {
        UpstreamIdentity(identity: TLSIdentity(certificateChain: [[byte]], privateKey: []), notAfter: Int64(byte))
    }

    @Test func `each exchange begins an edition, and the same identity begins none`() {
        let holder = UpstreamIdentityHolder(identity(1))
        let first = holder.edition
        holder.replace(identity(1))
        #expect(holder.edition == first)
        holder.replace(identity(2))
        #expect(holder.edition != first)
        #expect(holder.presented.edition == holder.edition)
        #expect(holder.presented.identity?.notAfter == 2)
    }

    @Test func `an identity that is taken away is presented no more`() {
        let holder = UpstreamIdentityHolder(identity(1))
        let first = holder.edition
        holder.replace(nil)
        #expect(holder.presented.identity == nil && holder.edition != first)
    }
}
